namespace NcService.Core.Statistics;

/// <summary>
/// Evaluates a problem over its arrangements. They are cut into blocks of a fixed size, block b drawing from random stream b, and what a block
/// adds is integers: so neither the threads nor their number can change the counts.
/// </summary>
internal sealed class PermutationRun(PermutationProblem problem, PermutationTestOptions options)
{
    public const int BlockSize = 1 << 14;

    private const int GroupsBetweenChecks = 8;

    private readonly bool _short = problem.StratumLengths.Max() <= LaneShuffles.LongestStratum;
    private long _done;

    /// <summary>Whether every arrangement was met once.</summary>
    public bool Exact { get; private set; }

    /// <summary>Whether sampling ended before B because the chosen level was decided.</summary>
    public bool StoppedEarly { get; private set; }

    /// <summary>All arrangements where they are no more than B, else B random ones, or fewer where the level to decide allows.</summary>
    public PermutationCounts Count(CancellationToken ct)
    {
        if (AllArrangements.Count(problem, options.Permutations) is { } all)
        {
            Exact = true;
            return OverBlocks(0, Blocks(all), all, () => new AllArrangements(problem), ct);
        }
        var counts = new PermutationCounts(problem.X.Length);
        var blocks = Blocks(options.Permutations);
        // The looks come after 1, 2, 4, 8, … blocks whatever the number of threads.
        for (var end = options.DecideLevel is null ? blocks : 1; ; end = Math.Min(2 * end, blocks))
        {
            counts.Add(OverBlocks(Blocks(counts.Total), end, options.Permutations, RandomSource, ct));
            if (end == blocks) return counts;
            if (!Decided(counts, options.DecideLevel!.Value)) continue;
            StoppedEarly = true;
            return counts;
        }
    }

    private static long Blocks(long arrangements) => (arrangements + BlockSize - 1) / BlockSize;

    private ArrangementSource RandomSource() => _short ? new LaneShuffles(problem, options.Seed) : new RowShuffles(problem, options.Seed);

    private bool Decided(PermutationCounts counts, double level)
    {
        for (var m = 0; m < problem.R.Length; m++)
        {
            if (!ConfidenceSequence.Excludes(level, counts.Extreme(m, problem.R[m], problem.Alternative), counts.Total)) return false;
        }
        return true;
    }

    private PermutationCounts OverBlocks(long from, long to, long total, Func<ArrangementSource> makeSource, CancellationToken ct)
    {
        var sum = new PermutationCounts(problem.X.Length);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaximumThreads ?? Environment.ProcessorCount, CancellationToken = ct };
        Parallel.For(from, to, parallel, () => new Worker(problem, makeSource()), (block, _, worker) =>
        {
            var size = (int)Math.Min(BlockSize, total - block * BlockSize);
            worker.Evaluate(block, size, ct);
            options.Progress?.Report(Interlocked.Add(ref _done, size));
            return worker;
        }, worker =>
        {
            lock (sum) sum.Add(worker.Kernel.Counts);
        });
        return sum;
    }

    private sealed class Worker(PermutationProblem problem, ArrangementSource source)
    {
        public PermutationKernel Kernel { get; } = new(problem, source);

        public void Evaluate(long block, int size, CancellationToken ct)
        {
            source.Start(block);
            for (var done = 0; done < size; done += ArrangementSource.Lanes)
            {
                if (done % (GroupsBetweenChecks * ArrangementSource.Lanes) == 0) ct.ThrowIfCancellationRequested();
                source.Next();
                Kernel.Evaluate(Math.Min(ArrangementSource.Lanes, size - done));
            }
        }
    }
}
