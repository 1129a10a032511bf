using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace NcService.Core.Text;

/// <summary>
/// The chunks of one split, read from a memory-mapped file. Any number of threads may read at once. A chunk x_1..x_T gives the
/// T − 1 samples (context embedding at t, class x_{t+1}), t = 1..T−1.
/// </summary>
public sealed class TokenSplit : IDisposable
{
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly int bytesPerToken;
    private readonly int vocabularySize;
    private readonly string path;

    internal TokenSplit(string path, DatasetManifest manifest, int chunkCount)
    {
        (this.path, bytesPerToken, vocabularySize) = (path, manifest.BytesPerToken, manifest.VocabularySize);
        (ContextLength, ChunkCount) = (manifest.ContextLength, chunkCount);
        CheckSize();
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
        view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
    }

    /// <summary>T: tokens of a chunk.</summary>
    public int ContextLength { get; }

    /// <summary>The number of chunks.</summary>
    public int ChunkCount { get; }

    /// <summary>The number of tokens: chunks × T.</summary>
    public long TokenCount => (long)ChunkCount * ContextLength;

    /// <summary>N: the number of samples, chunks × (T − 1).</summary>
    public long SampleCount => (long)ChunkCount * (ContextLength - 1);

    /// <summary>Copies the T ids of a chunk.</summary>
    /// <param name="index">The chunk, from 0.</param>
    /// <param name="destination">At least T long; the first T entries are written.</param>
    /// <exception cref="InputException">The file holds an id beyond the vocabulary: it is damaged.</exception>
    public void CopyChunk(int index, Span<long> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, ChunkCount);
        if (destination.Length < ContextLength) throw new ArgumentException($"A chunk has {ContextLength} ids; the destination holds {destination.Length}.", nameof(destination));

        var ids = ArrayPool<int>.Shared.Rent(ContextLength);
        try
        {
            Read(index, ids.AsSpan(0, ContextLength));
            for (var i = 0; i < ContextLength; i++) destination[i] = ids[i];
        }
        finally
        {
            ArrayPool<int>.Shared.Return(ids);
        }
    }

    /// <summary>The samples of each class, n_c [K]: how often each id is a label, that is, stands at positions 2..T of a chunk.</summary>
    public long[] ClassCounts(CancellationToken cancellationToken = default)
    {
        var counts = new long[vocabularySize];
        var ids = new int[ContextLength];
        for (var chunk = 0; chunk < ChunkCount; chunk++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Read(chunk, ids);
            foreach (var label in ids.AsSpan(1)) counts[label]++;
        }
        return counts;
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }

    private void Read(int index, Span<int> ids)
    {
        // The view's safe handle keeps the mapping alive while it is read, so a concurrent Dispose is an exception and not a crash.
        var offset = (ulong)index * (ulong)ContextLength * (ulong)bytesPerToken;
        if (bytesPerToken == 4)
        {
            view.SafeMemoryMappedViewHandle.ReadSpan(offset, ids);
        }
        else
        {
            // The 16-bit ids are read into the second half of the destination and widened from the front, which never overtakes the reading.
            var narrow = MemoryMarshal.Cast<int, ushort>(ids)[ids.Length..];
            view.SafeMemoryMappedViewHandle.ReadSpan(offset, narrow);
            for (var i = 0; i < ids.Length; i++) ids[i] = narrow[i];
        }
        foreach (var id in ids)
        {
            if ((uint)id >= (uint)vocabularySize) throw new InputException($"'{path}' is damaged: chunk {index} holds the id {id}, but the vocabulary has {vocabularySize}. Prepare the dataset again.");
        }
    }

    private void CheckSize()
    {
        var expected = TokenCount * bytesPerToken;
        if (!File.Exists(path)) throw new InputException($"'{path}' is missing. Prepare the dataset again.");
        var actual = new FileInfo(path).Length;
        if (actual != expected || ChunkCount <= 0)
            throw new InputException($"'{path}' is damaged: {ChunkCount} chunks of {ContextLength} tokens take {expected} bytes, the file has {actual}. Prepare the dataset again.");
    }
}
