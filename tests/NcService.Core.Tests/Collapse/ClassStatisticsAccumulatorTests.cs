using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Collapse;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

public sealed class ClassStatisticsAccumulatorTests
{
    public sealed record Split(int Classes, int Dimension, int Samples, int Batch, int Shards, double Offset, int Seed);

    [Fact]
    public void Any_split_into_batches_and_shards_gives_the_two_pass_result()
    {
        var splits =
            from classes in Gen.Choose(1, 12)
            from dimension in Gen.Choose(1, 9)
            from extra in Gen.Choose(0, 80)
            from batch in Gen.Choose(1, 40)
            from shards in Gen.Choose(1, 5)
            from offset in Gen.Elements(0.0, 1e4)
            from seed in Gen.Choose(0, 1_000_000)
            select new Split(classes, dimension, classes + extra, batch, shards, offset, seed);
        Prop.ForAll(splits.ToArbitrary(), Compare).QuickCheckThrowOnFailure();
    }

    private static void Compare(Split split)
    {
        var (features, labels) = Samples.Random(split.Seed, split.Classes, split.Dimension, split.Samples, split.Offset);
        using var merged = new ClassStatisticsAccumulator(split.Classes, split.Dimension);
        var perShard = (split.Samples + split.Shards - 1) / split.Shards;
        for (var start = 0; start < split.Samples; start += perShard)
        {
            var end = Math.Min(split.Samples, start + perShard);
            using var shard = Samples.Statistics(
                features[(start * split.Dimension)..(end * split.Dimension)], labels[start..end], split.Classes, split.Dimension, batch: split.Batch);
            merged.Merge(shard);
        }
        using var statistics = merged.Finish();
        AssertTwoPass(features, labels, split, statistics);
    }

    private static void AssertTwoPass(double[] features, long[] labels, Split split, ClassStatistics statistics)
    {
        // Rounding of the inputs themselves moves a mean by 1e-16 of the offset.
        var tolerance = 1e-12 * (1 + split.Offset);
        var covariance = new double[split.Dimension, split.Dimension];
        double[] means = TensorMemory.ToDoubles(statistics.Means), within = TensorMemory.ToDoubles(statistics.WithinSums);
        for (var c = 0; c < split.Classes; c++)
        {
            var rows = Enumerable.Range(0, labels.Length).Where(i => labels[i] == c).Select(i => features[(i * split.Dimension)..((i + 1) * split.Dimension)]).ToArray();
            var mean = Enumerable.Range(0, split.Dimension).Select(k => rows.Sum(row => row[k]) / rows.Length).ToArray();
            Assert.Equal(rows.Length, statistics.CountValues[c]);
            for (var k = 0; k < split.Dimension; k++) Assert.Equal(mean[k], means[(c * split.Dimension) + k], tolerance);
            Assert.Equal(rows.Sum(row => row.Zip(mean, (h, m) => (h - m) * (h - m)).Sum()), within[c], tolerance * split.Samples);
            foreach (var row in rows)
            {
                for (var k = 0; k < split.Dimension; k++)
                {
                    for (var l = 0; l < split.Dimension; l++) covariance[k, l] += (row[k] - mean[k]) * (row[l] - mean[l]);
                }
            }
        }
        var sums = TensorMemory.ToDoubles(statistics.WithinCovarianceSum);
        for (var i = 0; i < sums.Length; i++) Assert.Equal(covariance[i / split.Dimension, i % split.Dimension], sums[i], tolerance * split.Samples);
    }

    [Fact]
    public void Classes_below_the_minimum_can_be_kept_out_of_the_scatter_matrix()
    {
        // Class 2 has two samples far apart; over classes with at least three, it must leave no trace.
        double[] features = [0, 0, 1, 0, 0, 1, 5, 5, 6, 5, 5, 7, 100, -100, -100, 100];
        long[] labels = [0, 0, 0, 1, 1, 1, 2, 2];
        var @case = new CollapseCase { ClassCount = 3, Dimension = 2, Features = features, Labels = labels };
        var without = new CollapseCase { ClassCount = 3, Dimension = 2, Features = features[..12], Labels = labels[..6] };
        var options = new MeasurementOptions { MinimumSamples = 3 };
        var expected = CollapseMeasurements.MeasureCase(without, options: options);
        Assert.Equal(expected, CollapseMeasurements.MeasureCase(@case, options: options));
        Assert.NotNull(expected.Single(entry => entry.Name == "nc1_pinv").Value);

        using var overAll = Samples.Statistics(features, labels, 3, 2);
        var measured = CollapseMeasurements.Measure(overAll, null, options: options);
        Assert.Equal(expected.Single(entry => entry.Name == "nc1_quotient"), measured.Single(entry => entry.Name == "nc1_quotient"));
        Assert.Contains("collect with this minimum", measured.Single(entry => entry.Name == "nc1_pinv").UndefinedReason!);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void An_embedding_that_is_not_finite_is_refused_by_its_place(double value)
    {
        using var accumulator = new ClassStatisticsAccumulator(2, 3);
        using var good = ones(2, 3);
        using var labels = tensor([0L, 1L]);
        accumulator.Add(good, labels);
        using var bad = tensor(new[] { 1, 2, 3, 4, value, 6 }, [2, 3]);
        var error = Assert.Throws<InputException>(() => accumulator.Add(bad, labels));
        Assert.Contains("row 3, column 1", error.Message);
    }

    [Fact]
    public void Labels_and_shapes_that_do_not_fit_are_refused_by_what_is_wrong()
    {
        using var accumulator = new ClassStatisticsAccumulator(4, 3);
        using var features = ones(2, 3);
        using var narrow = ones(2, 2);
        using var labels = tensor([0L, 4L]);
        using var one = tensor([0L]);
        using var real = ones(2);
        Assert.Contains("Sample 1 has label 4; labels must be 0 to 3", Assert.Throws<InputException>(() => accumulator.Add(features, labels)).Message);
        Assert.Contains("[n, 3], not [2, 2]", Assert.Throws<InputException>(() => accumulator.Add(narrow, labels)).Message);
        Assert.Contains("one label per row", Assert.Throws<InputException>(() => accumulator.Add(features, one)).Message);
        Assert.Contains("must be integers", Assert.Throws<InputException>(() => accumulator.Add(features, real)).Message);
        using var other = new ClassStatisticsAccumulator(5, 3).Finish();
        Assert.Contains("cannot be merged", Assert.Throws<InputException>(() => accumulator.Merge(other)).Message);
    }
}
