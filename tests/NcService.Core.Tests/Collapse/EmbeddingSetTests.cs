using NcService.Core.Collapse;
using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

public sealed class EmbeddingSetTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ncservice-embeddings-").FullName;

    public static IEnumerable<object[]> Cases => GoldenCases.NamesAndPrecisions();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private EmbeddingFiles Files(CollapseCase @case, FeaturePrecision precision)
    {
        byte[] Matrix(double[] values) => precision == FeaturePrecision.Float64 ? ArrayFiles.Npy(values, @case.Dimension) : ArrayFiles.NpySingle(values, @case.Dimension);
        return new EmbeddingFiles
        {
            Features = Write("features.npy", Matrix(@case.Features)),
            Labels = Write("labels.npy", ArrayFiles.Npy(@case.Labels)),
            Classifier = Write("classifier.npy", Matrix(@case.Classifier!)),
            ValidationFeatures = Write("validation.npy", Matrix(@case.ValidationFeatures)),
            ValidationLabels = Write("validation_labels.npy", ArrayFiles.Npy(@case.ValidationLabels)),
        };
    }

    [SharedTheory]
    [MemberData(nameof(Cases))]
    public void Golden_cases_in_files_give_every_expected_metric_also_when_measured_again_from_their_statistics(string name, FeaturePrecision precision)
    {
        using var set = EmbeddingSet.Open(Files(GoldenCases.Read(name), precision));
        using var inputs = set.Collect();
        Assert.Equal(precision, inputs.Statistics.Precision);
        var measured = CollapseMeasurements.Measure(inputs);
        var values = measured.ToDictionary(entry => entry.Name, entry => entry.Value);
        foreach (var metric in GoldenCases.Expected(name, "metrics").EnumerateObject())
            GoldenCases.AssertClose(name, metric.Name, metric.Value.GetDouble(), values[metric.Name], precision);

        var path = Path.Combine(folder, "statistics.safetensors");
        inputs.Save(path);
        using var again = CollapseInputs.Load(path);
        MeasurementComparison.AssertSame(measured, CollapseMeasurements.Measure(again));
        Assert.Equal(inputs.ValidationByClass!.Rows, again.ValidationByClass!.Rows);
    }

    [SharedFact]
    public void Other_conventions_are_measured_from_the_same_statistics()
    {
        var @case = GoldenCases.Read("zipf_missing_and_single");
        using var set = EmbeddingSet.Of(@case, FeaturePrecision.Float64);
        using var inputs = set.Collect();
        var options = new MeasurementOptions { Unbiased = true, RieszExponent = 2 };
        MeasurementComparison.AssertSame(CollapseMeasurements.MeasureCase(@case, options: options), CollapseMeasurements.Measure(inputs, options));

        // Decisions and scatter matrix belong to the classes they were collected over; the other measurements are there.
        var fewer = CollapseMeasurements.Measure(inputs, new MeasurementOptions { MinimumSamples = 9 }).ToDictionary(entry => entry.Name);
        var collected = CollapseMeasurements.MeasureCase(@case, options: new MeasurementOptions { MinimumSamples = 9 }).ToDictionary(entry => entry.Name);
        foreach (var measurement in fewer.Values.Where(entry => entry.Value is not null)) Assert.Equal(collected[measurement.Name].Value!.Value, measurement.Value!.Value, 1e-12 * (1 + Math.Abs(measurement.Value!.Value)));
        Assert.Contains("collect with this minimum", fewer["ncc_agreement"].UndefinedReason!);
        Assert.Contains("collect with this minimum", fewer["nc1_pinv"].UndefinedReason!);
        Assert.NotNull(fewer["val_loss"].Value);
        Assert.NotNull(collected["nc1_pinv"].Value);
    }

    [Fact]
    public void Files_larger_than_a_block_are_streamed_through()
    {
        var (features, labels) = Samples.Random(3, 7, 3, 70_000);
        var files = new EmbeddingFiles { Features = Write("f.npy", ArrayFiles.Npy(features, 3)), Labels = Write("l.npy", ArrayFiles.Npy(labels)) };
        using var set = EmbeddingSet.Open(files);
        using var inputs = set.Collect();
        using var expected = Samples.Statistics(features, labels, 7, 3);
        Assert.Equal(expected.CountValues, inputs.Statistics.CountValues);
        foreach (var (one, other) in TensorMemory.ToDoubles(expected.Means).Zip(TensorMemory.ToDoubles(inputs.Statistics.Means))) Assert.Equal(one, other, 1e-12);
    }

    [Fact]
    public void The_number_of_classes_is_asked_for_or_the_classifiers_or_the_largest_label()
    {
        var files = new EmbeddingFiles { Features = Write("f.npy", ArrayFiles.Npy([1, 2, 3, 4], 2)), Labels = Write("l.npy", ArrayFiles.Npy([0, 2])) };
        using (var set = EmbeddingSet.Open(files)) Assert.Equal(3, set.ClassCount);
        using (var set = EmbeddingSet.Open(files with { ClassCount = 9 })) Assert.Equal(9, set.ClassCount);
        using (var set = EmbeddingSet.Open(files with { Classifier = Write("c.npy", ArrayFiles.Npy(new double[10], 2)) })) Assert.Equal(5, set.ClassCount);
    }

    [Fact]
    public void Bad_embeddings_are_refused_with_their_place()
    {
        var good = new EmbeddingFiles { Features = Write("f.npy", ArrayFiles.Npy([1, 2, 3, 4, 5, 7], 2)), Labels = Write("l.npy", ArrayFiles.Npy([0, 1, 1])) };
        string Refusal(EmbeddingFiles files) => Assert.Throws<InputException>(() =>
        {
            using var set = EmbeddingSet.Open(files);
            set.Collect().Dispose();
        }).Message;

        Assert.Contains("hold NaN at row 1, column 0", Refusal(good with { Features = Write("x.npy", ArrayFiles.Npy([1, 2, double.NaN, 4, 5, 6], 2)) }));
        Assert.Contains("Infinity at row 2, column 1", Refusal(good with { Features = Write("x.npy", ArrayFiles.Npy([1, 2, 3, 4, 5, double.PositiveInfinity], 2)) }));
        Assert.Contains("Sample 2 has label 4; labels must be 0 to 1", Refusal(good with { ClassCount = 2, Labels = Write("x.npy", ArrayFiles.Npy([0, 1, 4])) }));
        Assert.Contains("Sample 0 has label -1", Refusal(good with { Labels = Write("x.npy", ArrayFiles.Npy([-1, 1, 1])) }));
        Assert.Contains("must be [3], one class id for each row of features", Refusal(good with { Labels = Write("x.npy", ArrayFiles.Npy([0, 1])) }));
        Assert.Contains("classifier must be a matrix [rows, 2], not [2, 3]", Refusal(good with { Classifier = Write("x.npy", ArrayFiles.Npy(new double[6], 3)) }));
        Assert.Contains("classifier must have 2 rows", Refusal(good with { ClassCount = 2, Classifier = Write("x.npy", ArrayFiles.Npy(new double[8], 2)) }));
        Assert.Contains("classifier's weights hold NaN at row 0, column 1", Refusal(good with { Classifier = Write("x.npy", ArrayFiles.Npy([1, double.NaN, 2, 3], 2)) }));
        Assert.Contains("validation_features must be a matrix [rows, 2]", Refusal(good with { ValidationFeatures = Write("x.npy", ArrayFiles.Npy(new double[6], 3)), ValidationLabels = good.Labels }));
        Assert.Contains("come together", Refusal(good with { ValidationFeatures = good.Features }));
        Assert.Contains("there are no samples", Refusal(good with { Features = Write("x.npy", ArrayFiles.Npy("<f8", "(0, 2)", [])), Labels = Write("y.npy", ArrayFiles.Npy([])) }));
        Assert.Contains("out-of-distribution embeddings hold NaN", Refusal(good with { OutOfDistributionFeatures = Write("x.npy", ArrayFiles.Npy([1, double.NaN], 2)) }));
    }

    [Fact]
    public void An_empty_validation_set_and_samples_of_one_class_leave_measurements_undefined_with_their_reasons()
    {
        var files = new EmbeddingFiles
        {
            Features = Write("f.npy", ArrayFiles.Npy([1, 2, 3, 4, 5, 7], 2)),
            Labels = Write("l.npy", ArrayFiles.Npy([1, 1, 1])),
            Classifier = Write("c.npy", ArrayFiles.Npy([1, 0, 0, 1], 2)),
            ValidationFeatures = Write("v.npy", ArrayFiles.Npy("<f8", "(0, 2)", [])),
            ValidationLabels = Write("w.npy", ArrayFiles.Npy([])),
        };
        using var set = EmbeddingSet.Open(files);
        using var inputs = set.Collect();
        var measured = CollapseMeasurements.Measure(inputs);
        Assert.Equal(MeasurementCatalog.All.Select(entry => entry.Name), measured.Select(entry => entry.Name));
        Assert.All(measured, entry => Assert.True(entry.Value is { } value ? double.IsFinite(value) : !string.IsNullOrEmpty(entry.UndefinedReason), entry.ToString()));
        Assert.Contains("no validation samples", measured.Single(entry => entry.Name == "ncc_agreement").UndefinedReason!);
        Assert.Contains("one class only", measured.Single(entry => entry.Name == "cdnv").UndefinedReason!);
        Assert.Contains("equal to the global mean", measured.Single(entry => entry.Name == "selfdual_mean").UndefinedReason!);
        Assert.NotNull(measured.Single(entry => entry.Name == "train_loss").Value);
    }

    [Fact]
    public void A_damaged_or_foreign_file_of_statistics_is_refused()
    {
        var (features, labels) = Samples.Random(8, 5, 3, 40);
        using var inputs = new CollapseInputs(Samples.Statistics(features, labels, 5, 3));
        var path = Path.Combine(folder, "statistics.safetensors");
        inputs.Save(path);
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains("SHA-256", Assert.Throws<InputException>(() => CollapseInputs.Load(path)).Message);

        using var wrong = ones(4, 3);
        SafeTensors.Write(
            path, [.. inputs.Statistics.Parts(), new("classifier", wrong)],
            new Dictionary<string, string> { ["format"] = "ncservice-class-statistics", ["version"] = "1", ["precision"] = "Float64" });
        Assert.Contains("classifier must be Float32 [5, 3]", Assert.Throws<InputException>(() => CollapseInputs.Load(path)).Message);
    }
}
