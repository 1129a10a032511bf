using System.Text.Json;

namespace NcService.Web.Dashboard.Data;

/// <summary>A run's training options as people read them.</summary>
internal static class TrainingSettings
{
    private static readonly (string Key, string Name)[] s_shown =
    [
        ("batchSize", "Batch"), ("learningRate", "Learning rate"), ("gradientClip", "Gradient clip"), ("precision", "Precision"), ("device", "Device"), ("maximumSteps", "Step limit"),
    ];

    /// <summary>Name and value of what <paramref name="json"/> says; empty where it says nothing.</summary>
    public static IReadOnlyList<(string Name, string Value)> Of(string? json)
    {
        if (string.IsNullOrEmpty(json)) return [];
        using var document = JsonDocument.Parse(json);
        var values = document.RootElement.EnumerateObject().ToDictionary(item => item.Name, item => item.Value, StringComparer.OrdinalIgnoreCase);
        return [.. s_shown.Where(item => values.TryGetValue(item.Key, out var value) && value.ValueKind != JsonValueKind.Null).Select(item => (item.Name, values[item.Key].ToString()))];
    }
}
