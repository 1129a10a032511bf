using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Collapse;

namespace NcService.Core.Tests.Collapse;

public sealed class PairDetailsTests
{
    public sealed record Shape(int Classes, int Dimension, int Rows, int Columns, int Wanted, FeaturePrecision Precision, int Seed);

    private static Arbitrary<Shape> Shapes()
    {
        var shapes =
            from classes in Gen.Choose(2, 70)
            from dimension in Gen.Choose(1, 20)
            from rows in Gen.Choose(1, classes + 2)
            from columns in Gen.Choose(1, classes + 2)
            from wanted in Gen.Choose(1, 12)
            from precision in Gen.Elements(FeaturePrecision.Float32, FeaturePrecision.Float64)
            from seed in Gen.Choose(0, 1_000_000)
            select new Shape(classes, dimension, rows, columns, wanted, precision, seed);
        return shapes.ToArbitrary();
    }

    [Fact]
    public void Nearest_classes_and_distributions_are_those_of_plain_loops() => Prop.ForAll(Shapes(), Compare).QuickCheckThrowOnFailure();

    private static void Compare(Shape shape)
    {
        // Every third class has one sample only and is left out, so that ids are not positions.
        var labels = Enumerable.Range(0, shape.Classes).SelectMany(c => Enumerable.Repeat((long)c, c % 3 == 2 ? 1 : 3)).ToArray();
        var features = Samples.Gaussian(new Random(shape.Seed), labels.Length * shape.Dimension);
        using var statistics = Samples.Statistics(features, labels, shape.Classes, shape.Dimension);
        var options = new MeasurementOptions { MinimumSamples = 2, TileRows = shape.Rows, TileColumns = shape.Columns, TilePrecision = shape.Precision };
        var details = new PairDetails { NearestClasses = shape.Wanted, Histograms = true };
        CollapseMeasurements.Measure(statistics, null, null, null, options, details, default);

        var geometry = new PlainPairs(statistics, minimumSamples: 2);
        Assert.Equal(geometry.Ids, details.Classes);
        if (geometry.Ids.Length < 2) return;
        AssertNeighbours(geometry.Ids, details.NearestByDistance, shape.Wanted, geometry.Distance, descending: false);
        AssertNeighbours(geometry.Ids, details.NearestByCosine, shape.Wanted, geometry.Cosine, descending: true);
        AssertDistribution(details, "cdnv", geometry.Pairs(geometry.Cdnv));
        AssertDistribution(details, "interference", geometry.Pairs(geometry.Cosine));
        if (shape.Dimension == 1) return; // directions are ±1 there, and distances of equal ones have no logarithm
        AssertDistribution(details, "logdist", geometry.Pairs((a, b) => -0.5 * Math.Log(2 - (2 * geometry.Cosine(a, b)))));
        AssertDistribution(details, "logdist_uncentred", geometry.Pairs((a, b) => -0.5 * Math.Log(2 - (2 * geometry.UncentredCosine(a, b)))));
    }

