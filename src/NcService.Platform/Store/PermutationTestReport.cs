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

    /// <summary>The <c>PermutationTestDesign</c> as JSON: direction, what is held fixed, early end; null for the plain two-sided test.</summary>
    public string? Design { get; set; }

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

    /// <summary>p of r* ≥ r.</summary>
    public double? PGreater { get; set; }

    /// <summary>p of r* ≤ r.</summary>
    public double? PLess { get; set; }

    /// <summary>p of the design's direction, adjusted over the report's rows by Benjamini and Hochberg.</summary>
    public double? PAdjusted { get; set; }

    /// <summary>p of the design's direction, adjusted over the report's rows by Westfall and Young's maximum over the same permutations.</summary>
    public double? PWestfallYoung { get; set; }

    /// <summary>Lower end of the 95 % Monte-Carlo interval of p in the design's direction.</summary>
    public double? PLower { get; set; }

    /// <summary>Upper end of that interval.</summary>
    public double? PUpper { get; set; }

    /// <summary>Permutations done.</summary>
    public long Permutations { get; set; }

    /// <summary>True where all distinct arrangements were enumerated.</summary>
    public bool Exact { get; set; }

    /// <summary>True where sampling ended early because the design's level was decided.</summary>
    public bool StoppedEarly { get; set; }

    /// <summary>How many strata the runs fall into; 1 without strata.</summary>
    public int StrataCount { get; set; } = 1;

    /// <summary>The runs left out as JSON: <c>[{"runId": 7, "reason": "cdnv has no value"}]</c>; null where none was.</summary>
    public string? LeftOut { get; set; }

    /// <summary>The null distribution of r as JSON: <c>{"lower": -1, "upper": 1, "counts": [...]}</c>.</summary>
    public string? Histogram { get; set; }

    /// <summary>Why the values are null.</summary>
    public string? UndefinedReason { get; set; }
}
