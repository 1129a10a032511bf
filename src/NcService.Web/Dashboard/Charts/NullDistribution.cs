using System.Text.Json;

namespace NcService.Web.Dashboard.Charts;

/// <summary>The null distribution of r as the store keeps it.</summary>
/// <param name="Lower">Lower end of the first bin.</param>
/// <param name="Upper">Upper end of the last bin.</param>
/// <param name="Counts">Permutations in each bin.</param>
public sealed record NullDistribution(double Lower, double Upper, IReadOnlyList<long> Counts)
{
    private static readonly JsonSerializerOptions s_format = new(JsonSerializerDefaults.Web);

    /// <summary>Reads the JSON of a test's row; null where there is none.</summary>
    public static NullDistribution? Parse(string? json) =>
        string.IsNullOrEmpty(json) || JsonSerializer.Deserialize<NullDistribution>(json, s_format) is not { Counts.Count: > 0 } parsed ? null : parsed;
}
