using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Collapse;

namespace NcService.Core.Tests.Collapse;

public sealed class PairwiseMeasurementTests
{
    // The two quantities that subtract closed forms are known to an absolute 1e-7 only where they vanish.
    private static readonly HashSet<string> ClosedForms = ["interference_std", "interference_cov", "duality_error"];

    public sealed record Shape(int Classes, int Dimension, int ExtraSamples, int TileRows, int TileColumns, int Exponent, int Seed);

    private static Arbitrary<Shape> Shapes()
    {
        var shapes =
            from classes in Gen.Choose(1, 40)
            from dimension in Gen.Choose(1, 20)
            from extra in Gen.Choose(0, 60)
            from rows in Gen.Choose(1, classes + 2)
            from columns in Gen.Choose(1, classes + 2)
            from exponent in Gen.Choose(-1, 3)
            from seed in Gen.Choose(0, 1_000_000)
            select new Shape(classes, dimension, extra, rows, columns, exponent, seed);
        return shapes.ToArbitrary();
    }

    [Fact]
    public void Tiles_of_any_shape_give_what_plain_loops_give() =>
        Prop.ForAll(Shapes(), shape => Compare(shape, FeaturePrecision.Float64, 1e-9)).QuickCheckThrowOnFailure();

    [Fact]
    public void Float32_tiles_give_it_to_float32_rounding() =>
        Prop.ForAll(Shapes(), shape => Compare(shape, FeaturePrecision.Float32, 2e-4)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(18)]
    [InlineData(-18)]
    [InlineData(60)]
    public void Energies_of_high_powers_stay_in_range_in_float32_tiles(int exponent) =>
        Compare(new Shape(40, 12, 60, 16, 32, exponent, 9), FeaturePrecision.Float32, 1e-3);

    [Fact]
    public void Lengths_and_variances_far_from_one_measure_in_float32_tiles_as_in_float64_ones()
    {
        // Squares of these lengths and quotients of these variances leave float32's range.
        foreach (var (length, noise) in new[] { (1e25, 1e12), (1e-25, 1e-28), (1e20, 1e6) })
        {
            const int classes = 50, dimension = 9;
            var random = new Random(12);
            var means = Samples.Gaussian(random, classes * dimension);
            double[] features = [.. means.Select(value => (length * value) - noise), .. means.Select(value => (length * value) + noise)];
            var labels = Enumerable.Range(0, 2 * classes).Select(i => (long)(i % classes)).ToArray();
            using var statistics = Samples.Statistics(features, labels, classes, dimension);
            var expected = CollapseMeasurements.Measure(statistics, null, options: new MeasurementOptions { TilePrecision = FeaturePrecision.Float64 });
            var measured = CollapseMeasurements.Measure(statistics, null, options: new MeasurementOptions { TilePrecision = FeaturePrecision.Float32 });
            foreach (var (one, other) in expected.Zip(measured))
            {
                if (one.Value is not { } value) Assert.Equal(one.UndefinedReason, other.UndefinedReason);
                else Assert.Equal(value, other.Value!.Value, 1e-4 * Math.Abs(value));
            }
        }
    }

    [Fact]
    public void Means_a_billion_times_nearer_than_others_measure_in_float32_tiles_as_in_float64_ones()
    {
        // The short ones' samples lie as far apart as the long ones': their variance over the fourth power of their distance leaves float32's range.
        const int classes = 40, dimension = 6;
        var random = new Random(21);
        var features = Samples.Gaussian(random, 2 * classes * dimension);
        for (var row = 0; row < 2 * classes; row++)
        {
            // Long ones come in opposite pairs, so that the global mean is no longer than the short ones.
            for (var k = 0; k < dimension; k++)
            {
                ref var value = ref features[(row * dimension) + k];
                value = row % classes < 26
                    ? row < classes ? value : (1e-11 * value) - features[((row - classes) * dimension) + k]
                    : row % 2 == 0 ? value : -features[((row - 1) * dimension) + k];
            }
        }
        var labels = Enumerable.Range(0, 2 * classes).Select(i => (long)(i % classes)).ToArray();
        using var statistics = Samples.Statistics(features, labels, classes, dimension);
        var expected = CollapseMeasurements.Measure(statistics, null, options: new MeasurementOptions { TilePrecision = FeaturePrecision.Float64 }).ToDictionary(entry => entry.Name);
        foreach (var measured in CollapseMeasurements.Measure(statistics, null, options: new MeasurementOptions { TilePrecision = FeaturePrecision.Float32 }))
        {
            if (expected[measured.Name].Value is { } value) AssertNear(measured.Name, value / Math.Abs(value), measured with { Value = measured.Value / Math.Abs(value) }, 1e-4);
        }
    }

    [Theory]
    [InlineData(17, 16, 16)] // K mod tile = 1
    [InlineData(33, 16, 8)]
    [InlineData(5, 512, 1024)] // K < tile
    [InlineData(2, 1, 1)]
    [InlineData(1, 1, 1)]
    public void Edges_of_tiles_are_covered(int classes, int rows, int columns)
    {
        Compare(new Shape(classes, 7, 50, rows, columns, 1, 5), FeaturePrecision.Float64, 1e-9);
        Compare(new Shape(classes, 1, 50, rows, columns, 1, 6), FeaturePrecision.Float64, 1e-9);
    }

