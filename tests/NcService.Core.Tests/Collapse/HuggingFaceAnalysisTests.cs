using System.Runtime.InteropServices;
using NcService.Core.Collapse;
using NcService.Core.Tests.Models;
using NcService.Core.Text;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

/// <summary>A checkpoint as Hugging Face wrote it, analysed on chunks of its own vocabulary.</summary>
public sealed class HuggingFaceAnalysisTests : IDisposable
{
    private const int Vocabulary = 101;
    private const int Length = 16;

    private readonly string folder = Directory.CreateTempSubdirectory("ncservice-hugging-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [SharedFact]
    public void A_checkpoint_of_Hugging_Face_is_analysed_layer_by_layer_without_a_tokenizer()
    {
        using var model = GoldenGptNeo.Load();
        using var dataset = Dataset(30, 4);
        var result = CheckpointAnalysis.Analyse(model, dataset, new AnalysisOptions { Layers = true, BatchSize = 4 }, Path.Combine(folder, "analysis"), null, default);
        Assert.Equal(2, result.Layers.Count);
        Assert.Empty(result.Classes.Texts);

        // The same embeddings, chunk by chunk through the composed forward pass that the parity tests compare with the reference model.
        using var noGradient = no_grad();
        List<double> features = [];
        List<long> labels = [];
        var ids = new long[Length];
        for (var chunk = 0; chunk < dataset.Train.ChunkCount; chunk++)
        {
            using var scope = NewDisposeScope();
            dataset.Train.CopyChunk(chunk, ids);
            features.AddRange(TensorMemory.ToDoubles(model.ComposedForward(tensor(ids, [1, Length])))[..((Length - 1) * 32)]);
            labels.AddRange(ids[1..]);
        }
        using var statistics = Samples.Statistics([.. features], [.. labels], Vocabulary, 32, FeaturePrecision.Float32);
        var expected = CollapseMeasurements.Measure(statistics, model.Classifier.detach()).ToDictionary(entry => entry.Name);
        foreach (var name in (string[])["cdnv", "norms_mean", "interference_std", "logdist_mean", "selfdual_mean", "nc1_quotient", "effective_rank"])
            Assert.Equal(expected[name].Value!.Value, result.Measurements.Single(entry => entry.Name == name).Value!.Value, 1e-4 * Math.Abs(expected[name].Value!.Value));
    }

    private TokenDataset Dataset(int trainChunks, int validationChunks)
    {
        var random = new Random(2);
        void Write(string name, int chunks)
        {
            var ids = new ushort[chunks * Length];
            for (var i = 0; i < ids.Length; i++) ids[i] = (ushort)(Vocabulary * Math.Pow(random.NextDouble(), 2));
            File.WriteAllBytes(Path.Combine(folder, name), MemoryMarshal.AsBytes<ushort>(ids).ToArray());
        }
        Write(DatasetFiles.Train, trainChunks);
        Write(DatasetFiles.Validation, validationChunks);
        DatasetFiles.WriteManifest(
            new DatasetManifest
            {
                FormatVersion = DatasetManifest.CurrentFormatVersion,
                Specification = new DatasetSpecification(),
                VocabularySize = Vocabulary,
                ContextLength = Length,
                Packing = PackingStyle.Continuous,
                BytesPerToken = 2,
                TrainChunks = trainChunks,
                ValidationChunks = validationChunks,
                TrainTokens = trainChunks * Length,
                ValidationTokens = validationChunks * Length,
                DroppedTokens = 0,
                DocumentCount = 1,
                TrainDocuments = 1,
                ValidationDocuments = 0,
                TrainHash = "a",
                ValidationHash = "b",
                Hash = "c",
            },
            folder);
        return TokenDataset.Open(folder);
    }
}
