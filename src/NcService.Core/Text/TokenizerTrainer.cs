using System.Runtime.InteropServices;
using System.Text;

namespace NcService.Core.Text;

/// <summary>
/// Trains a byte-level BPE (Sennrich et al., arXiv 1508.07909): merge the most frequent pair of neighbouring tokens, again and again,
/// within the words of <see cref="PreTokenizer"/>.
/// </summary>
public static class TokenizerTrainer
{
    /// <summary>
    /// Trains a tokenizer. Ids: the 256 bytes in GPT-2's order, the merges in the order they were made, <c>&lt;|endoftext|&gt;</c> last.
    /// The same documents give the same tokenizer, in any order of the documents; of equally frequent pairs the one of smaller ids is merged first.
    /// </summary>
    /// <param name="documents">The text; read once.</param>
    /// <param name="vocabularySize">K: the number of tokens to end with, at least 257.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    /// <exception cref="InputException">The size is out of range, there is no text, or too little of it for so many merges.</exception>
    public static ByteLevelTokenizer Train(IEnumerable<string> documents, int vocabularySize, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(documents);
        TokenizerSpecification.CheckTrainable(vocabularySize);
        var words = CountWords(documents, cancellationToken);
        if (words.Count == 0) throw new InputException("There is no text to train a tokenizer on: the corpus is empty.");

        const int byteCount = 256;
        var merges = new PairMerging(words, byteCount).Run(vocabularySize - byteCount - 1, cancellationToken);
        if (merges.Count < vocabularySize - byteCount - 1)
        {
            throw new InputException(
                $"The text is too small for a vocabulary of {vocabularySize} tokens: after {merges.Count} merges every word is one token. Ask for at most {byteCount + merges.Count + 1}, or give more text.");
        }
        return Build(merges, vocabularySize);
    }

    private static List<(int[] Symbols, long Count)> CountWords(IEnumerable<string> documents, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var document in documents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var start = 0; start < document.Length;)
            {
                var end = PreTokenizer.WordEnd(document, start);
                CollectionsMarshal.GetValueRefOrAddDefault(bySpan, document.AsSpan(start, end - start), out _)++;
                start = end;
            }
        }
        var idOfByte = new int[256];
        for (var id = 0; id < 256; id++) idOfByte[ByteAlphabet.IdOrder[id]] = id;
        return [.. counts.Select(word => (Array.ConvertAll(Encoding.UTF8.GetBytes(word.Key), value => idOfByte[value]), word.Value))];
    }

    private static ByteLevelTokenizer Build(IReadOnlyList<(int Left, int Right, int Result)> merges, int vocabularySize)
    {
        var bytes = new byte[vocabularySize][];
        for (var id = 0; id < 256; id++) bytes[id] = [ByteAlphabet.IdOrder[id]];
        foreach (var (left, right, result) in merges) bytes[result] = [.. bytes[left], .. bytes[right]];
        bytes[^1] = Encoding.UTF8.GetBytes(Corpus.EndOfText);
        return new ByteLevelTokenizer(bytes, new MergeTable(merges), vocabularySize - 1);
    }
}
