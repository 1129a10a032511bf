using System.Buffers;
using System.Text;

namespace NcService.Core.Text;

/// <summary>
/// A byte-level byte-pair encoding (Sennrich et al., arXiv 1508.07909; Radford et al. 2019): any text has ids, and the ids give the text
/// back. Immutable; any number of threads may use one instance at once.
/// </summary>
public sealed class ByteLevelTokenizer
{
    private readonly byte[][] bytesOfToken;
    private readonly int[] idOfByte;
    private readonly MergeTable merges;
    private readonly WordCache cache = new();

    /// <summary>Makes a tokenizer of its parts.</summary>
    /// <param name="bytesOfToken">The bytes of each token, by id; those of <paramref name="endOfTextId"/> are its name.</param>
    /// <param name="merges">The merges by rank.</param>
    /// <param name="endOfTextId">The end-of-text token, or null.</param>
    internal ByteLevelTokenizer(byte[][] bytesOfToken, MergeTable merges, int? endOfTextId)
    {
        this.bytesOfToken = bytesOfToken;
        this.merges = merges;
        EndOfTextId = endOfTextId;
        idOfByte = IndexBytes(bytesOfToken, endOfTextId);
    }

    /// <summary>K: the number of tokens, end-of-text included. Ids run from 0 to K − 1.</summary>
    public int VocabularySize => bytesOfToken.Length;

    /// <summary>The id of <c>&lt;|endoftext|&gt;</c>, or null where the vocabulary has none.</summary>
    public int? EndOfTextId { get; }

    internal MergeTable Merges => merges;

    /// <summary>GPT-2's tokenizer of 50,257 tokens, from the files that <c>make setup</c> fetches.</summary>
    /// <exception cref="InputException">The files are absent or damaged.</exception>
    public static ByteLevelTokenizer LoadGpt2() =>
        TokenizerFiles.Read(AssetFolder.Find(Path.Combine("gpt2", "encoder.json")), AssetFolder.Find(Path.Combine("gpt2", "vocab.bpe")));

    /// <summary>Loads a tokenizer from a directory with <c>vocab.json</c> and <c>merges.txt</c>, Hugging Face's layout.</summary>
    /// <exception cref="InputException">The files are absent or damaged.</exception>
    public static ByteLevelTokenizer Load(string directory) =>
        TokenizerFiles.Read(Path.Combine(directory, TokenizerFiles.VocabularyFile), Path.Combine(directory, TokenizerFiles.MergesFile));

    /// <summary>Writes <c>vocab.json</c>, <c>merges.txt</c> and <c>tokenizer_config.json</c>, as Hugging Face's GPT2Tokenizer reads them.</summary>
    public void Save(string directory) => TokenizerFiles.Write(this, directory);

    /// <summary>The ids of a text. <c>&lt;|endoftext|&gt;</c> in it is text like any other.</summary>
    public int[] Encode(string text) => Encode(text, endOfTextIsToken: false);

    /// <summary>The ids of a text.</summary>
    /// <param name="text">Any text; half a surrogate pair counts as U+FFFD.</param>
    /// <param name="endOfTextIsToken">Whether <c>&lt;|endoftext|&gt;</c> in the text becomes the token of that name. Leave it off for text of unknown origin.</param>
    public int[] Encode(string text, bool endOfTextIsToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>(text.Length / 3 + 1);
        Encode(text, ids, endOfTextIsToken);
        return [.. ids];
    }

    /// <summary>Appends the ids of a text to a list; otherwise as <see cref="Encode(string, bool)"/>.</summary>
    public void Encode(ReadOnlySpan<char> text, List<int> ids, bool endOfTextIsToken = false)
    {
        ArgumentNullException.ThrowIfNull(ids);
        while (endOfTextIsToken && EndOfTextId is { } endOfText && text.IndexOf(Corpus.EndOfText, StringComparison.Ordinal) is >= 0 and var index)
        {
            EncodeOrdinary(text[..index], ids);
            ids.Add(endOfText);
            text = text[(index + Corpus.EndOfText.Length)..];
        }
        EncodeOrdinary(text, ids);
    }

    /// <summary>The text of ids. Bytes that are no UTF-8, as single tokens may give them, become U+FFFD.</summary>
    /// <exception cref="InputException">An id is not in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new ArrayBufferWriter<byte>(4 * ids.Length + 1);
        foreach (var id in ids) bytes.Write(BytesOf(id));
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>A token for people: its text, with control characters and bytes that are no UTF-8 escaped (<c>\n</c>, <c>\xE2</c>).</summary>
    /// <exception cref="InputException">The id is not in the vocabulary.</exception>
    public string TokenText(int id) => TokenDisplay.Escape(BytesOf(id));

    /// <summary>The bytes of a token.</summary>
    /// <exception cref="InputException">The id is not in the vocabulary.</exception>
    internal byte[] BytesOf(int id) =>
        (uint)id < (uint)bytesOfToken.Length
            ? bytesOfToken[id]
            : throw new InputException($"Token id {id} is not in the vocabulary; ids run from 0 to {bytesOfToken.Length - 1}.");

    private void EncodeOrdinary(ReadOnlySpan<char> text, List<int> ids)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = PreTokenizer.WordEnd(text, start);
            var word = text[start..end];
            var wordIds = cache.Find(word);
            if (wordIds is null) cache.Store(word, wordIds = EncodeWord(word));
            if (wordIds.Length == 1) ids.Add(wordIds[0]);
            else ids.AddRange(wordIds);
            start = end;
        }
    }

    private int[] EncodeWord(ReadOnlySpan<char> word)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        var count = Encoding.UTF8.GetBytes(word, bytes);
        var symbols = new int[count];
        for (var i = 0; i < count; i++) symbols[i] = idOfByte[bytes[i]];
        ArrayPool<byte>.Shared.Return(bytes);
        return symbols[..merges.Merge(symbols)];
    }

    private static int[] IndexBytes(byte[][] bytesOfToken, int? endOfTextId)
    {
        var ids = new int[256];
        Array.Fill(ids, -1);
        for (var id = 0; id < bytesOfToken.Length; id++)
        {
            if (bytesOfToken[id].Length == 1 && id != endOfTextId) ids[bytesOfToken[id][0]] = id;
        }
        var missing = Array.IndexOf(ids, -1);
        return missing < 0 ? ids : throw new InputException($"The vocabulary has no token for the byte 0x{missing:X2}; a byte-level vocabulary has all 256.");
    }
}
