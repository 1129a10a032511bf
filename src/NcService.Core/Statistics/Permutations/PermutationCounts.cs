namespace NcService.Core.Statistics;

/// <summary>What has been counted over arrangements; integers, so that no order of adding changes it. Per measurement, [m].</summary>
internal sealed class PermutationCounts(int measurements)
{
    /// <summary>Arrangements evaluated.</summary>
    public long Total { get; set; }

    /// <summary>r* ≥ |r|.</summary>
    public long[] Upper { get; } = new long[measurements];

    /// <summary>r* ≤ −|r|.</summary>
    public long[] Lower { get; } = new long[measurements];

    /// <summary>r* = r.</summary>
    public long[] Equal { get; } = new long[measurements];

    /// <summary>The largest statistic among the measurements that are observed no stronger reaches the observed one (Westfall and Young).</summary>
    public long[] Largest { get; } = new long[measurements];

    /// <summary>Counts of r* in bins, [m · bins].</summary>
    public long[] Histogram { get; } = new long[measurements * NullHistogram.BinCount];

    public void Add(PermutationCounts other)
    {
        Total += other.Total;
        Add(Upper, other.Upper);
        Add(Lower, other.Lower);
        Add(Equal, other.Equal);
        Add(Largest, other.Largest);
        Add(Histogram, other.Histogram);
    }

    /// <summary>Arrangements at least as extreme as observed: in both directions, upwards or downwards.</summary>
    public long Extreme(int measurement, double r, Alternative alternative)
    {
        var (upper, lower, equal) = (Upper[measurement], Lower[measurement], Equal[measurement]);
        return alternative switch
        {
            // An r of zero lies in both tails, and nothing is less extreme.
            Alternative.TwoSided => Math.Abs(r) <= PermutationTest.TieTolerance ? Total : upper + lower,
            // Against the observed direction everything counts but the tail beyond r itself.
            Alternative.Greater => r >= 0 ? upper : Total - lower + equal,
            _ => r <= 0 ? lower : Total - upper + equal,
        };
    }

    private static void Add(long[] sum, long[] values)
    {
        for (var i = 0; i < sum.Length; i++) sum[i] += values[i];
    }
}
