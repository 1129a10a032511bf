using System.Security.Cryptography;
using System.Text.Json;
using NcService.Core.Models;
using NcService.Core.Text;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>A hash of all that a collection's numbers depend on but for rounding: weights, text, and which samples and classes are taken.</summary>
internal static class CollectionFingerprint
{
    /// <summary>SHA-256, lower-case hexadecimal. The device is not in it: it changes the last digits only.</summary>
    public static string Of(GptNeo model, TokenDataset dataset, TokenDataset? elsewhere, AnalysisOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(new
        {
            Format = 1,
            model.Configuration,
            model.Precision,
            Dataset = dataset.Manifest.Hash,
            Elsewhere = elsewhere?.Manifest.Hash,
            options.MaximumTrainChunks,
            options.MaximumValidationChunks,
            options.SampleChunks,
            options.Seed,
            options.TrainLoss,
            options.Measurement.MinimumSamples,
            options.BatchSize,
            options.ShardChunks,
            options.Layers,
            options.LayerEmbedding,
        }));
        using var scope = NewDisposeScope();
        foreach (var part in SafeTensors.Parts(model.FlatParameters.detach().cpu().contiguous())) hash.AppendData(part.bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
