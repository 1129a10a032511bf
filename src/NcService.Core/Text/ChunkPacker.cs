namespace NcService.Core.Text;

/// <summary>
/// Lays the documents of one split into chunks of T tokens and writes the full ones. <see cref="PackingStyle"/> says where the
/// stream is cut; a cut drops the tokens that fill no chunk.
/// </summary>
internal sealed class ChunkPacker(TokenFileWriter writer, DatasetSpecification specification, int? endOfTextId, long documentCount)
{
    // The batch size that Hugging Face's `datasets` maps with by default, which run_clm leaves as it is.
    private const int DocumentsPerBatch = 1000;

    private readonly int[] chunk = new int[specification.ContextLength];
    private readonly PackingStyle style = specification.EffectivePacking;
    private int filled;
    private long document;

    public int Chunks { get; private set; }

    public long DroppedTokens { get; private set; }

    /// <summary>Appends a document's ids.</summary>
    public void Add(ReadOnlySpan<int> ids)
    {
        Append(ids);
        if (style == PackingStyle.Continuous && endOfTextId is { } separator) Append([separator]);
        document++;
        if (document == documentCount || (style == PackingStyle.StudyBatches && EndsBatch(document))) Cut();
    }

    /// <summary>Whether a batch ends after so many documents: each 1,000 from the start of a contiguous shard, and at its end.</summary>
    private bool EndsBatch(long done)
    {
        // Shard s begins at s·⌊n/S⌋ + min(s, n mod S): the first n mod S shards hold one document more.
        var (size, longer) = Math.DivRem(documentCount, specification.PackingShards);
        var inLonger = longer * (size + 1);
        var (within, length) = done <= inLonger ? ((done - 1) % (size + 1) + 1, size + 1) : ((done - inLonger - 1) % size + 1, size);
        return within == length || within % DocumentsPerBatch == 0;
    }

    private void Append(ReadOnlySpan<int> ids)
    {
        while (!ids.IsEmpty)
        {
            var count = Math.Min(ids.Length, chunk.Length - filled);
            ids[..count].CopyTo(chunk.AsSpan(filled));
            ids = ids[count..];
            filled += count;
            if (filled < chunk.Length) return;
            writer.Write(chunk);
            Chunks = checked(Chunks + 1);
            filled = 0;
        }
    }

    private void Cut()
    {
        DroppedTokens += filled;
        filled = 0;
    }
}
