namespace NcService.Core.Statistics;

/// <summary>How two columns go together over a set of rows. Undefined numbers are null, and <see cref="UndefinedReason"/> says why.</summary>
public sealed record CorrelationResult
{
    /// <summary>n: the rows used.</summary>
    public required int Count { get; init; }

    /// <summary>Pearson's r.</summary>
    public double? R { get; init; }

    /// <summary>r², the share of the variance of one that a straight line in the other accounts for.</summary>
    public double? R2 { get; init; }

    /// <summary>Spearman's ρ, with mid-ranks for ties.</summary>
    public double? Spearman { get; init; }

    /// <summary>Kendall's τ-b: how much likelier two rows are in the same order than in opposite orders.</summary>
    public double? Kendall { get; init; }

    /// <summary>Slope of the least-squares line of y on x.</summary>
    public double? Slope { get; init; }

    /// <summary>Intercept of that line.</summary>
    public double? Intercept { get; init; }

    /// <summary>95 % bootstrap interval of r; null below 4 rows, with covariates or strata, or where it was not asked for.</summary>
    public Interval? Interval95 { get; init; }

    /// <summary>How the interval was made: "BCa bootstrap" or, where its corrections are undefined, "percentile bootstrap".</summary>
    public string? IntervalMethod { get; init; }

    /// <summary>95 % interval of r by Fisher's z, which takes both columns to be normal; null where there are too few rows.</summary>
    public Interval? FisherInterval95 { get; init; }

    /// <summary>The rows (from 0) that were used.</summary>
    public IReadOnlyList<int> Rows { get; init; } = [];

    /// <summary>The rows left out, each with its reason.</summary>
    public IReadOnlyList<LeftOutRow> LeftOut { get; init; } = [];

    /// <summary>How many strata the rows fall into; 1 without strata.</summary>
    public int StrataCount { get; init; } = 1;

    /// <summary>Why the numbers are null, or null where they are not.</summary>
    public string? UndefinedReason { get; init; }
}
