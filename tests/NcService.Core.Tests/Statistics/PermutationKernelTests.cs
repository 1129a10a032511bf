using NcService.Core.Statistics;

namespace NcService.Core.Tests.Statistics;

/// <summary>The fixed-point kernel against full precision, arrangement by arrangement, and the shuffles against uniformity.</summary>
public sealed unsafe class PermutationKernelTests
{
    [Theory]
    [InlineData(3, 1, 0, 1, Alternative.TwoSided)]
    [InlineData(8, 2, 0, 1, Alternative.Greater)]
    [InlineData(21, 7, 0, 1, Alternative.TwoSided)]
    [InlineData(21, 5, 2, 1, Alternative.Less)]
    [InlineData(12, 3, 7, 1, Alternative.TwoSided)]
    [InlineData(60, 4, 1, 6, Alternative.Greater)]
    [InlineData(120, 3, 1, 1, Alternative.TwoSided)]
    public void Counts_are_those_of_full_precision(int n, int measurements, int covariates, int strata, Alternative alternative)
    {
        var random = new Random(n + measurements);
        foreach (var ties in new[] { false, true })
        {
            var problem = Problem(random, n, measurements, covariates, strata, alternative, ties);
            ArrangementSource source = n / strata > LaneShuffles.LongestStratum ? new RowShuffles(problem, 5) : new LaneShuffles(problem, 5);
            var kernel = new PermutationKernel(problem, source);
            var expected = new PermutationCounts(measurements);
            source.Start(3);
            foreach (var lanes in Enumerable.Repeat(ArrangementSource.Lanes, 200).Append(13))
            {
                source.Next();
                kernel.Evaluate(lanes);
                for (var lane = 0; lane < lanes; lane++) Count(problem, source, lane, expected);
            }
            Assert.Equal(expected.Total, kernel.Counts.Total);
            Assert.Equal(expected.Upper, kernel.Counts.Upper);
            Assert.Equal(expected.Lower, kernel.Counts.Lower);
            Assert.Equal(expected.Equal, kernel.Counts.Equal);
            Assert.Equal(expected.Largest, kernel.Counts.Largest);
            // r in fixed point may lie on the other side of a bin's edge, never further.
            for (var m = 0; m < measurements; m++) AssertNear(expected, kernel.Counts, m);
        }
    }

    [Fact]
    public void Shuffles_meet_every_arrangement_equally_often()
    {
        // χ² over the 4! · 3! arrangements of two strata, 143 degrees of freedom; beyond 201 with probability 0.001.
        foreach (var kind in new[] { "lanes", "rows" })
        {
            var problem = new PermutationProblem([[.. Enumerable.Repeat(0.1, 7)]], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], [], [4, 3], Alternative.TwoSided);
            ArrangementSource source = kind == "lanes" ? new LaneShuffles(problem, 1) : new RowShuffles(problem, 1);
            var met = new Dictionary<string, int>();
            var y = new double[7];
            source.Start(0);
            const int groups = 4000;
            for (var group = 0; group < groups; group++)
            {
                source.Next();
                for (var lane = 0; lane < ArrangementSource.Lanes; lane++)
                {
                    source.Copy(lane, y);
                    Assert.All(y[..4], value => Assert.True(value < 0.45));
                    for (var i = 0; i < y.Length; i++) Assert.Equal(PermutationProblem.ToFixed(y[i]), source.Values[i * ArrangementSource.Lanes + lane]);
                    var key = string.Join(' ', y);
                    met[key] = met.GetValueOrDefault(key) + 1;
                }
            }
            var expected = groups * ArrangementSource.Lanes / 144.0;
            Assert.Equal(144, met.Count);
            Assert.InRange(met.Values.Sum(count => (count - expected) * (count - expected) / expected), 0, 201);
        }
    }

    [Fact]
    public void Draws_are_uniform_where_words_are_rejected()
    {
        // 2¹⁶ = 4/3 · 49,152: four words fall on three integers, so that every third would come twice as often if none were drawn again.
        var random = new LaneRandom(1, 2);
        var thirds = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var draws = random.Next(49_152);
            for (var lane = 0; lane < ArrangementSource.Lanes; lane++)
            {
                Assert.InRange(draws[lane], 0, 49_151);
                if (draws[lane] % 3 == 0) thirds++;
            }
        }
        Assert.Equal(1 / 3.0, thirds / 320_000.0, 4 * Math.Sqrt(2 / 9.0 / 320_000));
    }

    private static PermutationProblem Problem(Random random, int n, int measurements, int covariates, int strata, Alternative alternative, bool ties)
    {
        double[] Column() => [.. Enumerable.Range(0, n).Select(_ => ties ? random.Next(4) : random.NextDouble())];
        int[] lengths = [.. Enumerable.Repeat(n / strata, strata)];
        var residuals = new Residuals(Enumerable.Range(0, covariates).Select(_ => Column()), lengths);
        double[] Residual()
        {
            while (true)
            {
                if (residuals.Of("column", Column(), out _) is { } residual) return residual;
            }
        }
        return new PermutationProblem([.. Enumerable.Range(0, measurements).Select(_ => Residual())], Residual(), residuals.Basis, lengths, alternative);
    }

    private static void Count(PermutationProblem problem, ArrangementSource source, int lane, PermutationCounts counts)
    {
        var y = new double[problem.RowCount];
        var r = new double[problem.X.Length];
        source.Copy(lane, y);
        problem.Evaluate(y, r);
        counts.Total++;
        for (var m = 0; m < r.Length; m++)
        {
            var observed = problem.R[m];
            if (r[m] >= Math.Abs(observed) - 1e-12) counts.Upper[m]++;
            if (r[m] <= 1e-12 - Math.Abs(observed)) counts.Lower[m]++;
            if (Math.Abs(r[m] - observed) <= 1e-12) counts.Equal[m]++;
            var place = Array.IndexOf(problem.WeakestFirst, m);
            if (problem.WeakestFirst[..(place + 1)].Max(other => problem.Statistic(r[other])) >= problem.Statistic(observed) - 1e-12) counts.Largest[m]++;
            counts.Histogram[m * NullHistogram.BinCount + Math.Clamp((int)((r[m] + 1) * 100), 0, 199)]++;
        }
    }

    private static void AssertNear(PermutationCounts expected, PermutationCounts actual, int m)
    {
        // The distribution functions of both histograms differ by no more than moves across one edge.
        var (difference, largest) = (0L, 0L);
        for (var bin = 0; bin < NullHistogram.BinCount; bin++)
        {
            difference += expected.Histogram[m * NullHistogram.BinCount + bin] - actual.Histogram[m * NullHistogram.BinCount + bin];
            largest = Math.Max(largest, Math.Abs(difference));
        }
        Assert.Equal(0, difference);
        Assert.True(largest <= expected.Histogram.Max(), $"measurement {m}: {largest} arrangements lie across an edge");
    }
}
