using System.Buffers;

namespace NcService.Core.Text;

/// <summary>The merges of a BPE, by rank, and how they turn a word's bytes into tokens.</summary>
/// <param name="merges">Pairs of ids and the id of their concatenation, in the order of rank.</param>
internal sealed class MergeTable(IReadOnlyList<(int Left, int Right, int Result)> merges)
{
    private readonly Dictionary<ulong, int> rankOfPair = IndexPairs(merges);

    /// <summary>The merges in the order of rank.</summary>
    public IReadOnlyList<(int Left, int Right, int Result)> Merges { get; } = merges;

    /// <summary>
    /// Merges neighbours, the pair of lowest rank first and the leftmost of equals, until no pair is left that has a rank.
    /// O(n log n) for n symbols. Only the first <c>return value</c> entries of <paramref name="symbols"/> are tokens afterwards.
    /// </summary>
    public int Merge(Span<int> symbols)
    {
        var count = symbols.Length;
        if (count < 2) return count;
        var links = ArrayPool<int>.Shared.Rent(2 * count);
        try
        {
            MergeLinked(symbols, links.AsSpan(0, count), links.AsSpan(count, count));
            return Compact(symbols, links.AsSpan(count, count));
        }
        finally
        {
            ArrayPool<int>.Shared.Return(links);
        }
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private static Dictionary<ulong, int> IndexPairs(IReadOnlyList<(int Left, int Right, int Result)> merges)
    {
        var ranks = new Dictionary<ulong, int>(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++) ranks.TryAdd(Key(merges[rank].Left, merges[rank].Right), rank);
        return ranks;
    }

    private void MergeLinked(Span<int> symbols, Span<int> previous, Span<int> next)
    {
        var queue = new PriorityQueue<int, ulong>();
        for (var i = 0; i < symbols.Length; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1 < symbols.Length ? i + 1 : -1;
        }
        for (var i = 0; i + 1 < symbols.Length; i++) Enqueue(queue, symbols, i, i + 1);

        while (queue.TryDequeue(out var left, out var priority))
        {
            var right = next[left];
            // Stale where a neighbour was merged since: then the pair that stands here has another rank, or none.
            if (symbols[left] < 0 || right < 0 || !rankOfPair.TryGetValue(Key(symbols[left], symbols[right]), out var rank) || rank != (int)(priority >> 32)) continue;
            symbols[left] = Merges[rank].Result;
            symbols[right] = -1;
            next[left] = next[right];
            if (next[left] >= 0)
            {
                previous[next[left]] = left;
                Enqueue(queue, symbols, left, next[left]);
            }
            if (previous[left] >= 0) Enqueue(queue, symbols, previous[left], left);
        }
    }

    private void Enqueue(PriorityQueue<int, ulong> queue, Span<int> symbols, int left, int right)
    {
        if (rankOfPair.TryGetValue(Key(symbols[left], symbols[right]), out var rank)) queue.Enqueue(left, ((ulong)(uint)rank << 32) | (uint)left);
    }

    private static int Compact(Span<int> symbols, ReadOnlySpan<int> next)
    {
        var count = 0;
        for (var i = 0; i >= 0; i = next[i]) symbols[count++] = symbols[i];
        return count;
    }
}
