using NcService.Core.Statistics;

namespace NcService.Platform.Results;

/// <summary>The runs of a study with everything measured of them: what plots, correlations and tests are made from.</summary>
/// <param name="StudyId">The study.</param>
/// <param name="StudyName">Its name.</param>
/// <param name="Measurements">Names of the measurements that at least one run has a value of, in the catalog's order; then imported columns.</param>
/// <param name="Outcomes">Names of the outcomes that at least one run has, <c>val_loss</c> first.</param>
/// <param name="Rows">One row a run, in order of their ids.</param>
public sealed record ResultTable(
    long StudyId, string StudyName, IReadOnlyList<string> Measurements, IReadOnlyList<string> Outcomes, IReadOnlyList<ResultRow> Rows);

/// <summary>One run and what was measured of it.</summary>
public sealed record ResultRow
{
    /// <summary>The run.</summary>
    public required long Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Dimension d.</summary>
    public required int Width { get; init; }

    /// <summary>Blocks L.</summary>
    public required int Depth { get; init; }

    /// <summary>Epochs.</summary>
    public required int Epochs { get; init; }

    /// <summary>Weight decay; null where unknown.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Seed; null where unknown.</summary>
    public int? Seed { get; init; }

    /// <summary>Trainable parameters.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>True where it came from a table.</summary>
    public required bool Imported { get; init; }

    /// <summary>Measurements and outcomes by name; null where undefined.</summary>
    public required IReadOnlyDictionary<string, double?> Values { get; init; }

    /// <summary>Why a measurement is undefined, by name.</summary>
    public required IReadOnlyDictionary<string, string> UndefinedReasons { get; init; }

    /// <summary>A value, or null where it is undefined or was never measured.</summary>
    public double? Value(string name) => Values.GetValueOrDefault(name);
}

/// <summary>Runs that differ in nothing but the seed.</summary>
/// <param name="Description">What they have in common, in words.</param>
/// <param name="Rows">At least three runs.</param>
public sealed record SeedGroup(string Description, IReadOnlyList<ResultRow> Rows)
{
    /// <summary>Mean and spread over the seeds of each measurement and outcome of which the group has a value, by name.</summary>
    public IReadOnlyDictionary<string, MeanAndSpread> Spreads() => Rows.SelectMany(row => row.Values.Keys).Distinct()
        .Select(name => (Name: name, Spread: MeanAndSpread.Of(StudyResults.Column(Rows, name))))
        .Where(pair => pair.Spread.Count > 0).ToDictionary(pair => pair.Name, pair => pair.Spread);
}
