using System.Text.RegularExpressions;
using NcService.Core;
using NcService.Core.Models;
using NcService.Core.Text;

namespace NcService.Platform.Checkpoints;

/// <summary>Which files make a checkpoint in Hugging Face's layout, and whether a folder holds one that can be analysed.</summary>
public static partial class CheckpointFiles
{
    /// <summary>Most files that a checkpoint may have.</summary>
    public const int MaximumFiles = 200;

    private static readonly string[] Known =
    [
        ModelCheckpoint.ConfigurationFile, ModelCheckpoint.WeightsFile, ModelCheckpoint.IndexFile, "vocab.json", "merges.txt", "tokenizer.json",
        "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "generation_config.json",
    ];

    /// <summary>Whether a file of that name belongs to a checkpoint. Nothing else is taken in, and no pickle ever.</summary>
    public static bool IsKnown(string name) => Known.Contains(name, StringComparer.Ordinal) || Shard().IsMatch(name);

    /// <summary>The files of a folder that belong to a checkpoint, by full path; what else lies there is left alone.</summary>
    /// <exception cref="InputException">One of them is a symbolic link.</exception>
    public static IReadOnlyList<string> Find(string folder)
    {
        var files = Directory.GetFiles(folder).Where(path => IsKnown(Path.GetFileName(path))).Order(StringComparer.Ordinal).ToList();
        return files.Find(path => new FileInfo(path).LinkTarget is not null) is { } link
            ? throw new InputException($"{Path.GetFileName(link)} is a symbolic link; a checkpoint's files are taken as they are.")
            : files;
    }

    /// <summary>The architecture that a folder's <c>config.json</c> describes.</summary>
    /// <exception cref="InputException">It is absent, broken or no GPT-Neo, there are no weights beside it, or their headers are broken. Messages name files without their folder.</exception>
    public static GptNeoConfiguration ReadArchitecture(string folder) => WithoutFolder(folder, () =>
    {
        var files = Find(folder).Select(Path.GetFileName).ToHashSet();
        if (!files.Contains(ModelCheckpoint.ConfigurationFile)) throw new InputException($"There is no {ModelCheckpoint.ConfigurationFile}.");
        if (!files.Contains(ModelCheckpoint.WeightsFile) && !files.Contains(ModelCheckpoint.IndexFile))
            throw new InputException($"There is neither {ModelCheckpoint.WeightsFile} nor {ModelCheckpoint.IndexFile} (pickled weights are never read).");
        var architecture = GptNeoConfiguration.Load(Path.Combine(folder, ModelCheckpoint.ConfigurationFile));
        // Headers alone: whoever sent a damaged file learns it at once.
        foreach (var file in Find(folder).Where(path => path.EndsWith(".safetensors", StringComparison.Ordinal))) SafeTensors.Read(file, wanted: _ => false).Dispose();
        return architecture;
    });

    /// <summary>Checks that the tokenizer, where there is one, splits text as the dataset's does.</summary>
    /// <exception cref="InputException">Its files are broken, or it is another.</exception>
    public static void Check(string folder, TokenDataset dataset) => WithoutFolder(folder, () =>
    {
        if (!File.Exists(Path.Combine(folder, "vocab.json")) || !File.Exists(Path.Combine(folder, "merges.txt"))) return true;
        var text = dataset.Tokenizer.Decode(FirstChunk(dataset.Validation));
        if (!ByteLevelTokenizer.Load(folder).Encode(text).SequenceEqual(dataset.Tokenizer.Encode(text)))
            throw new InputException("The checkpoint's tokenizer splits the dataset's text otherwise than the dataset's own: its tokens would mean something else to the model.");
        return true;
    });

    private static int[] FirstChunk(TokenSplit split)
    {
        var ids = new long[split.ContextLength];
        split.CopyChunk(0, ids);
        return Array.ConvertAll(ids, id => (int)id);
    }

    private static T WithoutFolder<T>(string folder, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InputException fault) when (fault.Message.Contains(folder, StringComparison.Ordinal))
        {
            // Where the server keeps it is nobody's business.
            throw new InputException(fault.Message.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace(folder, "the checkpoint", StringComparison.Ordinal), fault);
        }
    }

    [GeneratedRegex(@"^model-\d{5}-of-\d{5}\.safetensors$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Shard();
}
