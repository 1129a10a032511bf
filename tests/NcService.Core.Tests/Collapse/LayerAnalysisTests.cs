using NcService.Core.Collapse;
using NcService.Core.Models;
using NcService.Core.Tests.Training;
using NcService.Core.Text;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

public sealed class LayerAnalysisTests(SmallDataset dataset) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ncservice-layers-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private GptNeo Model() =>
        new(GptNeoConfiguration.Create(16, 3, dataset.Tokens.Manifest.VocabularySize, dataset.Tokens.Manifest.ContextLength), CPU, seed: 7);

    [Fact]
    public void The_last_block_seen_through_the_final_norm_gives_the_analysis_itself()
    {
        using var model = Model();
        var result = CheckpointAnalysis.Analyse(model, dataset.Tokens, new AnalysisOptions { Layers = true, TrainLoss = true, ShardChunks = 30 }, folder, null, default);
        Assert.Equal([1, 2, 3], result.Layers.Select(layer => layer.Layer));
        foreach (var (model1, layer) in result.Measurements.Zip(result.Layers[^1].Measurements))
        {
            Assert.Equal(model1.Name, layer.Name);
            if (model1.Value is { } value) Assert.True(Math.Abs(value - layer.Value!.Value) <= 1e-4 * (1e-3 + Math.Abs(value)), $"{model1} and {layer}");
            else Assert.Null(layer.Value);
        }
        Assert.NotEqual(result.Measurements.Single(entry => entry.Name == "cdnv").Value!.Value, result.Layers[0].Measurements.Single(entry => entry.Name == "cdnv").Value!.Value, 1e-3);
        Assert.Equal(4, Directory.GetFiles(folder, "class_statistics*.safetensors").Length);
    }

    [Theory]
    [InlineData(LayerEmbedding.Normalised)]
    [InlineData(LayerEmbedding.Residual)]
    public void Each_block_is_measured_as_its_output_is(LayerEmbedding kind)
    {
        using var model = Model();
        var options = new AnalysisOptions { Layers = true, LayerEmbedding = kind, MaximumTrainChunks = 20, MaximumValidationChunks = 3 };
        var result = CheckpointAnalysis.Analyse(model, dataset.Tokens, options, folder, null, default);
        for (var layer = 1; layer <= 3; layer++)
        {
            // The composed forward pass, chunk by chunk, is the kernels' slow twin.
            var (features, labels) = Outputs(model, dataset.Tokens.Train, 20, layer, kind);
            var (validation, validationLabels) = Outputs(model, dataset.Tokens.Validation, 3, layer, kind);
            var expected = CollapseMeasurements.MeasureCase(
                new CollapseCase
                {
                    ClassCount = model.Configuration.VocabSize,
                    Dimension = 16,
                    Features = features,
                    Labels = labels,
                    ValidationFeatures = validation,
                    ValidationLabels = validationLabels,
                    Classifier = TensorMemory.ToDoubles(model.Classifier.detach()),
                },
                FeaturePrecision.Float32);
            foreach (var (one, other) in expected.Zip(result.Layers[layer - 1].Measurements).Where(pair => pair.First.Name is not ("ood_orthogonality" or "train_loss" or "train_accuracy" or "train_perplexity")))
            {
                Assert.True(one.Value.HasValue == other.Value.HasValue, $"{one} and {other}");
                if (one.Value is { } value) Assert.True(Math.Abs(value - other.Value!.Value) <= 2e-4 * (1e-3 + Math.Abs(value)), $"block {layer}: {one} and {other}");
            }
        }
    }

    private static (double[] Features, long[] Labels) Outputs(GptNeo model, TokenSplit split, int chunks, int wanted, LayerEmbedding kind)
    {
        using var noGradient = no_grad();
        List<double> features = [];
        List<long> labels = [];
        var ids = new long[split.ContextLength];
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            using var scope = NewDisposeScope();
            split.CopyChunk(chunk, ids);
            model.ComposedForward(tensor(ids, [1, ids.Length]), (layer, hidden) =>
            {
                if (layer != wanted) return;
                var output = kind == LayerEmbedding.Residual ? hidden : model.FinalNorm(hidden);
                features.AddRange(TensorMemory.ToDoubles(output)[..((ids.Length - 1) * model.Configuration.HiddenSize)]);
            });
            labels.AddRange(ids[1..]);
        }
        return ([.. features], [.. labels]);
    }
}
