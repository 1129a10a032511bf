namespace NcService.Core.Models;

/// <summary>Token ids of some sequences of one length.</summary>
/// <param name="Ids">[B · T], each in the vocabulary.</param>
/// <param name="Labels">The next token of each position, [B · T]; −1 where there is none.</param>
/// <param name="Batch">B.</param>
/// <param name="Length">T.</param>
internal readonly record struct TokenBatch(long[] Ids, long[] Labels, int Batch, int Length)
{
    /// <summary>One batch of sequences; the last position of each has no label.</summary>
    public static TokenBatch Of(long[] ids, int batch, int length)
    {
        var labels = new long[ids.Length];
        for (var row = 0; row < batch; row++) NextTokens(ids.AsSpan(row * length, length), labels.AsSpan(row * length, length));
        return new TokenBatch(ids, labels, batch, length);
    }

    /// <summary>Some of its sequences, copied.</summary>
    public TokenBatch Part(int first, int count)
    {
        var range = (first * Length)..((first + count) * Length);
        return new TokenBatch(Ids[range], Labels[range], count, Length);
    }

    /// <summary>label t = id t + 1; the last is −1.</summary>
    public static void NextTokens(ReadOnlySpan<long> ids, Span<long> labels)
    {
        ids[1..].CopyTo(labels);
        labels[ids.Length - 1] = -1;
    }

    /// <summary>Throws where an id would be an index outside the embedding's memory.</summary>
    public static void RequireInVocabulary(ReadOnlySpan<long> ids, int vocabularySize)
    {
        foreach (var id in ids)
        {
            if ((ulong)id >= (ulong)vocabularySize) throw new InputException($"Token id {id} lies outside the model's vocabulary, 0 to {vocabularySize - 1}.");
        }
    }
}
