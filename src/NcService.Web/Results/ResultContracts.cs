using NcService.Core.Statistics;
using NcService.Platform.Results;

namespace NcService.Web.Results;

/// <summary>How measurements go with an outcome over runs of a study.</summary>
/// <param name="StudyId">The study.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Covariates">What was held fixed, by regression residuals.</param>
/// <param name="RunCount">Runs that the filters left.</param>
/// <param name="Rows">One row a measurement, in the order of the catalogue.</param>
internal sealed record CorrelationTable(long StudyId, string Outcome, IReadOnlyList<string> Covariates, int RunCount, IReadOnlyList<CorrelationRow> Rows);

/// <summary>How one measurement goes with the outcome.</summary>
/// <param name="Measurement">Its name.</param>
/// <param name="Count">Runs used, n.</param>
/// <param name="R">Pearson's r; with covariates the partial r.</param>
/// <param name="R2">r².</param>
/// <param name="Spearman">Spearman's ρ, which a logarithmic axis does not change; with covariates that of the residuals.</param>
/// <param name="Slope">Slope of the least-squares line of the outcome on the measurement; null with covariates.</param>
/// <param name="Intercept">Intercept of that line; null with covariates.</param>
/// <param name="Interval95">95 % interval of r; null with covariates or few runs.</param>
/// <param name="IntervalMethod">How the interval was made.</param>
/// <param name="LeftOutRunIds">Runs left out because one of the values is missing.</param>
/// <param name="UndefinedReason">Why numbers are null.</param>
internal sealed record CorrelationRow(
    string Measurement,
    int Count,
    double? R,
    double? R2,
    double? Spearman,
    double? Slope,
    double? Intercept,
    Interval? Interval95,
    string? IntervalMethod,
    IReadOnlyList<long> LeftOutRunIds,
    string? UndefinedReason)
{
    /// <summary>The contract of a correlation over <paramref name="rows"/>.</summary>
    public static CorrelationRow From(string measurement, CorrelationResult result, IReadOnlyList<ResultRow> rows) => new(
        measurement, result.Count, result.R, result.R2, result.Spearman, result.Slope, result.Intercept, result.Interval95, result.IntervalMethod,
        [.. result.LeftOut.Select(row => rows[row].Id)], result.UndefinedReason);
}

/// <summary>Runs that differ in nothing but the seed: the sets that a permutation test is about.</summary>
/// <param name="Description">What they have in common, in words.</param>
/// <param name="RunIds">The runs.</param>
internal sealed record SeedGroupSummary(string Description, IReadOnlyList<long> RunIds);
