using NcService.Core.Statistics;

namespace NcService.Core.Tests.Statistics;

public sealed class PermutationTestTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void All_permutations_agree_with_brute_force(int n)
    {
        var random = new Random(n);
        for (var trial = 0; trial < 5; trial++)
        {
            // Small integers, so that ties in the statistic abound and brute force can count them without rounding.
            var x = Enumerable.Range(0, n).Select(_ => (double)random.Next(6)).ToArray();
            var y = Enumerable.Range(0, n).Select(_ => (double)random.Next(6)).ToArray();
            var result = PermutationTest.Run(x, y, permutations: 50_000, seed: 0);
            if (result.UndefinedReason is not null) continue;
            var (twoSided, oneSided, total) = BruteForce(x, y);
            Assert.True(result.Exact);
            Assert.Null(result.PInterval);
            // Equal losses are not told apart.
            var twins = y.GroupBy(value => value).Aggregate(1L, (product, group) => product * Factorial(group.Count()));
            Assert.Equal(total / twins, result.Permutations);
            Assert.Equal((double)twoSided / total, result.PTwoSided!.Value);
            Assert.Equal((double)oneSided / total, result.POneSided!.Value);
            Assert.Equal(result.Permutations, result.Histogram!.Counts.Sum());
        }
    }

    [Fact]
    public void All_permutations_are_used_exactly_where_they_are_no_more_than_asked_for()
    {
        double[] x = [1, 2, 4, 8, 16];
        double[] y = [3, 1, 4, 1, 5];
        Assert.True(PermutationTest.Run(x, y, 60, 0).Exact);
        var sampled = PermutationTest.Run(x, y, 59, 0);
        Assert.False(sampled.Exact);
        Assert.Equal(59, sampled.Permutations);
    }

    [Fact]
    public void Sampled_p_agrees_with_the_exact_one()
    {
        var (x, y) = Simulated.Pair(new Random(1), 10, 0.4);
        var exact = PermutationTest.Run(x, y, 4_000_000, 0);
        var sampled = PermutationTest.Run(x, y, 1_000_000, 0);
        Assert.True(exact.Exact);
        Assert.False(sampled.Exact);
        foreach (var (p, estimate) in new[] { (exact.PTwoSided!.Value, sampled.PTwoSided!.Value), (exact.POneSided!.Value, sampled.POneSided!.Value) })
            Assert.Equal(p, estimate, 4 * Math.Sqrt(p * (1 - p) / 1e6));
        Assert.InRange(exact.PTwoSided.Value, sampled.PInterval!.Value.Lower, sampled.PInterval.Value.Upper);
    }

    [Fact]
    public void P_depends_on_the_seed_alone_and_not_on_the_threads()
    {
        var (x, y) = Simulated.Pair(new Random(2), 21, 0.3);
        PermutationTestResult Run(int threads, ulong seed) =>
            PermutationTest.Run(x, y, new PermutationTestOptions { Permutations = 100_001, Seed = seed, MaximumThreads = threads });
        var one = Run(1, 7);
        foreach (var threads in (int[])[2, 5])
        {
            var many = Run(threads, 7);
            Assert.Equal(one.PTwoSided, many.PTwoSided);
            Assert.Equal(one.POneSided, many.POneSided);
            Assert.Equal(one.Histogram!.Counts, many.Histogram!.Counts);
        }
        Assert.NotEqual(one.Histogram!.Counts, Run(1, 8).Histogram!.Counts);
    }

    [Fact]
    public void P_is_the_same_on_every_machine()
    {
        // From Reference/permutation_counts.py: a second implementation of generator and shuffle, counting in integers.
        double[] x = [.. Enumerable.Range(0, 21).Select(i => (double)(i * i % 23))];
        double[] y = [.. Enumerable.Range(0, 21).Select(i => (double)(i * 7 % 19))];
        var result = PermutationTest.Run(x, y, 50_000, seed: 20240524);
        long Counted(double? p) => (long)Math.Round(p!.Value * 50_001) - 1;
        Assert.Equal((29_351, 35_388, 14_725), (Counted(result.PTwoSided), Counted(result.PGreater), Counted(result.PLess)));
        Assert.Equal(result.PLess, result.POneSided);
    }

    [Theory]
    [InlineData(2000, "plain")]
    [InlineData(500, "strata")]
    [InlineData(500, "covariate")]
    public void P_is_uniform_where_nothing_is_related(int dataSets, string held)
    {
        // Kolmogorov–Smirnov distance of the p-values from uniform; beyond 1.95/√N with probability 0.001.
        var random = new Random(9);
        string[] strata = [.. Enumerable.Range(0, 21).Select(i => $"{i / 7}")];
        var p = new double[dataSets];
        for (var i = 0; i < p.Length; i++)
        {
            var (x, y) = Simulated.Pair(random, 21, 0);
            var (z, _) = Simulated.Pair(random, 21, 0);
            // What is held fixed makes both sides go together.
            for (var row = 0; held == "strata" && row < 21; row++) (x[row], y[row]) = (x[row] + row / 7, y[row] + row / 7);
            for (var row = 0; held == "covariate" && row < 21; row++) (x[row], y[row]) = (x[row] + z[row], y[row] + z[row]);
            var fixedNow = held switch
            {
                "strata" => new HeldFixed { Strata = strata },
                "covariate" => new HeldFixed { Covariates = [new Variable("z", z)] },
                _ => HeldFixed.Nothing,
            };
            p[i] = PermutationTest.RunFamily(
                [new Variable("x", x)], new Variable("y", y), fixedNow, new PermutationTestOptions { Permutations = 999, Seed = (ulong)i, MaximumThreads = 1 })[0].P!.Value;
        }
        Array.Sort(p);
        var distance = p.Select((value, i) => Math.Max(value - (double)i / p.Length, (double)(i + 1) / p.Length - value)).Max();
        Assert.InRange(distance, 0, 1.95 / Math.Sqrt(p.Length));
    }

    [Fact]
    public void A_planted_correlation_is_found_as_often_as_theory_says()
    {
        // n = 21, ρ = 0.6, α = 0.05 two-sided: Φ(atanh(0.6)·√18 − 1.96) = 0.84; 300 data sets have a standard error of 0.021.
        var random = new Random(10);
        var found = 0;
        for (var i = 0; i < 300; i++)
        {
            var (x, y) = Simulated.Pair(random, 21, 0.6);
            if (PermutationTest.Run(x, y, 999, (ulong)i).P <= 0.05) found++;
        }
        Assert.InRange(found / 300.0, 0.77, 0.91);
    }

    [Fact]
    public void A_perfect_relation_has_the_smallest_p_there_is()
    {
        var x = Enumerable.Range(0, 21).Select(i => (double)i).ToArray();
        var result = PermutationTest.Run(x, Array.ConvertAll(x, value => -2 * value), 9_999, 0);
        Assert.Equal(-1, result.R!.Value, 14);
        Assert.Equal(1e-4, result.PTwoSided!.Value, 15);
        Assert.Equal(1e-4, result.POneSided!.Value, 15);
        Assert.Equal(0, result.PInterval!.Value.Lower);
        Assert.InRange(result.PInterval.Value.Upper, 1e-4, 1e-3);
    }

    [Fact]
    public void Uncorrelated_columns_have_p_one()
    {
        var result = PermutationTest.Run([-1, 0, 1, 0], [0, 1, 0, -1], 1000, 0);
        Assert.Equal(0, result.R!.Value, 15);
        Assert.Equal(1, result.PTwoSided);
    }

    [Theory]
    [InlineData(new double[] { 1, 2 }, new double[] { 2, 1 }, "fewer than 3 rows")]
    [InlineData(new double[] { 5, 5, 5 }, new double[] { 1, 2, 3 }, "x is constant")]
    public void Degenerate_columns_say_why_there_is_no_p(double[] x, double[] y, string reason)
    {
        var result = PermutationTest.Run(x, y, 100, 0);
        Assert.Contains(reason, result.UndefinedReason, StringComparison.Ordinal);
        Assert.Null(result.PTwoSided);
        Assert.Null(result.Histogram);
    }

    [Fact]
    public void Cancelling_stops_a_long_test()
    {
        var (x, y) = Simulated.Pair(new Random(1), 21, 0);
        using var cancellation = new CancellationTokenSource();
        var stopAtOnce = new StopAtFirstReport(cancellation);
        Assert.Throws<OperationCanceledException>(() => PermutationTest.Run(
            x, y, new PermutationTestOptions { Permutations = 100_000_000_000, Progress = stopAtOnce }, cancellation.Token));
        Assert.InRange(stopAtOnce.Permutations, 1, 10_000_000);
    }

    [Fact]
    public void Fewer_than_one_permutation_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PermutationTest.Run([1, 2, 3], [1, 3, 2], 0, 0));

    [Theory]
    [InlineData(0, 10, 0, 0.277533)]
    [InlineData(5, 10, 0.236593, 0.763407)]
    [InlineData(10, 10, 0.722467, 1)]
    public void Wilson_interval_has_its_published_values(long successes, long trials, double lower, double upper)
    {
        var interval = Interval.Wilson(successes, trials);
        Assert.Equal(lower, interval.Lower, 6);
        Assert.Equal(upper, interval.Upper, 6);
    }

    private static (long TwoSided, long OneSided, long Total) BruteForce(double[] x, double[] y)
    {
        // n Σxy − Σx Σy is an integer here, and r is that over a constant.
        double Statistic(IReadOnlyList<double> permuted) => x.Length * x.Zip(permuted, (a, b) => a * b).Sum() - x.Sum() * y.Sum();
        var observed = Statistic(y);
        var (twoSided, oneSided, total) = (0L, 0L, 0L);
        foreach (var permuted in Permutations(y))
        {
            var statistic = Statistic(permuted);
            if (Math.Abs(statistic) >= Math.Abs(observed)) twoSided++;
            if (observed < 0 ? statistic <= observed : statistic >= observed) oneSided++;
            total++;
        }
        return (twoSided, oneSided, total);
    }

    private static long Factorial(int n) => n < 2 ? 1 : n * Factorial(n - 1);

    private static IEnumerable<double[]> Permutations(double[] values)
    {
        if (values.Length <= 1) return [values];
        return values.SelectMany((value, i) => Permutations([.. values[..i], .. values[(i + 1)..]]).Select(rest => (double[])[value, .. rest]));
    }

    private sealed class StopAtFirstReport(CancellationTokenSource cancellation) : IProgress<long>
    {
        private long _permutations;

        public long Permutations => Interlocked.Read(ref _permutations);

        public void Report(long value)
        {
            Interlocked.Exchange(ref _permutations, value);
            cancellation.Cancel();
        }
    }
}
