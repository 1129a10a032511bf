using System.Text.Json.Nodes;

namespace NcService.Cli;

/// <summary>Numbers as JSON and as text for people.</summary>
internal static class Numbers
{
    /// <summary>A JSON number, or null where the value is undefined: JSON has no NaN.</summary>
    public static JsonNode? Json(double? value) => value is { } number && double.IsFinite(number) ? JsonValue.Create(number) : null;

    /// <summary>The value with some significant digits, or a dash where it is undefined.</summary>
    public static string Text(double? value, int digits = 6) =>
        value is { } number && double.IsFinite(number) ? number.ToString($"G{digits}") : "–";
}
