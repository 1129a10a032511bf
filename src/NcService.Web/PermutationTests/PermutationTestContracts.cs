using System.Text.Json;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using NcService.Web.Hosting;

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

/// <summary>What to test.</summary>
internal sealed record PermutationTestRequest
{
    private const int MaximumRuns = 10_000;
    private const int MaximumMeasurements = 1_000;

    /// <summary>The runs; null takes the largest group of runs that differ in nothing but the seed.</summary>
    public IReadOnlyList<long>? RunIds { get; init; }

    /// <summary>The measurements; null or none tests all that the runs have.</summary>
    public IReadOnlyList<string>? Measurements { get; init; }

    /// <summary>The outcome that is permuted.</summary>
    public string Outcome { get; init; } = "val_loss";

    /// <summary>Permutations, B.</summary>
    public long Permutations { get; init; } = 10_000;

    /// <summary>Same seed, same p.</summary>
    public long Seed { get; init; }

    /// <summary>Checks the lengths of the lists; the rest is checked against the study.</summary>
    /// <exception cref="FieldException">A list is too long.</exception>
    public void Check()
    {
        if (RunIds?.Count > MaximumRuns) throw new FieldException("runIds", $"{RunIds.Count} runs are more than the {MaximumRuns} that can be named.");
        if (Measurements?.Count > MaximumMeasurements) throw new FieldException("measurements", $"{Measurements.Count} names are more than the {MaximumMeasurements} that can be given.");
        if (Measurements?.Any(name => name is null) ?? false) throw new FieldException("measurements", "A name is null.");
        if (Permutations is < 1 or > StudyLimits.MaximumPermutations)
            throw new FieldException("permutations", $"{Permutations} is not between 1 and {StudyLimits.MaximumPermutations} ({nameof(StudyLimits.MaximumPermutations)}).");
    }
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
