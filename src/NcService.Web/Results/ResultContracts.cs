using NcService.Core.Statistics;
using NcService.Platform.Results;

namespace NcService.Web.Results;

/// <summary>How measurements go with an outcome over runs of a study.</summary>
/// <param name="StudyId">The study.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="OutcomeAs">What was correlated: the outcome, or "ln" or "rank of" it.</param>
/// <param name="Covariates">What was held fixed, by regression residuals.</param>
/// <param name="Within">Settings in which runs had to agree to be compared.</param>
/// <param name="RunCount">Runs that the filters left, each once.</param>
/// <param name="Runs">What the runs have in common, in words; null where they differ in more than the seed.</param>
/// <param name="Rows">One row a measurement, in the order of the catalogue.</param>
public sealed record CorrelationTable(
    long StudyId, string Outcome, string OutcomeAs, IReadOnlyList<string> Covariates, IReadOnlyList<string> Within, int RunCount, string? Runs, IReadOnlyList<CorrelationRow> Rows);

/// <summary>How one measurement goes with the outcome.</summary>
/// <param name="Measurement">Its name.</param>
/// <param name="MeasurementAs">What was correlated: the measurement, or "ln" or "rank of" it.</param>
/// <param name="Count">Runs used, n.</param>
/// <param name="R">Pearson's r; with something held fixed the partial r.</param>
/// <param name="R2">r².</param>
/// <param name="Spearman">Spearman's ρ, which a logarithmic axis does not change; with something held fixed that of the residuals.</param>
/// <param name="Kendall">Kendall's τ-b, likewise.</param>
/// <param name="Slope">Slope of the least-squares line of the outcome on the measurement; null with something held fixed.</param>
/// <param name="Intercept">Intercept of that line; null with something held fixed.</param>
/// <param name="Interval95">95 % bootstrap interval of r; null with something held fixed or few runs.</param>
/// <param name="IntervalMethod">How that interval was made.</param>
/// <param name="FisherInterval95">95 % interval of r by Fisher's z; null with few runs.</param>
/// <param name="StrataCount">Strata that the runs fall into; null with nothing held fixed.</param>
/// <param name="LeftOutRunIds">Runs left out.</param>
/// <param name="LeftOut">Runs left out, each with its reason.</param>
/// <param name="Influence">What r would be without each run, the most influential first; null unless asked for.</param>
/// <param name="Reading">The result in plain words.</param>
/// <param name="UndefinedReason">Why numbers are null.</param>
public sealed record CorrelationRow(
    string Measurement,
    string MeasurementAs,
    int Count,
    double? R,
    double? R2,
    double? Spearman,
    double? Kendall,
    double? Slope,
    double? Intercept,
    Interval? Interval95,
    string? IntervalMethod,
    Interval? FisherInterval95,
    int? StrataCount,
    IReadOnlyList<long> LeftOutRunIds,
    IReadOnlyList<LeftOutRun> LeftOut,
    IReadOnlyList<RunInfluence>? Influence,
    Reading Reading,
    string? UndefinedReason);

/// <summary>What one run does to r.</summary>
/// <param name="RunId">The run.</param>
/// <param name="RWithout">r over the other runs; null where undefined.</param>
/// <param name="Change">r less that: what the run adds.</param>
/// <param name="UndefinedReason">Why r is undefined without the run.</param>
public sealed record RunInfluence(long RunId, double? RWithout, double? Change, string? UndefinedReason);

/// <summary>Runs that differ in nothing but the seed: the sets that a permutation test is about.</summary>
/// <param name="Description">What they have in common, in words.</param>
/// <param name="RunIds">The runs.</param>
/// <param name="Values">Mean and spread over the seeds, by measurement and outcome.</param>
public sealed record SeedGroupSummary(string Description, IReadOnlyList<long> RunIds, IReadOnlyDictionary<string, MeanAndSpread> Values);

