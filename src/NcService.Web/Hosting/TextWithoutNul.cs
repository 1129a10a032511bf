using System.Text.Json;
using System.Text.Json.Serialization;

namespace NcService.Web.Hosting;

/// <summary>Reads strings, and refuses NUL in them: no text needs it, and PostgreSQL cannot keep it.</summary>
internal sealed class TextWithoutNul : JsonConverter<string>
{
    /// <summary>What the fault says; <see cref="JsonFault"/> knows it.</summary>
    public const string Fault = "The value holds a NUL character.";

    /// <inheritdoc />
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String) throw new JsonException("The JSON value could not be converted to System.String. ");
        var text = reader.GetString();
        return text?.Contains('\0', StringComparison.Ordinal) == true ? throw new JsonException(Fault) : text;
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
