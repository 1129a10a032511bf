using NcService.Core.Statistics;

namespace NcService.Core.Tests.Statistics;

public sealed class PermutationFamilyTests
{
    [Fact]
    public void A_family_gives_each_measurement_the_p_it_has_alone()
    {
        var (measurements, y) = Family(new Random(1), 21, 7);
        var options = new PermutationTestOptions { Permutations = 20_000, Seed = 3 };
        var together = PermutationTest.RunFamily(measurements, y, HeldFixed.Nothing, options);
        foreach (var (measurement, result) in measurements.Zip(together))
        {
            var alone = PermutationTest.Run(measurement.Values, y.Values, options);
            Assert.Equal(alone.P, result.P);
            Assert.Equal(alone.Histogram!.Counts, result.Histogram!.Counts);
            Assert.Equal(alone.P, alone.PWestfallYoung);
            Assert.True(result.PWestfallYoung >= result.P);
        }
        Assert.Equal(BenjaminiHochberg.Adjust([.. together.Select(result => result.P!.Value)]), together.Select(result => result.PBenjaminiHochberg!.Value));
    }

    [Theory]
    [InlineData(Alternative.TwoSided)]
    [InlineData(Alternative.Greater)]
    [InlineData(Alternative.Less)]
    public void Westfall_Young_agrees_with_brute_force(Alternative alternative)
    {
        var random = new Random(12);
        for (var trial = 0; trial < 5; trial++)
        {
            var (measurements, y) = Family(random, 6, 4);
            var results = PermutationTest.RunFamily(measurements, y, HeldFixed.Nothing, new PermutationTestOptions { Permutations = 720, Alternative = alternative });
            var all = Orders(6).Select(order => measurements.Select(x => Statistic(Correlation.Pearson(x.Values, [.. order.Select(i => y.Values[i])])!.Value)).ToArray()).ToList();
            var observed = measurements.Select(x => Statistic(Correlation.Pearson(x.Values, y.Values)!.Value)).ToArray();

            // Westfall and Young 1993, algorithm 4.1: from the strongest on, the maximum over those not yet tested.
            var left = Enumerable.Range(0, 4).OrderByDescending(m => observed[m]).ToList();
            var before = 0.0;
            while (left.Count > 0)
            {
                var m = left[0];
                before = Math.Max(before, all.Count(r => left.Max(other => r[other]) >= observed[m] - 1e-12) / 720.0);
                Assert.Equal(before, results[m].PWestfallYoung!.Value, 14);
                Assert.Equal(all.Count(r => r[m] >= observed[m] - 1e-12) / 720.0, results[m].P!.Value, 14);
                left.RemoveAt(0);
            }
        }
        double Statistic(double r) => alternative == Alternative.TwoSided ? Math.Abs(r) : alternative == Alternative.Greater ? r : -r;
    }

    [Fact]
    public void Any_false_finding_is_as_rare_as_the_adjusted_level_says()
    {
        // 400 families of 7 related measurements that have nothing to do with y: at α = 0.05 a family has a finding in 5 %; 8.3 % is 3 σ.
        var random = new Random(13);
        var (plain, adjusted) = (0, 0);
        for (var i = 0; i < 400; i++)
        {
            var (measurements, y) = Family(random, 21, 7, related: 0);
            var results = PermutationTest.RunFamily(measurements, y, HeldFixed.Nothing, new PermutationTestOptions { Permutations = 499, Seed = (ulong)i, MaximumThreads = 1 });
            if (results.Any(result => result.P <= 0.05)) plain++;
            if (results.Any(result => result.PWestfallYoung <= 0.05)) adjusted++;
        }
        Assert.InRange(adjusted / 400.0, 0.02, 0.083);
        Assert.True(plain > 2 * adjusted);
    }

