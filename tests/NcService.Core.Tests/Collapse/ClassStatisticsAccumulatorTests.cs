using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Collapse;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

public sealed class ClassStatisticsAccumulatorTests
{
    public sealed record Split(int Classes, int Dimension, int Samples, int Batch, int Shards, double Offset, int Seed);

    [Theory]
    [InlineData(FeaturePrecision.Float64)]
    [InlineData(FeaturePrecision.Float32)]
    public void Any_split_into_batches_and_shards_gives_the_two_pass_result(FeaturePrecision precision)
    {
        var splits =
            from classes in Gen.Choose(1, 12)
            from dimension in Gen.Choose(1, 40)
            from extra in Gen.Choose(0, 80)
            from batch in Gen.Choose(1, 40)
            from shards in Gen.Choose(1, 5)
            from offset in Gen.Elements(0.0, 1e4)
            from seed in Gen.Choose(0, 1_000_000)
            select new Split(classes, dimension, classes + extra, batch, shards, offset, seed);
        Prop.ForAll(splits.ToArbitrary(), split => Compare(split, precision)).QuickCheckThrowOnFailure();
    }

    private static void Compare(Split split, FeaturePrecision precision)
    {
        var (features, labels) = Samples.Random(split.Seed, split.Classes, split.Dimension, split.Samples, split.Offset);
        if (precision == FeaturePrecision.Float32) features = Array.ConvertAll(features, value => (double)(float)value);
        using var merged = new ClassStatisticsAccumulator(split.Classes, split.Dimension);
        var perShard = (split.Samples + split.Shards - 1) / split.Shards;
        for (var start = 0; start < split.Samples; start += perShard)
        {
            var end = Math.Min(split.Samples, start + perShard);
            using var shard = Samples.Statistics(
                features[(start * split.Dimension)..(end * split.Dimension)], labels[start..end], split.Classes, split.Dimension, precision, split.Batch);
            merged.Merge(shard);
        }
        using var statistics = merged.Finish();
        AssertTwoPass(features, labels, split, statistics, precision == FeaturePrecision.Float64 ? 1e-12 : 1e-6);
    }

    private static void AssertTwoPass(double[] features, long[] labels, Split split, ClassStatistics statistics, double covarianceTolerance)
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
        for (var i = 0; i < sums.Length; i++) Assert.Equal(covariance[i / split.Dimension, i % split.Dimension], sums[i], Math.Max(tolerance, covarianceTolerance) * split.Samples);
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void The_kernel_and_torchs_operators_give_the_same_sums(ScalarType type)
    {
        // More samples than a block of either, most of them in one class, and more columns than a block of the scatter matrix.
        const int classes = 40, dimension = 300, samples = 5000;
        random.manual_seed(3);
        using var features = (randn(samples, dimension) + 100).to(type);
        using var labels = randint(-60, classes, [samples], dtype: ScalarType.Int64).clamp(min: 0);
        var included = Enumerable.Range(0, classes).Select(c => c % 3 != 1).ToArray();
        ClassStatistics Collect(bool composed)
        {
            using var accumulator = new ClassStatisticsAccumulator(classes, dimension, CPU, included, composed);
            accumulator.Add(features, labels);
            return accumulator.Finish();
        }
        using var kernel = Collect(composed: false);
        using var operators = Collect(composed: true);
        Assert.Equal(operators.CountValues, kernel.CountValues);
        AssertNear(operators.Means, kernel.Means, 1e-13);
        AssertNear(operators.WithinSums, kernel.WithinSums, 1e-12);
        AssertNear(operators.WithinCovarianceSum, kernel.WithinCovarianceSum, type == ScalarType.Float64 ? 1e-12 : 1e-5);
    }

    /// <summary>Differences relative to the largest number.</summary>
    private static void AssertNear(Tensor expected, Tensor actual, double tolerance)
    {
        double[] expectedValues = TensorMemory.ToDoubles(expected), values = TensorMemory.ToDoubles(actual);
        var largest = expectedValues.Max(Math.Abs);
        for (var i = 0; i < values.Length; i++) Assert.Equal(expectedValues[i], values[i], tolerance * largest);
    }

    [Fact]
    public void Without_classes_in_the_scatter_matrix_all_else_is_the_same_and_its_measurements_say_why_they_are_missing()
    {
        var (features, labels) = Samples.Random(7, 5, 6, 60);
        using var with = Samples.Statistics(features, labels, 5, 6);
        using var accumulator = new ClassStatisticsAccumulator(5, 6, covarianceClasses: new bool[5]);
        using var matrix = Samples.Matrix(features, 6);
        using var ids = tensor(labels);
        accumulator.Add(matrix, ids);
        using var without = accumulator.Finish();
        var expected = CollapseMeasurements.Measure(with, null);
        foreach (var (measured, other) in CollapseMeasurements.Measure(without, null).Zip(expected))
        {
            if (measured.Name is "nc1_pinv" or "vci") Assert.Equal("the within-class covariance was not collected", measured.UndefinedReason);
            else Assert.Equal(other, measured);
        }
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
