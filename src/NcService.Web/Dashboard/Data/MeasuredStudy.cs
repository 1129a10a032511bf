using NcService.Core.Collapse;
using NcService.Core.Statistics;
using NcService.Platform.Results;
using NcService.Web.Dashboard.Charts;

namespace NcService.Web.Dashboard.Data;

/// <summary>Runs that differ in nothing but the seed, as links name them.</summary>
/// <param name="Description">What they have in common, in few words.</param>
/// <param name="Runs">The measured runs.</param>
public sealed record SeedSet(string Description, IReadOnlyList<ResultRow> Runs)
{
    /// <summary>A stable name for links: the smallest run id.</summary>
    public long Key => Runs.Min(run => run.Id);
}

/// <summary>The measured runs of a study.</summary>
/// <param name="Runs">Runs that have at least one value.</param>
/// <param name="SeedGroups">Groups of three runs or more that differ in nothing but the seed, the largest first.</param>
public sealed record MeasuredStudy(IReadOnlyList<ResultRow> Runs, IReadOnlyList<SeedSet> SeedGroups)
{
    /// <summary>The outcome that figures use unless asked otherwise.</summary>
    public const string DefaultOutcome = "val_loss";

    /// <summary>Geometric measurements that some run has, in the catalogue's order.</summary>
    public IReadOnlyList<MeasurementDefinition> Measurements { get; } =
        [.. MeasurementCatalog.All.Where(definition => definition.Property != "generalisation" && Runs.Any(run => run.Value(definition.Name) is not null))];

    /// <summary>Outcomes that some run has.</summary>
    public IReadOnlyList<MeasurementDefinition> Outcomes { get; } =
        [.. MeasurementCatalog.All.Where(definition => definition.Property == "generalisation" && Runs.Any(run => run.Value(definition.Name) is not null))];

    /// <summary>Colours and shapes of its runs.</summary>
    public RunEncoding Encoding { get; } = new(Runs.Select(run => run.Width), Runs.Select(run => run.Depth));
}

/// <summary>One measurement against an outcome over a set of runs.</summary>
/// <param name="Definition">The measurement.</param>
/// <param name="Points">Runs with both values.</param>
/// <param name="Scale">The axes, on which the correlation was computed too.</param>
/// <param name="Result">The correlation.</param>
public sealed record Relation(MeasurementDefinition Definition, IReadOnlyList<PlotPoint> Points, AxisScale Scale, CorrelationResult Result)
{
    /// <summary>The fitted line in plot coordinates.</summary>
    public FitLine? Fit => Result is { Slope: { } slope, Intercept: { } intercept } ? new FitLine(slope, intercept) : null;

    /// <summary>Computes the relation, without the interval of r. Values that a logarithmic axis cannot show are left out.</summary>
    public static Relation Of(MeasurementDefinition definition, IEnumerable<ResultRow> runs, string outcome, AxisScale scale)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(scale);
        var points = runs.Select(run => new PlotPoint(run.Id, run.Name, run.Width, run.Depth, run.Value(definition.Name) ?? double.NaN, run.Value(outcome) ?? double.NaN))
            .Where(scale.Shows).ToList();
        return new Relation(definition, points, scale, Compute(points, scale, interval: false));
    }

    /// <summary>The same with the interval of r, whose bootstrap takes its time.</summary>
    public Relation WithInterval() => this with { Result = Compute(Points, Scale, interval: true) };

    private static CorrelationResult Compute(IReadOnlyList<PlotPoint> points, AxisScale scale, bool interval) =>
        Correlation.Compute([.. points.Select(point => scale.X(point.X))], [.. points.Select(point => scale.Y(point.Y))], interval: interval);
}