    [Fact]
    public void Freedman_Lane_agrees_with_brute_force()
    {
        var random = new Random(14);
        for (var trial = 0; trial < 5; trial++)
        {
            double[] Column() => [.. Enumerable.Range(0, 6).Select(_ => random.NextDouble())];
            var (x, y, z) = (Column(), Column(), Column());
            var result = PermutationTest.RunFamily(
                [new Variable("x", x)], new Variable("y", y), new HeldFixed { Covariates = [new Variable("z", z)] }, new PermutationTestOptions { Permutations = 720 })[0];

            // Residuals of y on z are permuted, the fit added, and the partial correlation taken anew.
            var line = LeastSquaresLine.Fit(z, y)!.Value;
            double Partial(double[] outcome)
            {
                double R(double[] a, double[] b) => Correlation.Pearson(a, b)!.Value;
                return (R(x, outcome) - R(x, z) * R(outcome, z)) / Math.Sqrt((1 - R(x, z) * R(x, z)) * (1 - R(outcome, z) * R(outcome, z)));
            }
            var observed = Partial(y);
            var all = Orders(6).Select(order => Partial([.. order.Select((from, i) => line.At(z[i]) + y[from] - line.At(z[from]))])).ToList();
            Assert.True(result.Exact);
            Assert.Equal(observed, result.R!.Value, 12);
            Assert.Equal(all.Count(r => Math.Abs(r) >= Math.Abs(observed) - 1e-10) / 720.0, result.PTwoSided!.Value, 12);
            Assert.Equal(all.Count(r => r >= observed - 1e-10) / 720.0, result.PGreater!.Value, 12);
            Assert.Equal(all.Count(r => r <= observed + 1e-10) / 720.0, result.PLess!.Value, 12);
        }
    }

    [Fact]
    public void Strata_agree_with_brute_force_over_exchanges_within_them()
    {
        var random = new Random(15);
        for (var trial = 0; trial < 5; trial++)
        {
            var x = Enumerable.Range(0, 7).Select(_ => (double)random.Next(5)).ToArray();
            var y = Enumerable.Range(0, 7).Select(_ => random.Next(5) + 0.5).ToArray();
            (x[0], x[1], y[0], y[1]) = (1, 2, 1.5, 2.5);
            string[] strata = ["a", "a", "b", "a", "b", "b", "b"];
            var result = PermutationTest.RunFamily([new Variable("x", x)], new Variable("y", y), new HeldFixed { Strata = strata }, new PermutationTestOptions { Permutations = 200 })[0];
            double Within(IReadOnlyList<double> outcome)
            {
                var sum = 0.0;
                foreach (var stratum in new[] { "a", "b" })
                {
                    var rows = Enumerable.Range(0, 7).Where(i => strata[i] == stratum).ToList();
                    sum += rows.Sum(i => (x[i] - rows.Average(row => x[row])) * (outcome[i] - rows.Average(row => outcome[row])));
                }
                return sum;
            }
            var all = Orders(7).Where(order => order.Select((from, i) => strata[from] == strata[i]).All(same => same)).Select(order => Within([.. order.Select(i => y[i])])).ToList();
            Assert.Equal(144, all.Count);
            Assert.True(result.Exact);
            Assert.Equal(all.Count(value => Math.Abs(value) >= Math.Abs(Within(y)) - 1e-9) / 144.0, result.PTwoSided!.Value, 12);
            Assert.Equal(all.Count(value => value >= Within(y) - 1e-9) / 144.0, result.PGreater!.Value, 12);
        }
    }

    [Theory]
    [InlineData(90)]
    [InlineData(120)]
    public void Long_and_short_strata_agree_with_Students_distribution(int n)
    {
        var (x, y) = Simulated.Pair(new Random(16), n, 0.15);
        var result = PermutationTest.Run(x, y, 100_000, 0);
        var t = result.R!.Value * Math.Sqrt((n - 2) / (1 - result.R2!.Value));
        Assert.Equal(2 * MathNet.Numerics.Distributions.StudentT.CDF(0, 1, n - 2, -Math.Abs(t)), result.PTwoSided!.Value, 0.008);
    }

