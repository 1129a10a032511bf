namespace NcService.Core.Statistics;

/// <summary>What a permutation test of a correlation gave. Undefined numbers are null, and <see cref="UndefinedReason"/> says why.</summary>
public sealed record PermutationTestResult
{
    /// <summary>The measurement's name.</summary>
    public required string Measurement { get; init; }

    /// <summary>n: the rows used.</summary>
    public required int Count { get; init; }

    /// <summary>The correlation as observed: Pearson's r, with strata that within them, with covariates the partial r.</summary>
    public double? R { get; init; }

    /// <summary>r².</summary>
    public double? R2 { get; init; }

    /// <summary>What counted as extreme.</summary>
    public Alternative Alternative { get; init; }

    /// <summary>The p-value of <see cref="Alternative"/>: one of the three that follow.</summary>
    public double? P { get; init; }

    /// <summary>Two-sided p: of |r*| ≥ |r|.</summary>
    public double? PTwoSided { get; init; }

    /// <summary>p of r* ≥ r.</summary>
    public double? PGreater { get; init; }

    /// <summary>p of r* ≤ r.</summary>
    public double? PLess { get; init; }

    /// <summary>One-sided p in the observed direction, which the data have chosen: double it before calling it a p-value of a question asked beforehand.</summary>
    public double? POneSided => R < 0 ? PLess : PGreater;

    /// <summary><see cref="P"/> adjusted over the family by Benjamini and Hochberg: controls the share of false findings.</summary>
    public double? PBenjaminiHochberg { get; init; }

    /// <summary>
    /// <see cref="P"/> adjusted over the family by Westfall and Young's step-down maximum of the statistic over the same permutations: controls
    /// the probability of any false finding, and knows that measurements go together.
    /// </summary>
    public double? PWestfallYoung { get; init; }

    /// <summary>Permutations evaluated: B or fewer, or the number of distinct arrangements of y where all of them were.</summary>
    public long Permutations { get; init; }

    /// <summary>Every distinct arrangement was evaluated once, so the p-values have no Monte-Carlo error.</summary>
    public bool Exact { get; init; }

    /// <summary>Sampling ended before B because <see cref="PermutationTestOptions.DecideLevel"/> was decided.</summary>
    public bool StoppedEarly { get; init; }

    /// <summary>
    /// 95 % Monte-Carlo interval of <see cref="P"/>: Wilson's, or with a level to decide Robbins', which holds however often one looks. Null where exact.
    /// </summary>
    public Interval? PInterval { get; init; }

    /// <summary>The distribution of r over the permutations, binned from r in 16-bit fixed point.</summary>
    public NullHistogram? Histogram { get; init; }

    /// <summary>The rows (from 0) that the test used.</summary>
    public IReadOnlyList<int> Rows { get; init; } = [];

    /// <summary>The rows left out, each with its reason.</summary>
    public IReadOnlyList<LeftOutRow> LeftOut { get; init; } = [];

    /// <summary>How many strata the rows fall into; 1 without strata.</summary>
    public int StrataCount { get; init; } = 1;

    /// <summary>Why the numbers are null, or null where they are not.</summary>
    public string? UndefinedReason { get; init; }
}

/// <summary>Counts of r over the permutations in bins of equal width from −1 to 1.</summary>
/// <param name="Counts">Permutations in each bin; bin i covers [−1 + i·w, −1 + (i + 1)·w), the last one its upper end too.</param>
public sealed record NullHistogram(IReadOnlyList<long> Counts)
{
    /// <summary>How many bins a test keeps.</summary>
    public const int BinCount = 200;

    /// <summary>w, the width of a bin.</summary>
    public double BinWidth => 2.0 / Counts.Count;

    /// <summary>The r in the middle of bin <paramref name="bin"/>.</summary>
    public double Middle(int bin) => -1 + (bin + 0.5) * BinWidth;
}
