using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Collapse;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

public sealed class DecisionAccumulatorTests
{
    public sealed record Shape(int Classes, int Dimension, int Samples, int ClassTile, int SampleTile, int MinimumSamples, double Offset, int Seed);

    private static readonly ScreenFormat[] s_screens = [ScreenFormat.Bytes, ScreenFormat.Float32, ScreenFormat.Composed];

    [Theory]
    [InlineData(FeaturePrecision.Float64)]
    [InlineData(FeaturePrecision.Float32)]
    public void Tiles_of_any_size_and_every_screen_decide_and_lose_as_plain_loops_do(FeaturePrecision precision)
    {
        var shapes =
            from classes in Gen.Choose(1, 25)
            from dimension in Gen.Choose(1, 20)
            from extra in Gen.Choose(0, 60)
            from classTile in Gen.Choose(1, classes + 2)
            from sampleTile in Gen.Choose(1, 40)
            from minimum in Gen.Choose(1, 3)
            from offset in Gen.Elements(0.0, 1000)
            from seed in Gen.Choose(0, 1_000_000)
            from screen in Gen.Elements(s_screens)
            select (Shape: new Shape(classes, dimension, classes + extra, classTile, sampleTile, minimum, offset, seed), Screen: screen);
        Prop.ForAll(shapes.ToArbitrary(), entry => Compare(entry.Shape, precision, entry.Screen)).QuickCheckThrowOnFailure();
    }

    private static void Compare(Shape shape, FeaturePrecision precision, ScreenFormat screen)
    {
        // Float32 samples are compared as the numbers they are, so that the plain loops in float64 decide the same question.
        var (features, labels) = Samples.Random(shape.Seed, shape.Classes, shape.Dimension, shape.Samples, shape.Offset);
        features = Array.ConvertAll(features, value => (double)(float)value);
        var weights = Array.ConvertAll(Samples.Gaussian(new Random(shape.Seed + 1), shape.Classes * shape.Dimension), value => (double)(float)value);
        using var statistics = Samples.Statistics(features, labels, shape.Classes, shape.Dimension, precision);
        using var classifier = Samples.Matrix(weights, shape.Dimension, precision);
        using var samples = Samples.Matrix(features, shape.Dimension, precision);
        using var ids = tensor(labels);
        var options = new DecisionOptions { ClassTile = shape.ClassTile, SampleTile = shape.SampleTile, MinimumSamples = shape.MinimumSamples, Loss = true, Screen = screen };
        using var accumulator = new DecisionAccumulator(statistics, classifier, options);
        accumulator.Add(samples, ids);

        // Without losses bytes serve the classifier too.
        using var withoutLoss = new DecisionAccumulator(statistics, classifier, options with { Loss = false });
        Assert.Equal(accumulator.Decide(samples).Linear, withoutLoss.Decide(samples).Linear);
        Assert.Equal(accumulator.Decide(samples).LinearOverKept, withoutLoss.Decide(samples).LinearOverKept);

        var expected = Reference(features, labels, weights, TensorMemory.ToDoubles(statistics.Means), statistics.CountValues, shape);
        var decisions = accumulator.Decide(samples);
        Assert.Equal(expected.Linear, decisions.Linear);
        Assert.Equal(expected.LinearOverKept, decisions.LinearOverKept);
        Assert.Equal(expected.NearestCentre, decisions.NearestCentre);

        var counts = accumulator.Finish();
        var seen = labels.Select((label, i) => (label, i)).Where(entry => statistics.CountValues[entry.label] >= shape.MinimumSamples).ToArray();
        Assert.Equal(labels.Length, counts.Samples);
        Assert.Equal(expected.Linear.Zip(expected.NearestCentre).Count(pair => pair.First == pair.Second), counts.Agreements);
        Assert.Equal(expected.Linear.Zip(labels).Count(pair => pair.First == pair.Second), counts.LinearCorrect);
        Assert.Equal(expected.NearestCentre.Zip(labels).Count(pair => pair.First == pair.Second), counts.NearestCentreCorrect);
        Assert.Equal(seen.Length, counts.SeenSamples);
        Assert.Equal(seen.Count(entry => expected.LinearOverKept[entry.i] == expected.NearestCentre[entry.i]), counts.SeenAgreements);
        Assert.Equal(expected.Loss, counts.LossSum!.Value, (precision == FeaturePrecision.Float64 ? 1e-9 : 1e-4) * (1 + Math.Abs(expected.Loss)));
    }

