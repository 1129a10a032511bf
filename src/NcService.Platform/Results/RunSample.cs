using NcService.Core;
using NcService.Core.Statistics;

namespace NcService.Platform.Results;

/// <summary>A run that a result does not use.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record LeftOutRun(long RunId, string Reason);

/// <summary>Runs whose values are related: each run once, and what is known of the set in words.</summary>
public sealed class RunSample
{
    private RunSample(IReadOnlyList<ResultRow> rows, IReadOnlyList<LeftOutRun> repeated) => (Rows, Repeated) = (rows, repeated);

    /// <summary>The runs.</summary>
    public IReadOnlyList<ResultRow> Rows { get; }

    /// <summary>Runs that say the same as an earlier one in every value, and were left out for it.</summary>
    public IReadOnlyList<LeftOutRun> Repeated { get; }

    /// <summary>Leaves out runs that repeat another in every value, as a table that was joined twice has them.</summary>
    public static RunSample Of(IReadOnlyList<ResultRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var names = rows.SelectMany(row => row.Values.Keys).Distinct().ToList();
        var repeats = RepeatedRows.Find(names.ConvertAll(name => StudyResults.Column(rows, name)));
        var left = repeats.Select(repeat => repeat.Row).ToHashSet();
        return new RunSample(
            [.. rows.Where((_, row) => !left.Contains(row))],
            [.. repeats.Select(repeat => new LeftOutRun(rows[repeat.Row].Id, $"every value repeats run {rows[repeat.Of].Name}"))]);
    }

    /// <summary>A named column of the runs.</summary>
    public Variable Variable(string name) => new(name, StudyResults.Column(Rows, name));

    /// <summary>What is to be held fixed over these runs.</summary>
    /// <exception cref="InputException">A name is unknown.</exception>
    public HeldFixed HeldFixed(IReadOnlyList<string> covariates, IReadOnlyList<string> within) => RunFactors.HeldFixed(Rows, covariates, within);

    /// <summary>The runs that a result leaves out, repeated ones among them.</summary>
    public IReadOnlyList<LeftOutRun> LeftOut(IReadOnlyList<LeftOutRow> rows) =>
        [.. rows.Select(row => new LeftOutRun(Rows[row.Row].Id, row.Reason)), .. Repeated];

    /// <summary>What the runs have in common, in words; null where they differ in more than the seed.</summary>
    public string? Description => Rows.Count > 0 && Rows.Select(row => (row.Depth, row.Width, row.Epochs, row.WeightDecay)).Distinct().Count() == 1
        ? StudyResults.DescribeSeedGroup(Rows.Count, Rows[0].Depth, Rows[0].Width, Rows[0].Epochs, Rows[0].WeightDecay)
        : null;
}
