using System.Text.Json;
using NcService.Core.Statistics;
using NcService.Platform.Results;
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
/// <param name="Design">Its direction, what it holds fixed, and whether it may end early.</param>
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
    PermutationTestDesign Design,
    DateTime CreatedAt,
    long? JobId,
    IReadOnlyList<PermutationTestResultRow> Rows)
{
    /// <summary>The contract of a stored test, loaded with its job and rows.</summary>
    public static PermutationTestDetails From(PermutationTestReport report) => new(
        report.Id, report.StudyId, report.Job?.State ?? JobState.Succeeded, JsonSerializer.Deserialize<long[]>(report.RunIds) ?? [], report.Description,
        report.Outcome, report.Permutations, report.Seed, PermutationTestDesign.FromJson(report.Design), report.CreatedAt, report.JobId,
        [.. report.Rows.OrderBy(row => row.Measurement, StringComparer.Ordinal).Select(row => PermutationTestResultRow.From(row, report))]);
}

/// <summary>What to test.</summary>
internal sealed record PermutationTestRequest
{
    private const int MaximumRuns = 10_000;
    private const int MaximumMeasurements = 1_000;

    /// <summary>The runs; null takes the largest group of runs that differ in nothing but the seed, or with something held fixed all of the study.</summary>
    public IReadOnlyList<long>? RunIds { get; init; }

    /// <summary>The measurements; null or none tests all that the runs have.</summary>
    public IReadOnlyList<string>? Measurements { get; init; }

    /// <summary>The outcome that is permuted.</summary>
    public string Outcome { get; init; } = "val_loss";

    /// <summary>Permutations, B.</summary>
    public long Permutations { get; init; } = 10_000;

    /// <summary>Same seed, same p.</summary>
    public long Seed { get; init; }

    /// <summary>twoSided, greater (the measurement rises with the outcome) or less; choose it before looking at the data.</summary>
    public Alternative Alternative { get; init; }

    /// <summary>Settings to hold fixed by regression (Freedman and Lane): width, depth, epochs, weightDecay, logParameters.</summary>
    public IReadOnlyList<string>? Covariates { get; init; }

    /// <summary>Settings within which outcomes are exchanged: architecture, configuration, width, depth, epochs, weightDecay.</summary>
    public IReadOnlyList<string>? Within { get; init; }

    /// <summary>A level such as 0.05: the test may end before B once it is decided for every measurement on which side of it p lies.</summary>
    public double? DecideLevel { get; init; }

    /// <summary>What is asked beyond runs and B.</summary>
    internal PermutationTestDesign Design => new() { Alternative = Alternative, Covariates = Covariates ?? [], Within = Within ?? [], DecideLevel = DecideLevel };

    /// <summary>Checks the lengths of the lists; the rest is checked against the study.</summary>
    /// <exception cref="FieldException">A list is too long.</exception>
    public void Check()
    {
        if (RunIds?.Count > MaximumRuns) throw new FieldException("runIds", $"{RunIds.Count} runs are more than the {MaximumRuns} that can be named.");
        if (Measurements?.Count > MaximumMeasurements) throw new FieldException("measurements", $"{Measurements.Count} names are more than the {MaximumMeasurements} that can be given.");
        if (Measurements?.Any(name => name is null) ?? false) throw new FieldException("measurements", "A name is null.");
        if (Covariates?.Count > RunFactors.Covariates.Count) throw new FieldException("covariates", $"There are {RunFactors.Covariates.Count} covariates, not {Covariates.Count}.");
        if (Within?.Count > RunFactors.Strata.Count) throw new FieldException("within", $"There are {RunFactors.Strata.Count} settings, not {Within.Count}.");
        foreach (var name in Covariates?.Where(name => !RunFactors.Covariates.Contains(name)) ?? [])
            throw new FieldException("covariates", $"There is no covariate '{name}'; possible: {string.Join(", ", RunFactors.Covariates)}.");
        foreach (var name in Within?.Where(name => !RunFactors.Strata.Contains(name)) ?? [])
            throw new FieldException("within", $"Runs cannot be kept within '{name}'; possible: {string.Join(", ", RunFactors.Strata)}.");
        if (DecideLevel is <= 0 or >= 1) throw new FieldException("decideLevel", $"{DecideLevel} is not between 0 and 1.");
        if (Permutations is < 1 or > StudyLimits.MaximumPermutations)
            throw new FieldException("permutations", $"{Permutations} is not between 1 and {StudyLimits.MaximumPermutations} ({nameof(StudyLimits.MaximumPermutations)}).");
    }
}

