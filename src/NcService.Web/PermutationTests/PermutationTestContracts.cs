using System.Text.Json;
using NcService.Platform.Store;

namespace NcService.Web.PermutationTests;

/// <summary>Permutation tests of several measurements against one outcome, over one set of runs.</summary>
/// <param name="Id">Identity.</param>
/// <param name="StudyId">The study whose runs are tested.</param>
/// <param name="State">Where its job stands.</param>
/// <param name="RunIds">The runs tested.</param>
/// <param name="Description">What the set of runs is, in words.</param>
/// <param name="Outcome">The outcome that is permuted.</param>
/// <param name="Permutations">Permutations asked for, B.</param>
/// <param name="Seed">Seed of the permutations.</param>
/// <param name="CreatedAt">When it was asked for (UTC).</param>
/// <param name="JobId">The job that computes it.</param>
/// <param name="Rows">One row a measurement; empty until it has succeeded.</param>
internal sealed record PermutationTestDetails(
    long Id,
    long StudyId,
    JobState State,
    IReadOnlyList<long> RunIds,
    string Description,
    string Outcome,
    long Permutations,
    long Seed,
    DateTime CreatedAt,
    long? JobId,
    IReadOnlyList<PermutationTestResultRow> Rows)
{
    /// <summary>The contract of a stored test, loaded with its job and rows.</summary>
    public static PermutationTestDetails From(PermutationTestReport report) => new(
        report.Id, report.StudyId, report.Job?.State ?? JobState.Succeeded, JsonSerializer.Deserialize<long[]>(report.RunIds) ?? [], report.Description,
        report.Outcome, report.Permutations, report.Seed, report.CreatedAt, report.JobId,
        [.. report.Rows.OrderBy(row => row.Measurement, StringComparer.Ordinal).Select(PermutationTestResultRow.From)]);
}

/// <summary>The test of one measurement.</summary>
/// <param name="Measurement">Name of the measurement.</param>
/// <param name="Count">Runs with both values, n.</param>
/// <param name="R">Pearson's r.</param>
/// <param name="R2">r².</param>
/// <param name="Spearman">Spearman's ρ.</param>
/// <param name="PTwoSided">(1 + #{|r*| ≥ |r|}) / (B + 1), or the exact share where all permutations were enumerated.</param>
/// <param name="POneSided">The same in the observed direction.</param>
/// <param name="PAdjusted">Two-sided p adjusted over the rows by Benjamini and Hochberg.</param>
/// <param name="PLower">Lower end of the 95 % Monte-Carlo interval of the two-sided p.</param>
/// <param name="PUpper">Upper end of that interval.</param>
/// <param name="Permutations">Permutations done.</param>
/// <param name="Exact">True where all n! permutations were enumerated.</param>
/// <param name="Histogram">The null distribution of r.</param>
/// <param name="UndefinedReason">Why values are null.</param>
internal sealed record PermutationTestResultRow(
    string Measurement,
    int Count,
    double? R,
    double? R2,
    double? Spearman,
    double? PTwoSided,
    double? POneSided,
    double? PAdjusted,
    double? PLower,
    double? PUpper,
    long Permutations,
    bool Exact,
    NullDistribution? Histogram,
    string? UndefinedReason)
{
    /// <summary>The contract of a stored row.</summary>
    public static PermutationTestResultRow From(PermutationTestRow row) => new(
        row.Measurement, row.Count, row.R, row.R2, row.Spearman, row.PTwoSided, row.POneSided, row.PAdjusted, row.PLower, row.PUpper, row.Permutations, row.Exact,
        row.Histogram is null ? null : JsonSerializer.Deserialize<NullDistribution>(row.Histogram, JsonSerializerOptions.Web), row.UndefinedReason);
}

/// <summary>A histogram of r over the permutations.</summary>
/// <param name="Lower">Lower end of the first bin.</param>
/// <param name="Upper">Upper end of the last bin.</param>
/// <param name="Counts">Permutations in each of the equally wide bins.</param>
internal sealed record NullDistribution(double Lower, double Upper, IReadOnlyList<long> Counts);
