using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Collapse;
using NcService.Core.Statistics;
using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Platform.Results;

/// <summary>How one measurement goes with an outcome over a set of runs.</summary>
/// <param name="Measurement">Its name.</param>
/// <param name="Correlation">Pearson, Spearman, the fitted line and the interval.</param>
public sealed record MeasurementCorrelation(string Measurement, CorrelationResult Correlation);

/// <summary>Reads a study's results and relates them.</summary>
public sealed class StudyResults(IDbContextFactory<NcServiceContext> contexts)
{
    /// <summary>Fewest runs that make a seed group.</summary>
    public const int SmallestSeedGroup = 3;

    private const int MostKept = 8;

    private readonly ConcurrentDictionary<long, (ResultStamp Stamp, ResultTable Table)> kept = new();

    /// <summary>The runs of a study, each with its latest analysis that has succeeded; the same object as long as they are as they were.</summary>
    /// <exception cref="InputException">There is no such study.</exception>
    public async Task<ResultTable> LoadAsync(long studyId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        // Before the rows are read: what changes while they are is seen the next time.
        var stamp = await ResultStamp.ReadAsync(context, studyId, cancellationToken);
        if (kept.TryGetValue(studyId, out var known) && known.Stamp == stamp) return known.Table;
        var table = await LoadAsync(context, studyId, cancellationToken);
        if (kept.Count >= MostKept) kept.Clear();
        kept[studyId] = (stamp, table);
        return table;
    }

    /// <summary>Correlation of every measurement with an outcome, in the order of the catalog.</summary>
    /// <param name="rows">The runs to correlate over; those without either value are left out, and named in the result.</param>
    /// <param name="outcome">Usually <c>val_loss</c>.</param>
    /// <param name="measurements">Only these; all that the rows have without it.</param>
    public static IReadOnlyList<MeasurementCorrelation> Correlations(IReadOnlyList<ResultRow> rows, string outcome, IReadOnlyList<string>? measurements = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var y = new Variable(outcome, Column(rows, outcome));
        return [.. (measurements ?? MeasurementNames(rows)).Select(name => new MeasurementCorrelation(name, Correlation.Compute(new Variable(name, Column(rows, name)), y)))];
    }

    /// <summary>Groups of at least three runs that differ in nothing but the seed; a run that repeats another in every value is in none.</summary>
    public static IReadOnlyList<SeedGroup> SeedGroups(ResultTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return [.. RunSample.Of(table.Rows).Rows
            .GroupBy(row => (row.Depth, row.Width, row.Epochs, row.WeightDecay, Checkpoint: row.Imported ? RunName.TryParse(row.Name)?.Checkpoint : null))
            .Where(group => group.Key.Width > 0 && group.Count() >= SmallestSeedGroup)
            .Select(group => new SeedGroup(DescribeSeedGroup(group.Count(), group.Key.Depth, group.Key.Width, group.Key.Epochs, group.Key.WeightDecay), [.. group]))];
    }

    /// <summary>A seed group in words.</summary>
    internal static string DescribeSeedGroup(int count, int depth, int width, int epochs, double? weightDecay) =>
        $"{count} runs that differ in nothing but the seed: {depth} {(depth == 1 ? "layer" : "layers")}, d = {width}, "
        + $"{epochs} {(epochs == 1 ? "epoch" : "epochs")}" + (weightDecay is { } decay ? FormattableString.Invariant($", weight decay {decay}") : "");

    /// <summary>A column of the rows' values; NaN where there is none.</summary>
    public static double[] Column(IReadOnlyList<ResultRow> rows, string name)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return [.. rows.Select(row => row.Value(name) ?? double.NaN)];
    }

    internal static async Task<ResultTable> LoadAsync(NcServiceContext context, long studyId, CancellationToken cancellationToken)
    {
        var study = await context.Studies.AsNoTracking().SingleOrDefaultAsync(study => study.Id == studyId, cancellationToken)
            ?? throw new InputException($"There is no study {studyId}.");
        var runs = await context.Runs.AsNoTracking().Where(run => run.StudyId == studyId).OrderBy(run => run.Id).ToListAsync(cancellationToken);
        var measured = await MeasuredAsync(context, studyId, cancellationToken);
        var rows = runs.Select(run => Row(run, measured.GetValueOrDefault(run.Id) ?? [])).ToList();
        var outcomes = MeasurementCatalog.GeneralisationNames.Where(name => rows.Any(row => row.Value(name) is not null)).ToList();
        return new ResultTable(studyId, study.Name, MeasurementNames(rows), outcomes, rows);
    }

    /// <summary>The measurements of each run's latest analysis that has any, by run: read row by row, as ten thousand runs have hundreds of thousands.</summary>
    private static async Task<Dictionary<long, List<MeasurementRow>>> MeasuredAsync(NcServiceContext context, long studyId, CancellationToken cancellationToken)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var latest = new Dictionary<long, List<MeasurementRow>>();
        var rows = context.Analyses.Where(analysis => analysis.Run!.StudyId == studyId)
            .SelectMany(analysis => analysis.Measurements, (analysis, row) => new { RunId = analysis.RunId!.Value, row.AnalysisId, row.Name, row.Value, row.UndefinedReason });
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (!latest.TryGetValue(row.RunId, out var known) || known[0].AnalysisId < row.AnalysisId) latest[row.RunId] = known = [];
            else if (known[0].AnalysisId > row.AnalysisId) continue;
            if (!names.TryGetValue(row.Name, out var name)) names[row.Name] = name = row.Name;
            known.Add(new MeasurementRow { AnalysisId = row.AnalysisId, Name = name, Value = row.Value, UndefinedReason = row.UndefinedReason });
        }
        return latest;
    }

    private static List<string> MeasurementNames(IReadOnlyList<ResultRow> rows)
    {
        var present = rows.SelectMany(row => row.Values.Keys).ToHashSet();
        var known = MeasurementCatalog.All.Select(definition => definition.Name).ToList();
        return [.. known.Except(MeasurementCatalog.GeneralisationNames).Where(present.Contains), .. present.Except(known).Order(StringComparer.Ordinal)];
    }

    private static ResultRow Row(Run run, List<MeasurementRow> measurements)
    {
        var values = new Dictionary<string, double?>();
        Add("val_loss", run.ValidationLoss);
        Add("perplexity", run.ValidationLoss is { } loss ? Math.Exp(loss) : null);
        Add("val_accuracy", run.ValidationAccuracy);
        Add("train_loss", run.TrainLoss);
        foreach (var measurement in measurements) values[measurement.Name] = measurement.Value;
        return new ResultRow
        {
            Id = run.Id,
            Name = run.Name,
            Width = run.Width,
            Depth = run.Depth,
            Epochs = run.Epochs,
            WeightDecay = run.WeightDecay,
            Seed = run.Seed,
            ParameterCount = run.ParameterCount,
            Imported = run.Imported,
            Values = values,
            UndefinedReasons = measurements
                .Where(measurement => measurement.UndefinedReason is not null)
                .ToDictionary(measurement => measurement.Name, measurement => measurement.UndefinedReason!),
        };

        void Add(string name, double? value)
        {
            if (value is not null) values[name] = value;
        }
    }
}