/// <summary>The test of one measurement.</summary>
/// <param name="Measurement">Name of the measurement.</param>
/// <param name="Count">Runs used, n.</param>
/// <param name="R">Pearson's r; with something held fixed the partial r.</param>
/// <param name="R2">r².</param>
/// <param name="Spearman">Spearman's ρ, nothing held fixed.</param>
/// <param name="P">The p-value of the test's direction: one of the next three.</param>
/// <param name="PTwoSided">(1 + #{|r*| ≥ |r|}) / (B + 1), or the exact share where all arrangements were enumerated.</param>
/// <param name="PGreater">The same of r* ≥ r.</param>
/// <param name="PLess">The same of r* ≤ r.</param>
/// <param name="POneSided">The same in the observed direction.</param>
/// <param name="PAdjusted">p adjusted over the rows by Benjamini and Hochberg.</param>
/// <param name="PWestfallYoung">p adjusted over the rows by Westfall and Young's maximum over the same permutations.</param>
/// <param name="PLower">Lower end of the 95 % Monte-Carlo interval of p.</param>
/// <param name="PUpper">Upper end of that interval.</param>
/// <param name="Permutations">Permutations done.</param>
/// <param name="Exact">True where all distinct arrangements were enumerated.</param>
/// <param name="StoppedEarly">True where sampling ended early because the level was decided.</param>
/// <param name="StrataCount">Strata that the runs fall into; 1 without strata.</param>
/// <param name="LeftOut">Runs left out, each with its reason.</param>
/// <param name="Histogram">The null distribution of r.</param>
/// <param name="Reading">The test in plain words.</param>
/// <param name="UndefinedReason">Why values are null.</param>
internal sealed record PermutationTestResultRow(
    string Measurement,
    int Count,
    double? R,
    double? R2,
    double? Spearman,
    double? P,
    double? PTwoSided,
    double? PGreater,
    double? PLess,
    double? POneSided,
    double? PAdjusted,
    double? PWestfallYoung,
    double? PLower,
    double? PUpper,
    long Permutations,
    bool Exact,
    bool StoppedEarly,
    int StrataCount,
    IReadOnlyList<LeftOutRun> LeftOut,
    NullDistribution? Histogram,
    Reading Reading,
    string? UndefinedReason)
{
    /// <summary>The contract of a stored row of <paramref name="report"/>.</summary>
    public static PermutationTestResultRow From(PermutationTestRow row, PermutationTestReport report) => new(
        row.Measurement, row.Count, row.R, row.R2, row.Spearman, PermutationTestReading.P(row, report), row.PTwoSided, row.PGreater, row.PLess, row.POneSided,
        row.PAdjusted, row.PWestfallYoung, row.PLower, row.PUpper, row.Permutations, row.Exact, row.StoppedEarly, row.StrataCount,
        StoredJson.Read<LeftOutRun[]>(row.LeftOut) ?? [],
        row.Histogram is null ? null : JsonSerializer.Deserialize<NullDistribution>(row.Histogram, JsonSerializerOptions.Web), PermutationTestReading.Of(row, report), row.UndefinedReason);
}

/// <summary>A histogram of r over the permutations.</summary>
/// <param name="Lower">Lower end of the first bin.</param>
/// <param name="Upper">Upper end of the last bin.</param>
/// <param name="Counts">Permutations in each of the equally wide bins.</param>
internal sealed record NullDistribution(double Lower, double Upper, IReadOnlyList<long> Counts);