    private static (long[] Linear, long[] LinearOverKept, long[] NearestCentre, double Loss) Reference(
        double[] features, long[] labels, double[] weights, double[] means, long[] counts, Shape shape)
    {
        var (linear, overKept, nearest, loss) = (new long[labels.Length], new long[labels.Length], new long[labels.Length], 0.0);
        for (var i = 0; i < labels.Length; i++)
        {
            var h = features.AsSpan(i * shape.Dimension, shape.Dimension).ToArray();
            var scores = Enumerable.Range(0, shape.Classes).Select(c => h.Select((value, k) => value * weights[(c * shape.Dimension) + k]).Sum()).ToArray();
            var distances = Enumerable.Range(0, shape.Classes).Select(c => h.Select((value, k) => Math.Pow(value - means[(c * shape.Dimension) + k], 2)).Sum()).ToArray();
            var kept = Enumerable.Range(0, shape.Classes).Where(c => counts[c] >= shape.MinimumSamples).ToArray();
            linear[i] = Enumerable.Range(0, shape.Classes).MaxBy(c => scores[c]);
            overKept[i] = kept.Length == 0 ? -1 : kept.MaxBy(c => scores[c]);
            nearest[i] = kept.Length == 0 ? -1 : kept.MinBy(c => distances[c]);
            loss += scores.Max() + Math.Log(scores.Sum(score => Math.Exp(score - scores.Max()))) - scores[labels[i]];
        }
        return (linear, overKept, nearest, loss);
    }

    public static TheoryData<string, double, double> HardGeometries()
    {
        var data = new TheoryData<string, double, double>();
        foreach (var screen in s_screens)
        {
            data.Add(screen.ToString(), 1e-3, 1);      // a byte's rounding
            data.Add(screen.ToString(), 1e-7, 1);      // float32's
            data.Add(screen.ToString(), 1e-12, 1);     // hardly float64's
            data.Add(screen.ToString(), 1e-3, 1000);   // one entry drowns the others in a byte
            data.Add(screen.ToString(), 1, 1e18);      // squares near float32's largest number
            data.Add(screen.ToString(), 1, 1e-25);     // products below its smallest
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(HardGeometries))]
    public void Classes_within_any_rounding_of_each_other_are_told_apart(string screen, double spread, double outlier)
    {
        // All classes lie within the spread of one, some are equal, and samples lie between them.
        const int classes = 150, dimension = 70, samples = 60;
        var random = new Random(17);
        var centre = Samples.Gaussian(random, dimension);
        double[] Near(int rows)
        {
            var values = new double[rows * dimension];
            for (var i = 0; i < values.Length; i++)
                values[i] = (i % dimension == 3 ? outlier : outlier > 1e6 || outlier < 1e-6 ? outlier : 1) * (centre[i % dimension] + (spread * Samples.Gaussian(random, 1)[0]));
            return values;
        }
        double[] means = Near(classes), weights = Near(classes), h = Near(samples);
        for (var c = 40; c < classes; c += 10)
        {
            means.AsSpan((c - 7) * dimension, dimension).CopyTo(means.AsSpan(c * dimension));
            weights.AsSpan((c - 11) * dimension, dimension).CopyTo(weights.AsSpan(c * dimension));
        }
        using var statistics = Samples.Statistics(means, [.. Enumerable.Range(0, classes).Select(c => (long)c)], classes, dimension);
        using var classifier = Samples.Matrix(weights, dimension);
        using var features = Samples.Matrix(h, dimension);
        using var accumulator = new DecisionAccumulator(statistics, classifier, new DecisionOptions { ClassTile = 64, Screen = Enum.Parse<ScreenFormat>(screen) });
        var decisions = accumulator.Decide(features);
        for (var i = 0; i < samples; i++)
        {
            var sample = h.AsSpan(i * dimension, dimension).ToArray();
            var scores = Enumerable.Range(0, classes).Select(c => Exact.Dot(sample, weights.AsSpan(c * dimension, dimension))).ToArray();
            var distances = Enumerable.Range(0, classes).Select(c => Exact.SquaredDistance(sample, means.AsSpan(c * dimension, dimension))).ToArray();
            AssertBest(scores, decisions.Linear[i], scores.Max(Math.Abs));
            AssertBest([.. distances.Select(distance => -distance)], decisions.NearestCentre[i], distances.Min());
        }
    }

    /// <summary>The decision has the highest score, or one that float64 itself cannot tell from it; of equal classes it is the first.</summary>
    private static void AssertBest(double[] scores, long decision, double scale)
    {
        Assert.True(scores[decision] >= scores.Max() - (1e-14 * scale), $"class {decision} has {scores[decision]:R}, the best {scores.Max():R}");
        Assert.Equal(decision, Array.IndexOf(scores, scores[decision]));
    }

    /// <summary>Sums that lose nothing to rounding, to float64's last place.</summary>
    private static class Exact
    {
        public static double Dot(double[] a, Span<double> b)
        {
            var sum = new CompensatedSum();
            for (var k = 0; k < a.Length; k++)
            {
                var product = a[k] * b[k];
                sum.Add(product);
                sum.Add(Math.FusedMultiplyAdd(a[k], b[k], -product));
            }
            return sum.Value;
        }

        public static double SquaredDistance(double[] a, Span<double> b)
        {
            var sum = new CompensatedSum();
            for (var k = 0; k < a.Length; k++) sum.Add((a[k] - b[k]) * (a[k] - b[k]));
            return sum.Value;
        }
    }

