using Microsoft.EntityFrameworkCore;
using NcService.Core.Collapse;
using NcService.Platform.Analyses;
using NcService.Platform.Artifacts;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using static TorchSharp.torch;

namespace NcService.Platform.Tests.Jobs;

/// <summary>Uploaded embeddings, measured by a real child process.</summary>
[Collection(PostgreSqlTests.Name)]
public sealed class MeasureEmbeddingsTests(PostgreSqlServer server)
{
    [SharedTheory, EachStore]
    public async Task An_upload_is_measured_to_the_golden_numbers_and_can_be_measured_again(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        const string Name = "zipf_missing_and_single";
        var @case = CollapseCase.Read(SharedData.Path($"golden/collapse/{Name}.json"));
        var upload = platform.Get<ArtifactStore>().CreateFolder("uploads/one");
        // One safetensors file holds features and labels, another classifier and validation samples.
        Write(Path.Combine(upload, "features"), ("features", Matrix(@case.Features, @case.Dimension)), ("labels", tensor(@case.Labels)));
        Write(Path.Combine(upload, "classifier"), ("classifier", Matrix(@case.Classifier!, @case.Dimension)));
        Write(Path.Combine(upload, "validation_features"), ("validation_features", Matrix(@case.ValidationFeatures, @case.Dimension)), ("validation_labels", tensor(@case.ValidationLabels)));
        var created = await platform.Get<EmbeddingMeasurement>().CreateAsync("uploads/one", new EmbeddingMeasurementOptions(), new RequestOrigin("a test"), default);

        Assert.True(await platform.Get<ChildRunner>().RunAsync(created.JobId!.Value, 1, default));
        var job = await PermutationJobs.JobAsync(platform, created.JobId);
        Assert.True(job.State == JobState.Succeeded, job.Error);
        await using var store = platform.OpenStore();
        var analysis = await store.Analyses.Include(row => row.Measurements).SingleAsync(row => row.Id == created.Id);
        Assert.Equal(@case.Labels.Length, analysis.SampleCount);
        using var expected = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(SharedData.Path($"golden/collapse/{Name}.json")));
        foreach (var metric in expected.RootElement.GetProperty("expected").GetProperty("metrics").EnumerateObject())
            GoldenTolerance.AssertClose(Name, metric.Name, metric.Value.GetDouble(), analysis.Measurements.Single(row => row.Name == metric.Name).Value, float64: true);

        var folder = platform.Get<ArtifactStore>().Resolve(analysis.ArtifactPath!);
        using var table = ClassTableFile.Open(Path.Combine(folder, CheckpointAnalysis.ClassTableFile));
        Assert.Equal(analysis.ClassCount, table.Count);
        using var inputs = CollapseInputs.Load(Path.Combine(folder, CheckpointAnalysis.ClassStatisticsFile));
        Assert.Equal(analysis.Measurements.Count, CollapseMeasurements.Measure(inputs).Count);
    }

    [Theory, EachStore]
    public async Task An_upload_with_a_bad_number_fails_with_its_place(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var upload = platform.Get<ArtifactStore>().CreateFolder("uploads/two");
        Write(Path.Combine(upload, "features"), ("features", Matrix([1, 2, double.NaN, 4], 2)), ("labels", tensor(new long[] { 0, 1 })));
        var created = await platform.Get<EmbeddingMeasurement>().CreateAsync("uploads/two", new EmbeddingMeasurementOptions(), new RequestOrigin(null), default);
        await platform.Get<ChildRunner>().RunAsync(created.JobId!.Value, 1, default);
        var job = await PermutationJobs.JobAsync(platform, created.JobId);
        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("NaN at row 1, column 0", job.Error!, StringComparison.Ordinal);
    }

    private static Tensor Matrix(double[] values, int columns) => tensor(values, [values.Length / columns, columns]);

    private static void Write(string path, params (string Name, Tensor Tensor)[] tensors) =>
        Core.Models.SafeTensors.Write(path, tensors.Select(part => KeyValuePair.Create(part.Name, part.Tensor)));
}
