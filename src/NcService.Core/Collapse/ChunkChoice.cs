using NcService.Core.Text;

namespace NcService.Core.Collapse;

/// <summary>Which chunks of a split an analysis looks at.</summary>
internal static class ChunkChoice
{
    /// <summary>All chunks, the first ones, or a seeded sample without repetition, in increasing order.</summary>
    public static int[] Choose(int available, int? maximum, bool sample, int seed)
    {
        if (maximum is not { } count || count >= available) return [.. Enumerable.Range(0, available)];
        if (!sample) return [.. Enumerable.Range(0, count)];

        // Floyd's sample: every subset of that size is equally likely, and no list of all chunks is shuffled.
        var random = new Random(seed);
        var chosen = new HashSet<int>();
        for (var last = available - count; last < available; last++)
        {
            var candidate = random.Next(last + 1);
            if (!chosen.Add(candidate)) chosen.Add(last);
        }
        return [.. chosen.Order()];
    }

    /// <summary>How often each id is a label in some chunks: [K].</summary>
    public static long[] LabelCounts(TokenSplit split, int[] chunks, int classCount, CancellationToken cancellationToken)
    {
        var counts = new long[classCount];
        var ids = new long[split.ContextLength];
        foreach (var chunk in chunks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            split.CopyChunk(chunk, ids);
            foreach (var label in ids.AsSpan(1)) counts[label]++;
        }
        return counts;
    }
}
