using NcService.Core.Statistics;

namespace NcService.Core.Tests.Statistics;

public sealed class BootstrapIntervalTests
{
    [Fact]
    public void Same_seed_gives_the_same_interval_and_another_seed_a_slightly_other_one()
    {
        var (x, y) = Simulated.Pair(new Random(4), 40, 0.6);
        var first = Correlation.Compute(x, y, seed: 1);
        Assert.Equal(first.Interval95, Correlation.Compute(x, y, seed: 1).Interval95);
        var other = Correlation.Compute(x, y, seed: 2);
        Assert.NotEqual(first.Interval95, other.Interval95);
        Assert.Equal(first.Interval95!.Value.Lower, other.Interval95!.Value.Lower, 0.05);
        Assert.Equal("BCa bootstrap", first.IntervalMethod);
    }

    [Fact]
    public void Perfect_correlation_has_an_interval_without_width()
    {
        var result = Correlation.Compute([1, 2, 3, 4, 5, 6], [2, 4, 6, 8, 10, 12]);
        Assert.Equal(1, result.Interval95!.Value.Lower, 12);
        Assert.Equal(1, result.Interval95.Value.Upper, 12);
        Assert.Equal("percentile bootstrap", result.IntervalMethod);
    }

    [Fact]
    public void Interval_covers_the_true_correlation_about_as_often_as_it_says()
    {
        // 200 data sets of 40 rows with ρ = 0.5. At a true coverage of 0.95, 178 or fewer hits of 200 are a 3.9 σ event.
        var random = new Random(11);
        var hits = 0;
        for (var i = 0; i < 200; i++)
        {
            var (x, y) = Simulated.Pair(random, 40, 0.5);
            var interval = Correlation.Compute(x, y, seed: (ulong)i).Interval95!.Value;
            if (interval.Lower <= 0.5 && 0.5 <= interval.Upper) hits++;
        }
        Assert.InRange(hits, 179, 199);
    }
}