    private static void AssertNeighbours(int[] ids, IReadOnlyList<Neighbour[]> lists, int wanted, Func<int, int, double> value, bool descending)
    {
        Assert.Equal(ids.Length, lists.Count);
        for (var c = 0; c < ids.Length; c++)
        {
            var others = Enumerable.Range(0, ids.Length).Where(other => other != c).Select(other => (Id: ids[other], Value: value(c, other)));
            var expected = (descending ? others.OrderByDescending(other => other.Value) : others.OrderBy(other => other.Value)).Take(wanted).ToArray();

            // Values to rounding, and each beside the class that has it.
            Assert.Equal(expected.Length, lists[c].Length);
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i].Value, lists[c][i].Value, 1e-9);
                Assert.Equal(value(c, Array.IndexOf(ids, lists[c][i].Class)), lists[c][i].Value, 1e-9);
            }
            Assert.Equal(expected.Length, lists[c].Select(neighbour => neighbour.Class).Distinct().Count());
        }
    }

    private static void AssertDistribution(PairDetails details, string name, double[] values)
    {
        var histogram = details.Distributions.Single(entry => entry.Name == name);
        Assert.Equal(values.Length, histogram.Counts.Sum());
        Assert.Equal(histogram.Counts.Count + 1, histogram.Edges.Count);
        Assert.Equal(histogram.Edges.Order(), histogram.Edges);
        for (var bin = 0; bin < histogram.Counts.Count; bin++)
        {
            // Rounding may move a value across an edge; the outermost bins also hold what lies beyond.
            const double rounding = 1e-5;
            double low = bin == 0 ? double.NegativeInfinity : histogram.Edges[bin], high = bin == histogram.Counts.Count - 1 ? double.PositiveInfinity : histogram.Edges[bin + 1];
            Assert.InRange(
                histogram.Counts[bin],
                values.Count(value => value > low + rounding && value < high - rounding),
                values.Count(value => value > low - rounding && value < high + rounding));
        }
    }

    [Fact]
    public void Of_equal_distances_the_lowest_id_comes_first_and_a_class_without_direction_has_no_cosine()
    {
        // The corners of a square and its middle, which is the global mean.
        using var statistics = Samples.Statistics([1, 1, -1, 1, -1, -1, 1, -1, 0, 0], [0, 1, 2, 3, 4], 5, 2);
        var details = new PairDetails { NearestClasses = 2 };
        CollapseMeasurements.Measure(statistics, null, null, null, new MeasurementOptions(), details, default);
        Assert.Equal([0, 1], details.NearestByDistance[4].Select(neighbour => neighbour.Class));
        Assert.Equal([4, 1], details.NearestByDistance[0].Select(neighbour => neighbour.Class));
        Assert.Empty(details.NearestByCosine[4]);
        Assert.Equal([1, 3], details.NearestByCosine[0].Select(neighbour => neighbour.Class));
        Assert.Empty(details.Distributions);
    }

    [Fact]
    public void A_sample_of_pairs_estimates_within_its_intervals()
    {
        const int classes = 300, dimension = 12;
        var (features, labels) = Samples.Random(21, classes, dimension, 4 * classes);
        using var statistics = Samples.Statistics(features, labels, classes, dimension);
        var exact = CollapseMeasurements.Measure(statistics, null).ToDictionary(entry => entry.Name);
        var (inside, all) = (0, 0);
        for (var seed = 0; seed < 40; seed++)
        {
            var details = new PairDetails();
            var options = new MeasurementOptions { PairSample = 5000, PairSampleSeed = seed };
            var measured = CollapseMeasurements.Measure(statistics, null, null, null, options, details, default).ToDictionary(entry => entry.Name);
            Assert.Equal(measured["interference_mean"], exact["interference_mean"]);
            Assert.Equal(
                new[] { "cdnv", "cdnv_dist4", "logdist_cov", "logdist_mean", "logdist_std", "logdist_uncentred_cov", "logdist_uncentred_mean", "logdist_uncentred_std", "riesz_mean", "riesz_std" },
                details.Intervals.Keys.Order(StringComparer.Ordinal));
            foreach (var (name, interval) in details.Intervals)
            {
                Assert.InRange(measured[name].Value!.Value, interval.Low, interval.High);
                all++;
                if (exact[name].Value >= interval.Low && exact[name].Value <= interval.High) inside++;
            }
        }

        // 95 % of 400 intervals, which are correlated within a seed: 0.89 is four standard errors of 40 independent ones below.
        Assert.InRange(inside / (double)all, 0.89, 0.995);
        var again = new PairDetails();
        CollapseMeasurements.Measure(statistics, null, null, null, new MeasurementOptions { PairSample = 5000, PairSampleSeed = 3 }, again, default);
        var repeated = new PairDetails();
        CollapseMeasurements.Measure(statistics, null, null, null, new MeasurementOptions { PairSample = 5000, PairSampleSeed = 3 }, repeated, default);
        Assert.Equal(again.Intervals, repeated.Intervals);
    }

    [Fact]
    public void A_sample_of_pairs_is_refused_where_all_pairs_are_needed()
    {
        var (features, labels) = Samples.Random(1, 60, 3, 200);
        using var statistics = Samples.Statistics(features, labels, 60, 3);
        var options = new MeasurementOptions { PairSample = 1000 };
        Assert.Contains("need all pairs", Assert.Throws<InputException>(() =>
            CollapseMeasurements.Measure(statistics, null, null, null, options, new PairDetails { NearestClasses = 3 }, default)).Message);
        Assert.Contains("at least 1000", Assert.Throws<InputException>(() => CollapseMeasurements.Measure(statistics, null, options: options with { PairSample = 10 })).Message);
    }

    /// <summary>Pairs of kept classes by plain loops.</summary>
    private sealed class PlainPairs
    {
        private readonly double[][] means;
        private readonly double[][] centred;
        private readonly double[] variances;

        public PlainPairs(ClassStatistics statistics, int minimumSamples)
        {
            var all = TensorMemory.ToDoubles(statistics.Means);
            var sums = TensorMemory.ToDoubles(statistics.WithinSums);
            Ids = [.. Enumerable.Range(0, statistics.ClassCount).Where(c => statistics.CountValues[c] >= minimumSamples)];
            means = Array.ConvertAll(Ids, id => all[(id * statistics.Dimension)..((id + 1) * statistics.Dimension)]);
            variances = Array.ConvertAll(Ids, id => sums[id] / statistics.CountValues[id]);
            var global = Enumerable.Range(0, statistics.Dimension).Select(k => means.Average(mean => mean[k])).ToArray();
            centred = Array.ConvertAll(means, mean => mean.Zip(global, (x, y) => x - y).ToArray());
        }

        public int[] Ids { get; }

        public double Distance(int a, int b) => Math.Sqrt(means[a].Zip(means[b], (x, y) => (x - y) * (x - y)).Sum());

        public double Cosine(int a, int b) => Cosine(centred[a], centred[b]);

        public double UncentredCosine(int a, int b) => Cosine(means[a], means[b]);

        public double Cdnv(int a, int b) => (variances[a] + variances[b]) / 2 / Math.Pow(Distance(a, b), 2);

        public double[] Pairs(Func<int, int, double> value) =>
            [.. Enumerable.Range(0, Ids.Length).SelectMany(a => Enumerable.Range(a + 1, Ids.Length - a - 1).Select(b => value(a, b)))];

        private static double Cosine(double[] a, double[] b) =>
            a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(x => x * x));
    }
}