    [Fact]
    public void A_rounding_error_that_lies_along_a_class_is_within_its_bound()
    {
        // One entry makes a byte count 1, so that the others, 0.49, are lost: all that class 0 scores by, √63·√63·0.49 = 30.9, while class 1 scores 25.4.
        const int dimension = 64;
        double[] Row(double first, double others) => [first, .. Enumerable.Repeat(others, dimension - 1)];
        double[] vectors = [.. Row(0, 1), .. Row(0.2, 0)];
        using var statistics = Samples.Statistics(vectors, [0, 1], 2, dimension);
        using var classifier = Samples.Matrix(vectors, dimension);
        using var features = Samples.Matrix(Row(127, 0.49), dimension);
        foreach (var screen in s_screens)
        {
            using var accumulator = new DecisionAccumulator(statistics, classifier, new DecisionOptions { Screen = screen });
            Assert.Equal([0], accumulator.Decide(features).Linear);
        }
    }

    [Fact]
    public void Samples_beyond_float32s_range_are_decided_too()
    {
        double[] centres = [1e100, 0, 0, 1e100, -1e100, 0];
        using var statistics = Samples.Statistics(centres, [0, 1, 2], 3, 2);
        using var classifier = Samples.Matrix([1, 0, 0, 1, -1, 0], 2);
        using var features = Samples.Matrix([1e150, 2e150, -3e150, 1e150], 2);
        foreach (var screen in s_screens)
        {
            using var accumulator = new DecisionAccumulator(statistics, classifier, new DecisionOptions { Screen = screen });
            Assert.Equal([1, 2], accumulator.Decide(features).Linear);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void Ties_go_to_the_lowest_id_in_any_tile(int classTile)
    {
        // Classes 1 and 4 have the same centre and the same weights, 0.1 has no exact binary form.
        double[] centres = [3, 3, 0.1, 0.7, -3, 0, 9, 9, 0.1, 0.7];
        using var statistics = Samples.Statistics(centres, [0, 1, 2, 3, 4], 5, 2, FeaturePrecision.Float32);
        using var classifier = Samples.Matrix([0, 0, 1, 1, -1, 0, -2, 0, 1, 1], 2, FeaturePrecision.Float32);
        using var samples = Samples.Matrix([0.3, 0.5, 0.1, 0.7], 2, FeaturePrecision.Float32);
        using var accumulator = new DecisionAccumulator(statistics, classifier, new DecisionOptions { ClassTile = classTile });
        var decisions = accumulator.Decide(samples);
        Assert.Equal([1, 1], decisions.Linear);
        Assert.Equal([1, 1], decisions.NearestCentre);
    }

    [Fact]
    public void Close_centres_far_from_the_origin_are_told_apart_in_float32()
    {
        // At 10240 float32 steps are 2⁻¹⁰: the sample lies one step nearer to class 1, which no float32 distance from the origin shows.
        const double step = 1.0 / 1024;
        using var statistics = Samples.Statistics([10_240, 10_240, 10_240 + (10 * step), 10_240], [0, 1], 2, 2, FeaturePrecision.Float32);
        using var classifier = Samples.Matrix([1, 0, 0, 1], 2, FeaturePrecision.Float32);
        using var samples = Samples.Matrix([10_240 + (6 * step), 10_240, 10_240 + (4 * step), 10_240], 2, FeaturePrecision.Float32);
        using var accumulator = new DecisionAccumulator(statistics, classifier);
        Assert.Equal([1, 0], accumulator.Decide(samples).NearestCentre);
    }

    [Fact]
    public void Counts_of_shards_add_up()
    {
        var (features, labels) = Samples.Random(1, 6, 4, 90);
        using var statistics = Samples.Statistics(features, labels, 6, 4);
        using var classifier = Samples.Matrix(Samples.Gaussian(new Random(2), 24), 4);
        DecisionCounts Decide(int start, int end)
        {
            using var accumulator = new DecisionAccumulator(statistics, classifier, new DecisionOptions { Loss = true });
            using var samples = Samples.Matrix(features[(start * 4)..(end * 4)], 4);
            using var ids = tensor(labels[start..end]);
            accumulator.Add(samples, ids);
            return accumulator.Finish();
        }
        var (whole, merged) = (Decide(0, 90), Decide(0, 31).Merge(Decide(31, 90)));
        Assert.Equal(whole with { LossSum = 0 }, merged with { LossSum = 0 });
        Assert.Equal(whole.LossSum!.Value, merged.LossSum!.Value, 1e-9);
    }

    [Fact]
    public void A_classifier_that_does_not_fit_or_is_not_finite_is_refused()
    {
        using var statistics = Samples.Statistics([1, 2, 3, 4], [0, 1], 2, 2);
        using var transposed = ones(2, 3);
        using var broken = tensor([1, 2, 3, double.NaN], [2, 2]);
        Assert.Contains("must be [2, 2], not [2, 3]", Assert.Throws<InputException>(() => new DecisionAccumulator(statistics, transposed)).Message);
        Assert.Contains("row 1, column 1", Assert.Throws<InputException>(() => new DecisionAccumulator(statistics, broken)).Message);
    }
}
