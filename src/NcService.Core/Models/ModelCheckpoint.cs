using System.Text.RegularExpressions;
using NcService.Core.Text;
using static TorchSharp.torch;

namespace NcService.Core.Models;

/// <summary>
/// Checkpoints in Hugging Face's layout, both ways: config.json, model.safetensors (or shards named by model.safetensors.index.json) and the tokenizer's files.
/// </summary>
public static partial class ModelCheckpoint
{
    /// <summary>Name of the architecture's file.</summary>
    public const string ConfigurationFile = "config.json";

    /// <summary>Name of the weights' file.</summary>
    public const string WeightsFile = "model.safetensors";

    /// <summary>Name of the file that says which shard holds which tensor.</summary>
    public const string IndexFile = "model.safetensors.index.json";

    /// <summary>Writes a model, and its tokenizer if given, into a folder; existing files of the same names are replaced.</summary>
    public static void Save(GptNeo model, string directory, ByteLevelTokenizer? tokenizer)
    {
        Directory.CreateDirectory(directory);
        model.Configuration.Save(Path.Combine(directory, ConfigurationFile));
        using (NewDisposeScope())
        using (no_grad())
        {
            SafeTensors.Write(Path.Combine(directory, WeightsFile), model.HuggingFaceViews(model.FlatParameters));
        }
        tokenizer?.Save(directory);
    }

    /// <summary>Reads a model. Types other than float32 are converted.</summary>
    /// <exception cref="InputException">A file is absent or broken, the architecture is no GPT-Neo, or a tensor is missing, unknown or of another shape.</exception>
    public static GptNeo Load(string directory, Device device)
    {
        var configuration = GptNeoConfiguration.Load(Path.Combine(directory, ConfigurationFile));
        var files = WeightFiles(directory);
        // A file may hold a classifier of its own whatever the configuration says about tying: what is in the file counts.
        if (configuration.TieWordEmbeddings && HasUntiedHead(files)) configuration = configuration with { TieWordEmbeddings = false };
        var model = new GptNeo(configuration, device);
        try
        {
            CopyWeights(model, files);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Overwrites a model's weights with those of a checkpoint of the same architecture.</summary>
    internal static void LoadWeights(GptNeo model, string directory) => CopyWeights(model, WeightFiles(directory));

    private static void CopyWeights(GptNeo model, IReadOnlyList<string> files)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var targets = model.HuggingFaceViews(model.FlatParameters).ToDictionary(StringComparer.Ordinal);
        var missing = new HashSet<string>(targets.Keys, StringComparer.Ordinal);
        foreach (var file in files)
        {
            using var content = SafeTensors.Read(file, wanted: name => !IsBuffer(name));
            foreach (var (stored, tensor) in content.Tensors)
            {
                var name = FullName(stored);
                if (name == "lm_head.weight" && model.Configuration.TieWordEmbeddings) continue;
                if (!targets.TryGetValue(name, out var target)) throw new InputException($"{file}: tensor '{stored}' is unknown in a GPT-Neo of this configuration.");
                if (!missing.Remove(name)) throw new InputException($"{file}: tensor '{stored}' was already given by another file.");
                if (!tensor.shape.SequenceEqual(target.shape))
                    throw new InputException($"{file}: tensor '{stored}' is [{string.Join(", ", tensor.shape)}]; config.json asks for [{string.Join(", ", target.shape)}].");
                target.copy_(tensor);
            }
        }
        if (missing.Count > 0)
            throw new InputException($"{files[0]}: {missing.Count} tensors are missing, among them '{missing.Order(StringComparer.Ordinal).First()}'.");
    }

    private static IReadOnlyList<string> WeightFiles(string directory)
    {
        var single = Path.Combine(directory, WeightsFile);
        if (File.Exists(single)) return [single];
        var index = Path.Combine(directory, IndexFile);
        if (!File.Exists(index)) throw new InputException($"{directory}: neither {WeightsFile} nor {IndexFile} is there (pickled weights are never read).");
        return ShardIndex.Read(index);
    }

    /// <summary>True where some file has lm_head.weight that is not the embedding itself.</summary>
    private static bool HasUntiedHead(IReadOnlyList<string> files)
    {
        using var scope = NewDisposeScope();
        Tensor? head = null, embedding = null;
        foreach (var file in files)
        {
            using var content = SafeTensors.Read(file, wanted: name => FullName(name) is "lm_head.weight" or "transformer.wte.weight");
            foreach (var (name, tensor) in content.Tensors)
            {
                if (FullName(name) == "lm_head.weight") head = tensor.alias();
                else embedding = tensor.alias();
            }
            if (head is null && files.Count == 1) return false;
        }
        return head is not null && (embedding is null || !head.shape.SequenceEqual(embedding.shape) || !head.eq(embedding).all().item<bool>());
    }

    /// <summary>Names of the causal model; files of the bare GPTNeoModel lack the prefix.</summary>
    private static string FullName(string stored) =>
        stored.StartsWith("transformer.", StringComparison.Ordinal) || stored.StartsWith("lm_head.", StringComparison.Ordinal) ? stored : "transformer." + stored;

    private static bool IsBuffer(string name) => MaskBuffer().IsMatch(name);

    [GeneratedRegex(@"(^|\.)h\.\d+\.attn\.attention\.(bias|masked_bias)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex MaskBuffer();
}
