using NcService.Core.Models;
using NcService.Core.Text;

namespace NcService.Core.Training;

/// <summary>Copies chunks of a split into batches of token ids and next-token labels. The arrays are used again by the next call.</summary>
internal sealed class ChunkReader(TokenSplit split)
{
    private long[] _ids = [];
    private long[] _labels = [];

    /// <summary>The chunks as one batch.</summary>
    public TokenBatch Read(ReadOnlySpan<int> chunks)
    {
        var length = split.ContextLength;
        var count = chunks.Length * length;
        if (_ids.Length != count) (_ids, _labels) = (new long[count], new long[count]);
        for (var row = 0; row < chunks.Length; row++)
        {
            split.CopyChunk(chunks[row], _ids.AsSpan(row * length, length));
            TokenBatch.NextTokens(_ids.AsSpan(row * length, length), _labels.AsSpan(row * length, length));
        }
        return new TokenBatch(_ids, _labels, chunks.Length, length);
    }
}
