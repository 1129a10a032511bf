namespace NcService.Platform.Store;

/// <summary>Permutation tests of several measurements against one outcome, over one set of runs, from one seed.</summary>
public sealed class PermutationTestReport
{
    /// <summary>Identity, made by the store.</summary>
    public long Id { get; set; }

    /// <summary>The study whose runs are tested.</summary>
    public long StudyId { get; set; }

    /// <summary>The study whose runs are tested.</summary>
    public Study? Study { get; set; }

    /// <summary>The runs tested, as a JSON array of run ids.</summary>
    public required string RunIds { get; set; }

    /// <summary>What the set of runs is, in words, such as "8 runs that differ in nothing but the seed: 2 layers, d = 64".</summary>
    public required string Description { get; set; }

    /// <summary>The outcome that is permuted, usually <c>val_loss</c>.</summary>
    public required string Outcome { get; set; }

    /// <summary>Permutations asked for, B.</summary>
    public long Permutations { get; set; }

    /// <summary>Seed of the permutations.</summary>
    public long Seed { get; set; }

    /// <summary>When it was asked for (UTC).</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>The job that computes it.</summary>
    public long? JobId { get; set; }

    /// <summary>The job that computes it.</summary>
    public Job? Job { get; set; }

    /// <summary>One row a measurement; empty until the job has succeeded.</summary>
    public List<PermutationTestRow> Rows { get; } = [];
}

/// <summary>The test of one measurement. Key: report and measurement.</summary>
public sealed class PermutationTestRow
{
    /// <summary>The report it belongs to.</summary>
    public long ReportId { get; set; }

    /// <summary>Name of the measurement.</summary>
    public required string Measurement { get; set; }

    /// <summary>Runs with both values, n.</summary>
    public int Count { get; set; }

    /// <summary>Pearson's r; null where undefined.</summary>
    public double? R { get; set; }

    /// <summary>r².</summary>
    public double? R2 { get; set; }

    /// <summary>Spearman's ρ.</summary>
    public double? Spearman { get; set; }

    /// <summary>(1 + #{|r*| ≥ |r|}) / (B + 1), or the exact share where all permutations were enumerated.</summary>
    public double? PTwoSided { get; set; }

    /// <summary>The same in the observed direction.</summary>
    public double? POneSided { get; set; }

    /// <summary>Two-sided p adjusted over the report's rows by Benjamini and Hochberg.</summary>
    public double? PAdjusted { get; set; }

    /// <summary>Lower end of the 95 % Monte-Carlo interval of the two-sided p.</summary>
    public double? PLower { get; set; }

    /// <summary>Upper end of that interval.</summary>
    public double? PUpper { get; set; }

    /// <summary>Permutations done.</summary>
    public long Permutations { get; set; }

    /// <summary>True where all n! permutations were enumerated.</summary>
    public bool Exact { get; set; }

    /// <summary>The null distribution of r as JSON: <c>{"lower": -1, "upper": 1, "counts": [...]}</c>.</summary>
    public string? Histogram { get; set; }

    /// <summary>Why the values are null.</summary>
    public string? UndefinedReason { get; set; }
}
