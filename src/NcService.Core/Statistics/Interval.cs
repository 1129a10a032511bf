namespace NcService.Core.Statistics;

/// <summary>A closed interval.</summary>
/// <param name="Lower">Its lower end.</param>
/// <param name="Upper">Its upper end.</param>
public readonly record struct Interval(double Lower, double Upper)
{
    /// <summary>An interval from its two ends.</summary>
    public static implicit operator Interval((double Lower, double Upper) ends) => new(ends.Lower, ends.Upper);

    /// <summary>
    /// Wilson's 95 % score interval of a share: <paramref name="successes"/> of <paramref name="trials"/>. It stays inside [0, 1] and
    /// is meaningful with no success at all. Wilson (1927), J. Am. Stat. Assoc. 22, 209.
    /// </summary>
    public static Interval Wilson(long successes, long trials)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        const double z = 1.959963984540054; // Φ⁻¹(0.975)
        var n = (double)trials;
        var share = successes / n;
        var centre = share + z * z / (2 * n);
        var reach = z * Math.Sqrt(share * (1 - share) / n + z * z / (4 * n * n));
        var scale = 1 + z * z / n;
        var lower = successes == 0 ? 0 : Math.Max(0, (centre - reach) / scale);
        var upper = successes == trials ? 1 : Math.Min(1, (centre + reach) / scale);
        return new Interval(lower, upper);
    }
}
