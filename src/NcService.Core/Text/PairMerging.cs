using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NcService.Core.Text;

/// <summary>
/// The loop of BPE training with incremental counts: a merge visits only the words that hold its pair. The heap is lazy: counts that
/// fell since they were pushed are corrected when they come up; counts that rose are pushed anew.
/// </summary>
internal sealed class PairMerging
{
    private readonly List<(int[] Symbols, long Count)> words;
    private readonly Dictionary<(int Left, int Right), long> counts = [];
    private readonly Dictionary<(int Left, int Right), List<int>> wordsOfPair = [];
    private readonly PriorityQueue<(int Left, int Right), (long NegativeCount, int Left, int Right)> queue = new();
    private readonly HashSet<(int Left, int Right)> risen = [];
    private int nextId;

    /// <summary>Counts the pairs of all words.</summary>
    /// <param name="words">Distinct words as symbols, with how often each occurs; merged in place.</param>
    /// <param name="firstId">The id of the first merge's result.</param>
    public PairMerging(List<(int[] Symbols, long Count)> words, int firstId)
    {
        this.words = words;
        nextId = firstId;
        for (var word = 0; word < words.Count; word++)
        {
            var (symbols, count) = words[word];
            for (var i = 0; i + 1 < symbols.Length; i++) Add((symbols[i], symbols[i + 1]), count, word);
        }
        PushRisen();
    }

    /// <summary>Makes at most so many merges; fewer where every word has become one symbol.</summary>
    public List<(int Left, int Right, int Result)> Run(int mergeCount, CancellationToken cancellationToken)
    {
        var merges = new List<(int, int, int)>(mergeCount);
        while (merges.Count < mergeCount && queue.TryDequeue(out var pair, out var priority))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = counts.GetValueOrDefault(pair);
            if (count <= 0) continue;
            if (count != -priority.NegativeCount)
            {
                // Fell since it was pushed: back to its true place. If it rose, the true candidate is in the queue already.
                if (count < -priority.NegativeCount) queue.Enqueue(pair, Priority(pair, count));
                continue;
            }
            merges.Add((pair.Left, pair.Right, nextId));
            MergeEverywhere(pair);
            nextId++;
        }
        return merges;
    }

    private void MergeEverywhere((int Left, int Right) pair)
    {
        // Taken out first: neighbours of equal symbols (as in "aaa") would otherwise change the entry while it is walked.
        wordsOfPair.Remove(pair, out var holders);
        var last = -1;
        foreach (var word in holders!)
        {
            if (word != last) MergeInWord(word, pair);
            last = word;
        }
        counts.Remove(pair);
        wordsOfPair.Remove(pair);
        risen.Remove(pair);
        PushRisen();
    }

    private void MergeInWord(int word, (int Left, int Right) pair)
    {
        var (symbols, count) = words[word];
        var length = 0;
        for (var i = 0; i < symbols.Length; i++)
        {
            if (i + 1 == symbols.Length || symbols[i] != pair.Left || symbols[i + 1] != pair.Right)
            {
                symbols[length++] = symbols[i];
                continue;
            }
            if (length > 0)
            {
                Subtract((symbols[length - 1], pair.Left), count);
                Add((symbols[length - 1], nextId), count, word);
            }
            if (i + 2 < symbols.Length)
            {
                Subtract((pair.Right, symbols[i + 2]), count);
                Add((nextId, symbols[i + 2]), count, word);
            }
            symbols[length++] = nextId;
            i++;
        }
        if (length < symbols.Length) words[word] = (symbols[..length], count);
    }

    private void Add((int Left, int Right) pair, long count, int word)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(counts, pair, out _) += count;
        ref var holders = ref CollectionsMarshal.GetValueRefOrAddDefault(wordsOfPair, pair, out _);
        holders ??= [];
        holders.Add(word);
        risen.Add(pair);
    }

    private void Subtract((int Left, int Right) pair, long count)
    {
        ref var current = ref CollectionsMarshal.GetValueRefOrNullRef(counts, pair);
        if (!Unsafe.IsNullRef(ref current)) current -= count;
    }

    private void PushRisen()
    {
        foreach (var pair in risen) queue.Enqueue(pair, Priority(pair, counts[pair]));
        risen.Clear();
    }

    /// <summary>High counts first, then small ids, so that training is deterministic.</summary>
    private static (long NegativeCount, int Left, int Right) Priority((int Left, int Right) pair, long count) => (-count, pair.Left, pair.Right);
}
