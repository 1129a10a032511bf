using System.Text.Json;
using System.Text.Json.Serialization;
using NcService.Core;
using NcService.Core.Statistics;

namespace NcService.Platform.Results;

/// <summary>What a permutation test asks, beyond which runs and how often: kept with its report as JSON.</summary>
public sealed record PermutationTestDesign
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>Which correlations count as extreme.</summary>
    public Alternative Alternative { get; init; }

    /// <summary>Settings held fixed by regression: names of <see cref="RunFactors.Covariates"/>.</summary>
    public IReadOnlyList<string> Covariates { get; init; } = [];

    /// <summary>Settings within which runs are exchanged: names of <see cref="RunFactors.Strata"/>.</summary>
    public IReadOnlyList<string> Within { get; init; } = [];

    /// <summary>A level at which sampling may end early once every p is decided against it.</summary>
    public double? DecideLevel { get; init; }

    /// <summary>Whether it is the plain test: two-sided, nothing held fixed, all permutations.</summary>
    [JsonIgnore]
    public bool IsPlain => Alternative == Alternative.TwoSided && Covariates.Count == 0 && Within.Count == 0 && DecideLevel is null;

    /// <summary>The text kept in the report.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>Reads the text kept in a report; without one the test is plain.</summary>
    public static PermutationTestDesign FromJson(string? json) =>
        json is null ? new PermutationTestDesign() : JsonSerializer.Deserialize<PermutationTestDesign>(json, Format) ?? new PermutationTestDesign();

    /// <summary>Refuses what cannot be done.</summary>
    /// <exception cref="InputException">A name is unknown, or the level is no probability.</exception>
    internal void Check()
    {
        RunFactors.HeldFixed([], Covariates, Within);
        if (DecideLevel is <= 0 or >= 1 or double.NaN) throw new InputException($"The level to decide, {DecideLevel}, must lie between 0 and 1.");
    }
}
