using System.Text.Json;
using System.Text.Json.Serialization;

namespace NcService.Web.Hosting;

/// <summary>Reads what the store keeps as JSON; the API writes the same types in its own manner.</summary>
internal static class StoredJson
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    /// <summary>The stored value; null where there is none.</summary>
    public static T? Read<T>(string? json)
        where T : class => json is null ? null : JsonSerializer.Deserialize<T>(json, s_options);
}