    [Theory]
    [InlineData(FeaturePrecision.Float64, 1e-7)]
    [InlineData(FeaturePrecision.Float32, 5e-4)]
    public void Nearly_equal_means_are_recomputed_from_explicit_differences(FeaturePrecision tiles, double tolerance)
    {
        // Pairs of classes 1e-6 apart: in float32 |a|² + |b|² − 2ab would leave nothing of their distance, in float64 four digits.
        const int classes = 30, dimension = 12;
        var random = new Random(3);
        var features = Samples.Gaussian(random, classes * dimension);
        for (var c = 1; c < classes; c += 2)
        {
            for (var k = 0; k < dimension; k++) features[(c * dimension) + k] = features[((c - 1) * dimension) + k] + (1e-6 * random.NextDouble());
        }
        var labels = Enumerable.Range(0, classes).Select(c => (long)c).ToArray();
        using var statistics = Samples.Statistics(features, labels, classes, dimension);
        var expected = new ReferenceMeasurements(features, labels, classes, dimension, null).Compute();
        var measured = CollapseMeasurements.Measure(statistics, null, options: new MeasurementOptions { TilePrecision = tiles, TileRows = 8, TileColumns = 16 });
        foreach (var name in new[] { "logdist_mean", "logdist_std", "logdist_uncentred_mean", "logdist_uncentred_std", "riesz_mean", "riesz_std" })
            AssertNear(name, expected[name], measured.Single(entry => entry.Name == name), tolerance);
    }

    [Fact]
    public void Float32_embeddings_far_from_the_origin_keep_their_accuracy()
    {
        // On a grid of 2⁻¹⁰ both the values and the values + 10240 are exact in float32, so that the geometry is the same.
        const int classes = 12, dimension = 10, samples = 600;
        var (features, labels) = Samples.Random(11, classes, dimension, samples);
        features = Array.ConvertAll(features, value => Math.Round(value * 1024) / 1024);
        var shifted = Array.ConvertAll(features, value => value + 10_240);
        var random = new Random(4);
        var weights = Samples.Gaussian(random, classes * dimension);
        using var statistics = Samples.Statistics(shifted, labels, classes, dimension, FeaturePrecision.Float32, batch: 50);
        using var near = Samples.Statistics(features, labels, classes, dimension);
        using var classifier = Samples.Matrix(weights, dimension);
        var expected = CollapseMeasurements.Measure(near, classifier).ToDictionary(entry => entry.Name, entry => entry);
        foreach (var measurement in CollapseMeasurements.Measure(statistics, classifier))
        {
            if (measurement.Name.Contains("uncentred", StringComparison.Ordinal) || expected[measurement.Name].Value is null) continue;
            AssertNear(measurement.Name, expected[measurement.Name].Value!.Value, measurement, 1e-5);
        }
        var reference = new ReferenceMeasurements(shifted, labels, classes, dimension, null).Compute();
        foreach (var measurement in CollapseMeasurements.Measure(statistics, null).Where(entry => entry.Name.Contains("uncentred", StringComparison.Ordinal)))
            AssertNear(measurement.Name, reference[measurement.Name], measurement, 1e-5);
    }

    private static void Compare(Shape shape, FeaturePrecision precision, double tolerance)
    {
        var (features, labels) = Samples.Random(shape.Seed, shape.Classes, shape.Dimension, shape.Classes + shape.ExtraSamples);
        var weights = Samples.Gaussian(new Random(shape.Seed + 1), shape.Classes * shape.Dimension);
        using var statistics = Samples.Statistics(features, labels, shape.Classes, shape.Dimension);
        using var classifier = Samples.Matrix(weights, shape.Dimension);
        var options = new MeasurementOptions
        {
            TileRows = shape.TileRows,
            TileColumns = shape.TileColumns,
            RieszExponent = shape.Exponent,
            TilePrecision = precision,
        };
        var measured = CollapseMeasurements.Measure(statistics, classifier, options: options).ToDictionary(entry => entry.Name, entry => entry);
        foreach (var (name, expected) in new ReferenceMeasurements(features, labels, shape.Classes, shape.Dimension, weights).Compute(shape.Exponent))
            AssertNear(name, expected, measured[name], tolerance);
    }

    private static void AssertNear(string name, double expected, Measurement measured, double tolerance)
    {
        Assert.True(double.IsFinite(expected) == measured.Value.HasValue, $"{name}: expected {expected}, measured {measured}");
        if (measured.Value is not { } value)
        {
            Assert.False(string.IsNullOrEmpty(measured.UndefinedReason));
            return;
        }
        var allowed = (tolerance * Math.Max(1, Math.Abs(expected))) + (ClosedForms.Contains(name) ? 1e-7 : 0);
        Assert.True(Math.Abs(value - expected) <= allowed, $"{name}: expected {expected:R}, measured {value:R}");
    }
}
