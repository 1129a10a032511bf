using NcService.Core.Collapse;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

public sealed class UndefinedMeasurementTests
{
    private static Dictionary<string, Measurement> Measure(
        double[] means, int dimension, double[]? classifier = null, MeasurementOptions? options = null, DecisionCounts? decisions = null, double[]? elsewhere = null)
    {
        var classes = means.Length / dimension;
        var labels = Enumerable.Range(0, classes).Select(c => (long)c).ToArray();
        using var statistics = Samples.Statistics(means, labels, classes, dimension);
        using var weights = classifier is null ? null : Samples.Matrix(classifier, dimension);
        using var mean = elsewhere is null ? null : tensor(elsewhere);
        var measured = CollapseMeasurements.Measure(statistics, weights, decisions, mean, options);
        Assert.All(measured, entry => Assert.True(entry.Value is null ? !string.IsNullOrEmpty(entry.UndefinedReason) : double.IsFinite(entry.Value.Value), entry.ToString()));
        Assert.Equal(MeasurementCatalog.All.Select(entry => entry.Name).Except(MeasurementCatalog.GeneralisationNames), measured.Select(entry => entry.Name));
        return measured.ToDictionary(entry => entry.Name, entry => entry);
    }

    [Fact]
    public void A_class_mean_equal_to_the_global_mean_has_no_direction_and_is_counted()
    {
        // 0.1 + 0.2 − 0.3 leaves rounding, which must not be taken for a direction.
        var measured = Measure([0.1, 1, 0.2, 2, 0.3, 3], 2, [1, 0, 0, 1, 1, 1]);
        foreach (var name in new[] { "lognorms_mean", "interference_mean", "logdist_cov", "riesz_mean", "selfdual_mean", "duality_distance_std" })
        {
            Assert.Null(measured[name].Value);
            Assert.Contains("1 of 3 classes has a mean equal to the global mean", measured[name].UndefinedReason!);
            Assert.Contains("class 1", measured[name].UndefinedReason!);
        }
        foreach (var name in new[] { "cdnv", "norms_mean", "logdist_uncentred_mean", "etf_error", "duality_error", "effective_rank" })
        {
            // The uncentred means are collinear here, so that only their log distance is undefined too.
            if (name == "logdist_uncentred_mean") Assert.Contains("same direction", measured[name].UndefinedReason!);
            else Assert.NotNull(measured[name].Value);
        }
    }

    [Fact]
    public void Pairs_with_equal_means_are_counted()
    {
        var measured = Measure([1, 2, 1, 2, -3, 5, 0.5, -7], 2);
        Assert.Contains("1 pair of classes has equal means", measured["cdnv"].UndefinedReason!);
        Assert.Contains("1 pair of classes have the same direction", measured["logdist_mean"].UndefinedReason!);
        Assert.Contains("1 pair", measured["riesz_std"].UndefinedReason!);
        Assert.Null(measured["logdist_uncentred_std"].Value);
        Assert.NotNull(measured["interference_mean"].Value);
        Assert.NotNull(Measure([1, 2, 1, 2, -3, 5, 0.5, -7], 2, options: new MeasurementOptions { RieszExponent = -1 })["riesz_mean"].Value);
    }

    [Fact]
    public void One_class_has_no_pairs_and_no_spread_between_classes()
    {
        var measured = Measure([1, 2], 2, [1, 1]);
        Assert.Contains("one class only", measured["cdnv"].UndefinedReason!);
        Assert.Contains("one class only", measured["logdist_cov"].UndefinedReason!);
        Assert.Contains("one class only", measured["nc1_pinv"].UndefinedReason!);
        Assert.Contains("one class only", measured["duality_error"].UndefinedReason!);
        Assert.Equal(0, measured["norms_mean"].Value);
        Assert.Contains("mean is zero", measured["norms_cov"].UndefinedReason!);
    }

    [Fact]
    public void No_class_with_enough_samples_leaves_everything_undefined()
    {
        var measured = Measure([1, 2, 3, 4], 2, options: new MeasurementOptions { MinimumSamples = 2 });
        Assert.All(measured.Values, entry => Assert.Null(entry.Value));
        Assert.Contains("at least 2 training samples", measured["norms_mean"].UndefinedReason!);
    }

    [Fact]
    public void Unbiased_variance_needs_two_classes_of_two_samples() =>
        Assert.Contains("unbiased", Measure([1, 2, 3, 4], 2, options: new MeasurementOptions { Unbiased = true })["cdnv"].UndefinedReason!);

    [Fact]
    public void What_was_not_given_is_named()
    {
        var measured = Measure([1, 2, 3, 7, -4, 5], 2);
        Assert.Contains("no classifier", measured["selfdual_mean"].UndefinedReason!);
        Assert.Contains("no decisions", measured["ncc_agreement"].UndefinedReason!);
        Assert.Contains("no out-of-distribution mean", measured["ood_orthogonality"].UndefinedReason!);
        Assert.Contains("no validation samples", Measure([1, 2, 3, 7, -4, 5], 2, decisions: new DecisionCounts { KeptClasses = 3 })["ncc_accuracy"].UndefinedReason!);
        Assert.Contains("is zero", Measure([1, 2, 3, 7, -4, 5], 2, elsewhere: [0, 0])["ood_orthogonality"].UndefinedReason!);
        Assert.Contains("row of zeros", Measure([1, 2, 3, 7, -4, 5], 2, [0, 0, 1, 2, 3, 4])["selfdual_cov"].UndefinedReason!);
    }

    [Fact]
    public void A_relative_spread_about_a_zero_mean_is_undefined()
    {
        // A square: cosines 0, 0, 0, 0, −1, −1 have mean −1/3; log norms of unit length have mean 0.
        var measured = Measure([1, 0, 0, 1, -1, 0, 0, -1], 2);
        Assert.Contains("mean is zero", measured["lognorms_cov"].UndefinedReason!);
        Assert.Equal(0, measured["lognorms_mean"].Value!.Value, 1e-12);
        Assert.NotNull(measured["interference_cov"].Value);
    }

    [Fact]
    public void Options_and_shapes_without_meaning_are_refused()
    {
        Assert.Throws<InputException>(() => Measure([1, 2, 3, 4], 2, options: new MeasurementOptions { MinimumSamples = 0 }));
        Assert.Throws<InputException>(() => Measure([1, 2, 3, 4], 2, options: new MeasurementOptions { RieszExponent = double.NaN }));
        Assert.Throws<InputException>(() => Measure([1, 2, 3, 4], 2, classifier: [1, 2]));
        Assert.Throws<InputException>(() => Measure([1, 2, 3, 4], 2, elsewhere: [1, 2, 3]));
        Assert.Throws<InputException>(() => Measure([1, 2, 3, 4], 2, elsewhere: [1, double.NaN]));
        Assert.Throws<InputException>(() => Measure([1, 2, 3, 4], 2, decisions: new DecisionCounts { KeptClasses = 1, Samples = 4 }));
    }
}