/// <summary>Which measurements account for the outcome beyond the others, by forward selection.</summary>
/// <param name="StudyId">The study.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Covariates">What was held fixed, by regression.</param>
/// <param name="Within">Settings in which runs had to agree to be compared.</param>
/// <param name="Runs">What the runs have in common, in words; null where they differ in more than the seed.</param>
/// <param name="Count">Runs used, the same in every step.</param>
/// <param name="Steps">The steps, up to and with the first that is not significant.</param>
/// <param name="SetAside">Measurements that took no part, each with its reason.</param>
/// <param name="LeftOut">Runs left out, each with its reason.</param>
/// <param name="Reading">The table in plain words.</param>
public sealed record StepwiseTable(
    long StudyId,
    string Outcome,
    IReadOnlyList<string> Covariates,
    IReadOnlyList<string> Within,
    string? Runs,
    int Count,
    IReadOnlyList<StepwiseStep> Steps,
    IReadOnlyList<SetAside> SetAside,
    IReadOnlyList<LeftOutRun> LeftOut,
    Reading Reading);

/// <summary>How well a chosen set of measurements accounts for the outcome.</summary>
/// <param name="StudyId">The study.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Measurements">The measurements in the model.</param>
/// <param name="Covariates">What was held fixed, by regression.</param>
/// <param name="Within">Settings in which runs had to agree to be compared.</param>
/// <param name="Count">Runs used.</param>
/// <param name="R2">R².</param>
/// <param name="AdjustedR2">R² corrected for the number of measurements.</param>
/// <param name="LeaveOneOutR2">R² of predicting each run from the others.</param>
/// <param name="LeftOut">Runs left out, each with its reason.</param>
/// <param name="UndefinedReason">Why numbers are null.</param>
public sealed record RegressionModel(
    long StudyId,
    string Outcome,
    IReadOnlyList<string> Measurements,
    IReadOnlyList<string> Covariates,
    IReadOnlyList<string> Within,
    int Count,
    double? R2,
    double? AdjustedR2,
    double? LeaveOneOutR2,
    IReadOnlyList<LeftOutRun> LeftOut,
    string? UndefinedReason);

/// <summary>How quantities differ between two groups of runs.</summary>
/// <param name="StudyId">The study.</param>
/// <param name="By">What tells the groups apart.</param>
/// <param name="First">Value in the first group.</param>
/// <param name="Second">Value in the second group.</param>
/// <param name="Covariates">What was held fixed, by regression.</param>
/// <param name="Within">Settings in which runs had to agree to be compared.</param>
/// <param name="Rows">One row a quantity, the outcome first.</param>
public sealed record DifferenceTable(
    long StudyId, string By, string First, string Second, IReadOnlyList<string> Covariates, IReadOnlyList<string> Within, IReadOnlyList<DifferenceRow> Rows);

/// <summary>How one quantity differs between the groups.</summary>
/// <param name="Quantity">Its name.</param>
/// <param name="First">Mean and spread in the first group.</param>
/// <param name="Second">Mean and spread in the second group.</param>
/// <param name="Difference">Mean of the first less that of the second, what is held fixed taken out.</param>
/// <param name="RankBiserial">How much likelier a value of the first group is to exceed one of the second than the other way round.</param>
/// <param name="P">Permutation p of the difference.</param>
/// <param name="PAdjusted">p adjusted over the rows by Benjamini and Hochberg.</param>
/// <param name="PWestfallYoung">p adjusted over the rows by Westfall and Young.</param>
/// <param name="PInterval">95 % Monte-Carlo interval of p; null where exact.</param>
/// <param name="Permutations">Arrangements of the labels evaluated.</param>
/// <param name="Exact">Whether these were all there are.</param>
/// <param name="LeftOut">Runs left out, each with its reason.</param>
/// <param name="Reading">The difference in plain words.</param>
/// <param name="UndefinedReason">Why numbers are null.</param>
public sealed record DifferenceRow(
    string Quantity,
    MeanAndSpread First,
    MeanAndSpread Second,
    double? Difference,
    double? RankBiserial,
    double? P,
    double? PAdjusted,
    double? PWestfallYoung,
    Interval? PInterval,
    long Permutations,
    bool Exact,
    IReadOnlyList<LeftOutRun> LeftOut,
    Reading Reading,
    string? UndefinedReason)
{
    /// <summary>The contract of a difference over <paramref name="sample"/>.</summary>
    public static DifferenceRow From(DifferenceOfMeansResult result, string first, string second, RunSample sample) => new(
        result.Test.Measurement, result.First, result.Second, result.Difference, result.RankBiserial, result.Test.P, result.Test.PBenjaminiHochberg,
        result.Test.PWestfallYoung, result.Test.PInterval, result.Test.Permutations, result.Test.Exact, sample.LeftOut(result.Test.LeftOut),
        Reading.Of(result, first, second), result.Test.UndefinedReason);
}
