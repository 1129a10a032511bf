using System.Text.Json;
using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

public sealed partial class CollapseInputs
{
    private const string FingerprintKey = "fingerprint";

    /// <summary>
    /// Writes a safetensors file: the tensors and metadata of <see cref="ClassStatistics.Save"/>, and, where they were collected, <c>classifier</c> [K, d],
    /// <c>out_of_distribution_mean</c> [d] F64, <c>validation_by_class</c> [4, K] I64 (samples, agreements, right by classifier, right by nearest centre) and, as
    /// JSON in the metadata, the counts <c>validation</c> and <c>train</c>. The file appears whole or not at all and carries its SHA-256.
    /// </summary>
    public void Save(string path)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var tensors = Statistics.Parts().ToList();
        var metadata = Statistics.Metadata();
        if (Classifier is not null) tensors.Add(new("classifier", Classifier.detach()));
        if (OutOfDistributionMean is not null) tensors.Add(new("out_of_distribution_mean", OutOfDistributionMean));
        if (ValidationByClass is { } byClass) tensors.Add(new("validation_by_class", stack([.. byClass.Rows.Select(row => tensor(row))])));
        if (Validation is not null) metadata["validation"] = JsonSerializer.Serialize(Validation);
        if (Train is not null) metadata["train"] = JsonSerializer.Serialize(Train);
        if (Fingerprint is not null) metadata[FingerprintKey] = Fingerprint;
        CheckedTensors.Write(path, tensors, metadata);
    }

    /// <summary>Reads what <see cref="Save"/> or <see cref="ClassStatistics.Save"/> wrote.</summary>
    /// <exception cref="InputException">The file is absent, damaged or something else; the message says which part is wrong.</exception>
    public static CollapseInputs Load(string path)
    {
        using var content = CheckedTensors.Read(path);
        var statistics = ClassStatistics.From(content, path);
        try
        {
            return new CollapseInputs(statistics)
            {
                Classifier = Optional(content, path, "classifier", [statistics.ClassCount, statistics.Dimension]),
                OutOfDistributionMean = Optional(content, path, "out_of_distribution_mean", [statistics.Dimension]),
                Validation = Counts(content, path, "validation"),
                ValidationByClass = ByClass(content, path, statistics.ClassCount),
                Train = Counts(content, path, "train"),
                Fingerprint = content.Metadata.GetValueOrDefault(FingerprintKey),
            };
        }
        catch
        {
            statistics.Dispose();
            throw;
        }
    }

    /// <summary>The fingerprint that a file states, or null where there is no such file or it states none.</summary>
    internal static string? StatedFingerprint(string path) =>
        File.Exists(path) ? SafeTensorsHeader.Read(path).Metadata.GetValueOrDefault(FingerprintKey) : null;

    private static Tensor? Optional(SafeTensorsContent content, string path, string name, long?[] shape)
    {
        if (!content.Tensors.TryGetValue(name, out var found)) return null;
        if (!found.is_floating_point()) throw new InputException($"{path}: {name} must be floating-point numbers, not {found.dtype}.");
        return ClassStatistics.Part(content, path, name, found.dtype, shape).alias().DetachFromDisposeScope();
    }

    private static ClassDecisions? ByClass(SafeTensorsContent content, string path, int classCount)
    {
        if (!content.Tensors.ContainsKey("validation_by_class")) return null;
        var decisions = new ClassDecisions(classCount);
        var values = TensorMemory.ToLongs(ClassStatistics.Part(content, path, "validation_by_class", ScalarType.Int64, [decisions.Rows.Count, classCount]));
        for (var row = 0; row < decisions.Rows.Count; row++) values.AsSpan(row * classCount, classCount).CopyTo(decisions.Rows[row]);
        return decisions;
    }

    private static DecisionCounts? Counts(SafeTensorsContent content, string path, string name)
    {
        if (!content.Metadata.TryGetValue(name, out var json)) return null;
        try
        {
            return JsonSerializer.Deserialize<DecisionCounts>(json);
        }
        catch (JsonException exception)
        {
            throw new InputException($"{path}: the counts '{name}' cannot be read: {exception.Message}", exception);
        }
    }
}
