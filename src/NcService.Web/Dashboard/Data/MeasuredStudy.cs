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
/// <param name="Table">All runs of the study, as the API relates them.</param>
public sealed record MeasuredStudy(IReadOnlyList<ResultRow> Runs, IReadOnlyList<SeedSet> SeedGroups, ResultTable Table)
{
    /// <summary>The outcome that figures use unless asked otherwise.</summary>
    public const string DefaultOutcome = "val_loss";

    /// <summary>Geometric measurements that some run has, in the catalogue's order.</summary>
    public IReadOnlyList<MeasurementDefinition> Measurements { get; } =
        [.. MeasurementCatalog.All.Where(definition => definition.Property != "generalisation" && Runs.Any(run => run.Value(definition.Name) is not null))];

    /// <summary>Outcomes that some run has.</summary>
    public IReadOnlyList<MeasurementDefinition> Outcomes { get; } =
        [.. MeasurementCatalog.All.Where(definition => definition.Property == "generalisation" && Runs.Any(run => run.Value(definition.Name) is not null))];

    /// <summary>Names of its runs by id.</summary>
    public IReadOnlyDictionary<long, string> Names { get; } = Runs.ToDictionary(run => run.Id, run => run.Name);

    /// <summary>The outcome of a name, else the usual one, else the first that there is; null where there is none.</summary>
    public MeasurementDefinition? OutcomeOf(string? name) =>
        Outcomes.FirstOrDefault(definition => definition.Name == name) ?? Outcomes.FirstOrDefault(definition => definition.Name == DefaultOutcome) ?? (Outcomes.Count > 0 ? Outcomes[0] : null);

    /// <summary>Colours and shapes of its runs.</summary>
    public RunEncoding Encoding { get; } = new(Runs.Select(run => run.Width), Runs.Select(run => run.Depth));
}

/// <summary>One measurement against an outcome over a set of runs.</summary>
/// <param name="Definition">The measurement.</param>
/// <param name="Points">Runs with both values, as the axes show them.</param>
/// <param name="Scale">The axes, on which the correlation was computed too.</param>
/// <param name="Result">The correlation.</param>
public sealed record Relation(MeasurementDefinition Definition, IReadOnlyList<PlotPoint> Points, AxisScale Scale, CorrelationResult Result)
{
    /// <summary>The fitted line in plot coordinates, log10 of values on a logarithmic axis; null with something held fixed.</summary>
    public FitLine? Fit => Result is not { Slope: { } slope, Intercept: { } intercept } ? null
        : new FitLine(slope * (Scale.LogX ? s_ln10 : 1) / (Scale.LogY ? s_ln10 : 1), intercept / (Scale.LogY ? s_ln10 : 1));

    private static readonly double s_ln10 = Math.Log(10);

    /// <summary>Computes the relation, without the bootstrap interval of r. Values that an axis cannot show are left out.</summary>
    /// <param name="definition">The measurement.</param>
    /// <param name="runs">The runs, each once.</param>
    /// <param name="outcome">Name of the outcome.</param>
    /// <param name="scale">The axes.</param>
    /// <param name="held">What is held fixed.</param>
    public static Relation Of(MeasurementDefinition definition, IReadOnlyList<ResultRow> runs, string outcome, AxisScale scale, HeldChoice held)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(scale);
        ArgumentNullException.ThrowIfNull(held);
        var factors = RunFactors.HeldFixed(runs, held.Covariates, held.Within);
        var (measured, result) = (new Variable(definition.Name, StudyResults.Column(runs, definition.Name)), new Variable(outcome, StudyResults.Column(runs, outcome)));
        var (x, y) = Transformations.Apply(measured, scale.OfX, result, scale.OfY, factors);
        var (acrossAxis, upAxis) = scale.Ranks ? (x, y) : (measured, result);
        var both = Enumerable.Range(0, runs.Count).Where(i => double.IsFinite(x.Values[i]) && double.IsFinite(y.Values[i]));
        var points = both.Select(i => new PlotPoint(runs[i].Id, runs[i].Name, runs[i].Width, runs[i].Depth, acrossAxis.Values[i], upAxis.Values[i])).ToList();
        return new Relation(definition, points, scale, held.IsNothing ? Correlation.Compute(x, y, interval: false) : Correlation.Partial(x, y, factors));
    }
}
