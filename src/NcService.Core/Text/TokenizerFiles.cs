using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NcService.Core.Text;

/// <summary>Reads and writes the files of a byte-level BPE in the layout of GPT-2 and Hugging Face.</summary>
internal static class TokenizerFiles
{
    public const string VocabularyFile = "vocab.json";
    public const string MergesFile = "merges.txt";
    public const string ConfigurationFile = "tokenizer_config.json";

    private const long MaximumFileBytes = 256L << 20;

    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(OneLine) { WriteIndented = true };

    public static ByteLevelTokenizer Read(string vocabularyPath, string mergesPath)
    {
        var idOfText = ReadVocabulary(vocabularyPath);
        var textOfId = OrderById(idOfText, vocabularyPath);
        int? endOfText = idOfText.TryGetValue(Corpus.EndOfText, out var id) ? id : null;

        // Added special tokens are written as they are, not in the byte alphabet.
        var bytes = Array.ConvertAll(textOfId, text => text == Corpus.EndOfText ? null : ByteAlphabet.ToBytes(text));
        for (var i = 0; i < bytes.Length; i++) bytes[i] ??= Encoding.UTF8.GetBytes(textOfId[i]);
        return new ByteLevelTokenizer(bytes!, new MergeTable(ReadMerges(mergesPath, idOfText)), endOfText);
    }

    public static void Write(ByteLevelTokenizer tokenizer, string directory)
    {
        Directory.CreateDirectory(directory);
        var texts = Enumerable.Range(0, tokenizer.VocabularySize)
            .Select(id => id == tokenizer.EndOfTextId ? Corpus.EndOfText : ByteAlphabet.ToText(tokenizer.BytesOf(id))).ToArray();
        var vocabulary = texts.Select((text, id) => (text, id)).ToDictionary(entry => entry.text, entry => entry.id);
        File.WriteAllText(Path.Combine(directory, VocabularyFile), JsonSerializer.Serialize(vocabulary, OneLine));
        File.WriteAllLines(
            Path.Combine(directory, MergesFile),
            tokenizer.Merges.Merges.Select(merge => $"{texts[merge.Left]} {texts[merge.Right]}").Prepend("#version: 0.2"));
        File.WriteAllText(Path.Combine(directory, ConfigurationFile), JsonSerializer.Serialize(Configuration(tokenizer), Indented));
    }

    private static Dictionary<string, object> Configuration(ByteLevelTokenizer tokenizer)
    {
        var configuration = new Dictionary<string, object> { ["tokenizer_class"] = "GPT2Tokenizer", ["add_prefix_space"] = false };
        if (tokenizer.EndOfTextId is not null)
        {
            foreach (var role in (string[])["bos_token", "eos_token", "unk_token"]) configuration[role] = Corpus.EndOfText;
        }
        return configuration;
    }

    private static Dictionary<string, int> ReadVocabulary(string path)
    {
        using var stream = OpenLimited(path);
        try
        {
            var vocabulary = JsonSerializer.Deserialize<Dictionary<string, int>>(stream);
            return vocabulary is { Count: > 0 } ? vocabulary : throw new InputException($"The vocabulary '{path}' is empty.");
        }
        catch (JsonException e)
        {
            throw new InputException($"'{path}' is not a vocabulary: a JSON object of token to id is expected ({e.Message})", e);
        }
    }

    private static string[] OrderById(Dictionary<string, int> idOfText, string path)
    {
        if (idOfText.Count > TokenizerSpecification.MaximumVocabularySize)
            throw new InputException($"The vocabulary '{path}' has {idOfText.Count} tokens; at most {TokenizerSpecification.MaximumVocabularySize} are read.");
        var texts = new string[idOfText.Count];
        foreach (var (text, id) in idOfText)
        {
            if ((uint)id >= (uint)texts.Length || texts[id] is not null)
                throw new InputException($"The vocabulary '{path}' gives token '{text}' the id {id}: {texts.Length} tokens must have the ids 0 to {texts.Length - 1}, each once.");
            texts[id] = text;
        }
        return texts;
    }

    private static List<(int Left, int Right, int Result)> ReadMerges(string path, Dictionary<string, int> idOfText)
    {
        using var reader = new StreamReader(OpenLimited(path));
        var merges = new List<(int, int, int)>();
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.Length == 0 || (number == 1 && line.StartsWith("#version", StringComparison.Ordinal))) continue;
            var parts = line.Split(' ');
            if (parts.Length != 2 || !idOfText.TryGetValue(parts[0], out var left) || !idOfText.TryGetValue(parts[1], out var right)
                || !idOfText.TryGetValue(parts[0] + parts[1], out var result))
            {
                throw new InputException($"'{path}', line {number}: '{line}' is not a merge: two tokens of the vocabulary, separated by a space, whose concatenation is a token too.");
            }
            merges.Add((left, right, result));
        }
        return merges;
    }

    private static FileStream OpenLimited(string path)
    {
        if (!File.Exists(path)) throw new InputException($"There is no tokenizer file '{path}'.");
        var stream = File.OpenRead(path);
        if (stream.Length <= MaximumFileBytes) return stream;
        stream.Dispose();
        throw new InputException($"The tokenizer file '{path}' has more than {MaximumFileBytes} bytes.");
    }
}