    [Fact]
    public void Sampling_ends_early_only_where_the_level_is_decided()
    {
        var random = new Random(17);
        var (x, strong) = Simulated.Pair(random, 21, 0.95);
        var options = new PermutationTestOptions { Permutations = 2_000_000, DecideLevel = 0.05 };
        var decided = PermutationTest.Run(x, strong, options);
        Assert.True(decided.StoppedEarly);
        Assert.Equal(1 << 14, decided.Permutations);
        Assert.Equal(decided.P, PermutationTest.Run(x, strong, options with { MaximumThreads = 1 }).P);

        // At its own p the level is never decided.
        var (_, weak) = Simulated.Pair(random, 21, 0);
        var full = PermutationTest.Run(x, weak, options with { DecideLevel = null, Permutations = 200_000 });
        var undecided = PermutationTest.Run(x, weak, options with { DecideLevel = full.P, Permutations = 200_000 });
        Assert.False(undecided.StoppedEarly);
        Assert.Equal(full.P, undecided.P);
        Assert.InRange(full.P!.Value, undecided.PInterval!.Value.Lower, undecided.PInterval.Value.Upper);
        Assert.True(undecided.PInterval.Value.Upper - undecided.PInterval.Value.Lower > full.PInterval!.Value.Upper - full.PInterval.Value.Lower);
    }

    [Fact]
    public void Intervals_that_hold_at_every_look_miss_the_share_at_any_look_as_rarely_as_they_say()
    {
        var random = new Random(18);
        var missed = 0;
        for (var i = 0; i < 300; i++)
        {
            var (successes, miss) = (0, false);
            for (var n = 1; n <= 2048; n++)
            {
                if (random.NextDouble() < 0.3) successes++;
                var interval = n % 64 == 0 ? ConfidenceSequence.Interval95(successes, n) : new Interval(0, 1);
                miss |= interval.Lower > 0.3 || interval.Upper < 0.3;
            }
            if (miss) missed++;
        }
        Assert.InRange(missed, 0, 15);
        // Without successes: (n + 1)(1 − p)ⁿ = 0.05.
        Assert.Equal(1 - Math.Pow(0.05 / 101, 0.01), ConfidenceSequence.Interval95(0, 100).Upper, 9);
    }

    [Fact]
    public void Measurements_with_other_rows_are_tested_over_their_own_and_the_adjustment_covers_both()
    {
        var (measurements, y) = Family(new Random(19), 21, 3);
        measurements[1].Values[4] = double.NaN;
        measurements[2] = new Variable("flat", Enumerable.Repeat(1.0, 21).ToArray());
        var results = PermutationTest.RunFamily(measurements, y, HeldFixed.Nothing, new PermutationTestOptions { Permutations = 999 });
        Assert.Equal([21, 20, 21], results.Select(result => result.Count));
        Assert.Equal([new LeftOutRow(4, "x1 has no value")], results[1].LeftOut);
        Assert.Equal("flat is constant over the rows", results[2].UndefinedReason);
        Assert.Null(results[2].P);
        Assert.Equal(Math.Min(1, 2 * results[0].P!.Value), results[0].PWestfallYoung!.Value, 14);
    }

    private static (Variable[] Measurements, Variable Y) Family(Random random, int n, int count, double related = 0.5)
    {
        var (common, y) = Simulated.Pair(random, n, related);
        return ([.. Enumerable.Range(0, count).Select(m => new Variable($"x{m}", [.. Simulated.Pair(random, n, 0).X.Zip(common, (own, shared) => own + shared)]))], new Variable("y", y));
    }

    private static IEnumerable<int[]> Orders(int n) => n == 0
        ? [[]]
        : Orders(n - 1).SelectMany(order => Enumerable.Range(0, n).Select(place => (int[])[.. order[..place], n - 1, .. order[place..]]));
}
