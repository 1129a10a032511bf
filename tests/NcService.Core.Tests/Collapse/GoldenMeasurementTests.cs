using NcService.Core.Collapse;

namespace NcService.Core.Tests.Collapse;

public sealed class GoldenMeasurementTests
{
    public static IEnumerable<object[]> Cases => GoldenCases.NamesAndPrecisions();

    [SharedTheory]
    [MemberData(nameof(Cases))]
    public void Every_expected_metric_is_met(string name, FeaturePrecision precision)
    {
        var measured = CollapseMeasurements.MeasureCase(GoldenCases.Read(name), precision).ToDictionary(entry => entry.Name, entry => entry.Value);
        foreach (var metric in GoldenCases.Expected(name, "metrics").EnumerateObject())
            GoldenCases.AssertClose(name, metric.Name, metric.Value.GetDouble(), measured[metric.Name], precision);
        Assert.Equal(MeasurementCatalog.All.Select(entry => entry.Name), measured.Keys);
    }

    [SharedTheory]
    [MemberData(nameof(Cases))]
    public void The_authors_agreement_convention_is_met_exactly(string name, FeaturePrecision precision)
    {
        var measured = CollapseMeasurements.MeasureCase(GoldenCases.Read(name), precision).Single(entry => entry.Name == "ncc_agreement_seen");
        var expected = GoldenCases.Expected(name, "paper").GetProperty("nc4_linear_over_kept_seen_labels").GetProperty("agreement").GetDouble();
        Assert.Equal(expected, measured.Value);
    }

    [SharedTheory]
    [MemberData(nameof(Cases))]
    public void Unbiased_variances_give_the_unbiased_cdnv(string name, FeaturePrecision precision)
    {
        var measured = CollapseMeasurements.MeasureCase(GoldenCases.Read(name), precision, new MeasurementOptions { Unbiased = true });
        var expected = GoldenCases.Expected(name, "paper").GetProperty("cdnv_unbiased").GetProperty("mean").GetDouble();
        GoldenCases.AssertClose(name, "cdnv", expected, measured.Single(entry => entry.Name == "cdnv").Value, precision);
    }

    [SharedTheory]
    [MemberData(nameof(Cases))]
    public void Uncentred_log_distances_are_those_of_the_published_table(string name, FeaturePrecision precision)
    {
        var measured = CollapseMeasurements.MeasureCase(GoldenCases.Read(name), precision).ToDictionary(entry => entry.Name, entry => entry.Value);
        var expected = GoldenCases.Expected(name, "paper").GetProperty("artifact_2024_05").GetProperty("log_dist");
        foreach (var (metric, key) in new[] { ("mean", "mean"), ("std", "std_population"), ("cov", "cov_population") })
            GoldenCases.AssertClose(name, $"logdist_uncentred_{metric}", expected.GetProperty(key).GetDouble(), measured[$"logdist_uncentred_{metric}"], precision);
    }

    [SharedTheory]
    [MemberData(nameof(Cases))]
    public void The_riesz_exponent_of_the_reference_library_is_met(string name, FeaturePrecision precision)
    {
        var @case = GoldenCases.Read(name);
        var measured = CollapseMeasurements.MeasureCase(@case, precision, new MeasurementOptions { RieszExponent = @case.Dimension - 2 });
        var expected = GoldenCases.Expected(name, "paper").GetProperty("riesz_kernel");
        GoldenCases.AssertClose(name, "riesz_mean", expected.GetProperty("mean").GetDouble(), measured.Single(entry => entry.Name == "riesz_mean").Value, precision);
        GoldenCases.AssertClose(name, "riesz_std", expected.GetProperty("std_population").GetDouble(), measured.Single(entry => entry.Name == "riesz_std").Value, precision);
    }

    [SharedTheory]
    [MemberData(nameof(Cases))]
    public void Counts_means_and_variances_are_met(string name, FeaturePrecision precision)
    {
        var paper = GoldenCases.Expected(name, "paper");
        using var statistics = CollapseMeasurements.CollectCase(GoldenCases.Read(name), precision);
        Assert.Equal(GoldenCases.Longs(paper.GetProperty("class_counts")), statistics.CountValues);

        var kept = GoldenCases.Longs(paper.GetProperty("kept_classes"));
        var expectedMeans = GoldenCases.Rows(paper.GetProperty("class_means"));
        var largest = expectedMeans.Max(row => Math.Sqrt(row.Sum(value => value * value)));
        var tolerance = largest * (precision == FeaturePrecision.Float64 ? 1e-12 : 1e-6);
        var means = TensorMemory.ToDoubles(statistics.Means);
        for (var i = 0; i < kept.Length; i++)
        {
            for (var k = 0; k < statistics.Dimension; k++)
                Assert.Equal(expectedMeans[i][k], means[(kept[i] * statistics.Dimension) + k], tolerance);
        }

        var expected = GoldenCases.Doubles(paper.GetProperty("within_variance_biased"));
        var rows = CollapseMeasurements.PerClass(statistics, classifier: null);
        Assert.Equal(kept, rows.Select(row => (long)row.Id));
        var relative = precision == FeaturePrecision.Float64 ? 1e-10 : 1e-5;
        for (var i = 0; i < kept.Length; i++) Assert.Equal(expected[i], rows[i].Variance!.Value, (relative * expected[i]) + 1e-20);
    }

    [SharedTheory]
    [MemberData(nameof(Cases))]
    public void Every_decision_is_met(string name, FeaturePrecision precision)
    {
        var @case = GoldenCases.Read(name);
        var paper = GoldenCases.Expected(name, "paper");
        using var statistics = CollapseMeasurements.CollectCase(@case, precision);
        using var classifier = Samples.Matrix(@case.Classifier!, @case.Dimension, precision);
        using var features = Samples.Matrix(@case.ValidationFeatures, @case.Dimension, precision);
        using var accumulator = new DecisionAccumulator(statistics, classifier, new DecisionOptions { ClassTile = 3, SampleTile = 7 });
        var decisions = accumulator.Decide(features);
        Assert.Equal(GoldenCases.Longs(paper.GetProperty("linear_predictions")), decisions.Linear);
        Assert.Equal(GoldenCases.Longs(paper.GetProperty("linear_predictions_over_kept")), decisions.LinearOverKept);
        Assert.Equal(GoldenCases.Longs(paper.GetProperty("ncc_predictions")), decisions.NearestCentre);
    }
}
