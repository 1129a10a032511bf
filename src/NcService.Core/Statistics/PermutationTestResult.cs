namespace NcService.Core.Statistics;

/// <summary>What a permutation test of a correlation gave. Undefined numbers are null, and <see cref="UndefinedReason"/> says why.</summary>
public sealed record PermutationTestResult
{
    /// <summary>n: the rows used.</summary>
    public required int Count { get; init; }

    /// <summary>Pearson's r as observed.</summary>
    public double? R { get; init; }

    /// <summary>r².</summary>
    public double? R2 { get; init; }

    /// <summary>Two-sided p: of |r_perm| ≥ |r|.</summary>
    public double? PTwoSided { get; init; }

    /// <summary>One-sided p, in the direction of the observed r.</summary>
    public double? POneSided { get; init; }

    /// <summary>Permutations evaluated: B, or n! where all of them were.</summary>
    public long Permutations { get; init; }

    /// <summary>Every permutation was evaluated once, so the p-values have no Monte-Carlo error.</summary>
    public bool Exact { get; init; }

    /// <summary>Wilson's 95 % Monte-Carlo interval of the two-sided p; null where exact.</summary>
    public Interval? PInterval { get; init; }

    /// <summary>The distribution of r over the permutations.</summary>
    public NullHistogram? Histogram { get; init; }

    /// <summary>Rows (from 0) left out because x or y was missing or infinite.</summary>
    public IReadOnlyList<int> LeftOut { get; init; } = [];

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

/// <summary>How a permutation test runs.</summary>
public sealed record PermutationTestOptions
{
    /// <summary>B: random permutations, or the most that may be enumerated.</summary>
    public long Permutations { get; init; } = 10_000;

    /// <summary>Seed of the permutations: the same seed gives the same p on any machine and any number of threads.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads; all cores unless given. It changes the time only.</summary>
    public int? MaximumThreads { get; init; }

    /// <summary>Told, from any thread, how many permutations are done.</summary>
    public IProgress<long>? Progress { get; init; }
}
