namespace NcService.Core.Statistics;

/// <summary>
/// Permutation tests of Pearson's r for any number of measurements against one outcome, all from one set of permutations. The null: measurement
/// and outcome are unrelated over rows that are exchangeable (within their stratum), such as runs that differ in nothing but the seed. The
/// outcome is permuted B times and p = (1 + #{r* at least as extreme as r})/(B + 1) (Phipson and Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9, 39);
/// where there are no more than B distinct arrangements each is evaluated once instead and p is their share, the observed one included.
/// </summary>
public static class PermutationTest
{
    /// <summary>
    /// r* counts as at least r when it is within this of it. r is a cosine, so this is relative to ‖x − x̄‖·‖y − ȳ‖: a thousand times
    /// its rounding error, and far below any difference that data can show. It keeps permutations that tie in exact arithmetic, as the
    /// identity does, from being lost to the order of summation.
    /// </summary>
    public const double TieTolerance = 1e-12;

    /// <summary>Tests one measurement.</summary>
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

    /// <summary>Tests one measurement.</summary>
    /// <inheritdoc cref="Run(ReadOnlySpan{double}, ReadOnlySpan{double}, long, ulong, CancellationToken)"/>
    public static PermutationTestResult Run(
        ReadOnlySpan<double> x, ReadOnlySpan<double> y, PermutationTestOptions options, CancellationToken ct = default) =>
        RunFamily([new Variable("x", x.ToArray())], new Variable("y", y.ToArray()), HeldFixed.Nothing, options, ct)[0];

    /// <summary>
    /// Tests a family of measurements, each over the rows in which it, the outcome and what is held fixed have finite values. Measurements with
    /// the same rows share one set of permutations; the family's adjusted p-values are over all of it.
    /// </summary>
    /// <param name="measurements">Columns of [n].</param>
    /// <param name="outcome">The column that is permuted, [n].</param>
    /// <param name="held">Covariates (Freedman and Lane's permutation of residuals) and strata (exchange within them only).</param>
    /// <param name="options">B, seed, alternative.</param>
    /// <param name="ct">Stops the test within milliseconds.</param>
    /// <returns>One result a measurement, in their order.</returns>
    /// <exception cref="ArgumentException">Columns differ in length, or there is no measurement.</exception>
    /// <exception cref="ArgumentOutOfRangeException">B is below 1, or the level is no probability.</exception>
    public static IReadOnlyList<PermutationTestResult> RunFamily(
        IReadOnlyList<Variable> measurements, Variable outcome, HeldFixed held, PermutationTestOptions options, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(held);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Permutations, 1, nameof(options));
        if (options.DecideLevel is <= 0 or >= 1 or double.NaN) throw new ArgumentOutOfRangeException(nameof(options), options.DecideLevel, "a level lies between 0 and 1");
        if (measurements.Count == 0) throw new ArgumentException("there is no measurement to test", nameof(measurements));

        var samples = measurements.Select(x => ResidualSample.Of(x, outcome, held)).ToArray();
        var results = new PermutationTestResult[samples.Length];
        var patterns = Enumerable.Range(0, samples.Length).Where(i => samples[i].UndefinedReason is null)
            .GroupBy(i => samples[i].Complete.Rows, RowPattern.Instance).ToList();
        for (var i = 0; i < samples.Length; i++) results[i] = Undefined(samples[i], options);
        var done = 0L;
        foreach (var pattern in patterns)
        {
            var before = done;
            var progress = options.Progress is null ? null : new Shifted(options.Progress, before, patterns.Count);
            foreach (var (i, result) in Test(samples, [.. pattern], options with { Progress = progress }, patterns.Count, ct)) results[i] = result;
            done += options.Permutations / patterns.Count;
        }
        var adjusted = BenjaminiHochberg.Adjust([.. results.Select(result => result.P ?? double.NaN)]);
        return [.. results.Select((result, i) => result.P is null ? result : result with { PBenjaminiHochberg = adjusted[i] })];
    }

    private static IEnumerable<(int Index, PermutationTestResult Result)> Test(
        ResidualSample[] samples, int[] chosen, PermutationTestOptions options, int patterns, CancellationToken ct)
    {
        var first = samples[chosen[0]];
        var problem = new PermutationProblem(
            [.. chosen.Select(i => samples[i].X!)], first.Y!, first.Residuals.Basis, first.Complete.StratumLengths, options.Alternative);
        var run = new PermutationRun(problem, options);
        var counts = run.Count(ct);
        var westfallYoung = StepDown(problem, counts, run.Exact, patterns);
        for (var m = 0; m < chosen.Length; m++)
        {
            var (index, r) = (m, problem.R[m]);
            double P(Alternative alternative) => Share(counts.Extreme(index, r, alternative), counts.Total, run.Exact);
            var extreme = counts.Extreme(m, r, options.Alternative);
            yield return (chosen[m], Undefined(samples[chosen[m]], options) with
            {
                R = r,
                R2 = r * r,
                P = P(options.Alternative),
                PTwoSided = P(Alternative.TwoSided),
                PGreater = P(Alternative.Greater),
                PLess = P(Alternative.Less),
                PWestfallYoung = westfallYoung[m],
                Permutations = counts.Total,
                Exact = run.Exact,
                StoppedEarly = run.StoppedEarly,
                PInterval = run.Exact ? null
                    : options.DecideLevel is null ? Interval.Wilson(extreme, counts.Total)
                    : ConfidenceSequence.Interval95(extreme, counts.Total),
                Histogram = new NullHistogram(counts.Histogram[(m * NullHistogram.BinCount)..((m + 1) * NullHistogram.BinCount)]),
            });
        }
    }

    /// <summary>
    /// Westfall and Young (1993), algorithm 4.1, with the maximum of the statistic: from the strongest on, no adjusted p below the one before.
    /// Where measurements have different rows, each set of rows is one family, and Bonferroni's factor covers their number.
    /// </summary>
    private static double[] StepDown(PermutationProblem problem, PermutationCounts counts, bool exact, int patterns)
    {
        var adjusted = new double[problem.X.Length];
        var largest = 0.0;
        foreach (var m in problem.WeakestFirst.Reverse())
        {
            largest = Math.Max(largest, Share(counts.Largest[m], counts.Total, exact));
            adjusted[m] = Math.Min(1, patterns * largest);
        }
        return adjusted;
    }

    private static double Share(long extreme, long total, bool exact) => exact ? (double)extreme / total : (extreme + 1.0) / (total + 1.0);

    private static PermutationTestResult Undefined(ResidualSample sample, PermutationTestOptions options) => new()
    {
        Measurement = sample.Measurement,
        Count = sample.Complete.Count,
        Alternative = options.Alternative,
        Rows = sample.Complete.Rows,
        LeftOut = sample.Complete.LeftOut,
        StrataCount = Math.Max(1, sample.Complete.StratumLengths.Length),
        UndefinedReason = sample.UndefinedReason,
    };

    private sealed class RowPattern : IEqualityComparer<int[]>
    {
        public static RowPattern Instance { get; } = new();

        public bool Equals(int[]? a, int[]? b) => a.AsSpan().SequenceEqual(b);

        public int GetHashCode(int[] rows) => rows.Aggregate(rows.Length, HashCode.Combine);
    }

    private sealed class Shifted(IProgress<long> progress, long before, int patterns) : IProgress<long>
    {
        public void Report(long value) => progress.Report(before + value / patterns);
    }
}
