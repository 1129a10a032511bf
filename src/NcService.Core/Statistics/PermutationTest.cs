namespace NcService.Core.Statistics;

/// <summary>
/// Permutation test of Pearson's r. The null: x and y are unrelated over rows that are exchangeable, such as runs that differ in nothing
/// but the seed. y is permuted B times and p = (1 + #{|r_perm| ≥ |r|})/(B + 1) (Phipson and Smyth 2010); where n! ≤ B every permutation
/// is evaluated once instead and p = #/n!, the identity included.
/// </summary>
public static class PermutationTest
{
    /// <summary>
    /// r_perm counts as at least r when it is within this of it. r is a cosine, so this is relative to ‖x − x̄‖·‖y − ȳ‖: a thousand times
    /// its rounding error, and far below any difference that data can show. It keeps permutations that tie in exact arithmetic, as the
    /// identity does, from being lost to the order of summation.
    /// </summary>
    public const double TieTolerance = 1e-12;

    /// <summary>Runs the test with all cores.</summary>
    /// <param name="x">[n].</param>
    /// <param name="y">[n], the column that is permuted.</param>
    /// <param name="permutations">B ≥ 1.</param>
    /// <param name="seed">Same seed, same p.</param>
    /// <param name="ct">Stops the test within milliseconds.</param>
    /// <exception cref="ArgumentException">x and y differ in length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">B is below 1.</exception>
    public static PermutationTestResult Run(
        ReadOnlySpan<double> x, ReadOnlySpan<double> y, long permutations, ulong seed, CancellationToken ct = default) =>
        Run(x, y, new PermutationTestOptions { Permutations = permutations, Seed = seed }, ct);

    /// <summary>Runs the test.</summary>
    /// <inheritdoc cref="Run(ReadOnlySpan{double}, ReadOnlySpan{double}, long, ulong, CancellationToken)"/>
    public static PermutationTestResult Run(
        ReadOnlySpan<double> x, ReadOnlySpan<double> y, PermutationTestOptions options, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Permutations, 1, nameof(options));
        var sample = PairedSample.Of(x, y);
        var centredX = CentredColumn.Of(sample.X);
        var centredY = CentredColumn.Of(sample.Y);
        if (sample.WhyUndefined(centredX, centredY) is { } reason)
            return new PermutationTestResult { Count = sample.Count, LeftOut = sample.LeftOut, UndefinedReason = reason };

        var r = centredX!.Correlate(centredY!);
        var exact = FactorialWithin(sample.Count, options.Permutations) is not null;
        var total = FactorialWithin(sample.Count, options.Permutations) ?? options.Permutations;
        var run = new PermutationRun(centredX.Unit, centredY!.Unit, r, options);
        var counts = exact ? run.Enumerate(ct) : run.Sample(ct);
        var identity = exact ? 0 : 1;
        return new PermutationTestResult
        {
            Count = sample.Count,
            R = r,
            R2 = r * r,
            PTwoSided = (double)(counts.TwoSided + identity) / (total + identity),
            POneSided = (double)(counts.OneSided + identity) / (total + identity),
            Permutations = total,
            Exact = exact,
            PInterval = exact ? null : Interval.Wilson(counts.TwoSided, total),
            Histogram = new NullHistogram(counts.Histogram),
            LeftOut = sample.LeftOut,
        };
    }

    /// <summary>n!, or null where it is more than <paramref name="limit"/>.</summary>
    private static long? FactorialWithin(int n, long limit)
    {
        var factorial = 1L;
        for (var k = 2; k <= n; k++)
        {
            if (factorial > limit / k) return null;
            factorial *= k;
        }
        return factorial;
    }
}
