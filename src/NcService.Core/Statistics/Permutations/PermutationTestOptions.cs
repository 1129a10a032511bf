namespace NcService.Core.Statistics;

/// <summary>Which correlations of permuted data count as at least as extreme as the observed one.</summary>
public enum Alternative
{
    /// <summary>Those at least as strong in either direction.</summary>
    TwoSided,

    /// <summary>Those at least as great: asks whether the measurement rises with the outcome.</summary>
    Greater,

    /// <summary>Those at least as small: asks whether the measurement falls with the outcome.</summary>
    Less,
}

/// <summary>How a permutation test runs.</summary>
public sealed record PermutationTestOptions
{
    /// <summary>B: random permutations, or the most that may be enumerated.</summary>
    public long Permutations { get; init; } = 10_000;

    /// <summary>Seed of the permutations: the same seed gives the same p on any machine and any number of threads.</summary>
    public ulong Seed { get; init; }

    /// <summary>What counts as extreme; choose it before looking at the data.</summary>
    public Alternative Alternative { get; init; }

    /// <summary>
    /// A level α: sampling ends before B as soon as it is decided for every measurement on which side of α its p lies, wrongly with
    /// probability at most 0.001. Null evaluates all B.
    /// </summary>
    public double? DecideLevel { get; init; }

    /// <summary>Threads; all cores unless given. It changes the time only.</summary>
    public int? MaximumThreads { get; init; }

    /// <summary>Told, from any thread, how many permutations are done.</summary>
    public IProgress<long>? Progress { get; init; }
}
