using NcService.Core.Collapse;

namespace NcService.Web.Analyses;

/// <summary>What stands behind an analysis's measurements.</summary>
/// <param name="Distributions">Histograms over classes (norms, lognorms, variance, selfdual) and over pairs (cdnv, interference, logdist, logdist_uncentred).</param>
/// <param name="PrincipalShares">The share of the spread of class means along each of the first principal directions, decreasing.</param>
/// <param name="Intervals">95 % intervals of measurements estimated from a sample of pairs, by name; empty where all pairs were visited.</param>
/// <param name="Validation">The counts behind NC4; null where nothing was decided.</param>
/// <param name="Train">The same over training samples; null where nothing was decided.</param>
internal sealed record AnalysisBackground(
    IReadOnlyList<Distribution> Distributions, IReadOnlyList<double> PrincipalShares, IReadOnlyDictionary<string, ConfidenceInterval> Intervals,
    DecisionCounts? Validation, DecisionCounts? Train)
{
    /// <summary>The contract of what an analysis saved.</summary>
    public static AnalysisBackground From(CollapseDetails details) =>
        new(details.Distributions, details.PrincipalShares, details.Intervals, details.Validation, details.Train);
}

/// <summary>The measurements at the output of a block.</summary>
/// <param name="Layer">The block, from 1; the last one, seen through the final LayerNorm, is the analysis itself.</param>
/// <param name="Measurements">The values.</param>
internal sealed record LayerDetails(int Layer, IReadOnlyList<MeasurementValue> Measurements)
{
    /// <summary>The contract of a layer's measurements.</summary>
    public static LayerDetails From(LayerMeasurements layer) =>
        new(layer.Layer, [.. layer.Measurements.Select(measurement => new MeasurementValue(measurement.Name, measurement.Value, measurement.UndefinedReason))]);
}
