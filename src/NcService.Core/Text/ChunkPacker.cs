namespace NcService.Core.Text;

/// <summary>
/// Lays the documents of one split into chunks of T tokens and writes the full ones. <see cref="PackingStyle"/> says where the
/// stream is cut; a cut drops the tokens that fill no chunk.
/// </summary>
internal sealed class ChunkPacker
{
    // The batch size that Hugging Face's `datasets` maps with by default, which run_clm leaves as it is.
    private const int DocumentsPerBatch = 1000;

    private readonly TokenFileWriter writer;
    private readonly DatasetSpecification specification;
    private readonly int? endOfTextId;
    private readonly long documentCount;
    private readonly int[] chunk;
    private readonly PackingStyle style;
    private int filled;
    private long document;

    /// <summary>A packer of so many documents, at its beginning or where <paramref name="state"/> was taken.</summary>
    public ChunkPacker(TokenFileWriter writer, DatasetSpecification specification, int? endOfTextId, long documentCount, PackerState? state = null)
    {
        (this.writer, this.specification, this.endOfTextId, this.documentCount) = (writer, specification, endOfTextId, documentCount);
        (chunk, style) = (new int[specification.ContextLength], specification.EffectivePacking);
        if (state is null) return;
        (Chunks, DroppedTokens, document, filled) = (state.Chunks, state.DroppedTokens, state.Documents, state.Pending.Length);
        state.Pending.CopyTo(chunk, 0);
    }

    public int Chunks { get; private set; }

    public long DroppedTokens { get; private set; }

    /// <summary>All that a packer needs, beside its file, to go on from here.</summary>
    public PackerState State => new(chunk[..filled], Chunks, DroppedTokens, document);

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

/// <summary>Where a packer is.</summary>
/// <param name="Pending">Tokens that fill no chunk yet.</param>
/// <param name="Chunks">Chunks written.</param>
/// <param name="DroppedTokens">Tokens left out.</param>
/// <param name="Documents">Documents packed.</param>
internal sealed record PackerState(int[] Pending, int Chunks, long DroppedTokens, long Documents);
