using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NcService.Core.Statistics;

/// <summary>How many permutations reached the observed r, and where all of them fell.</summary>
internal sealed class PermutationCounts
{
    public long TwoSided { get; set; }

    public long OneSided { get; set; }

    public long[] Histogram { get; } = new long[NullHistogram.BinCount];

    public void Add(PermutationCounts other)
    {
        TwoSided += other.TwoSided;
        OneSided += other.OneSided;
        for (var i = 0; i < Histogram.Length; i++) Histogram[i] += other.Histogram[i];
    }
}

/// <summary>
/// Evaluates r over permutations of y. The permutations are cut into blocks of a fixed size, block b drawing from random stream b, and what a
/// block adds is integers: so neither the threads nor their number can change the counts.
/// </summary>
internal sealed class PermutationRun
{
    public const int BlockSize = 1 << 14;

    private const int CancellationInterval = 256;

    private readonly double[] _x;
    private readonly double[] _y;
    private readonly int _n;
    private readonly double _direction;
    private readonly double _oneSidedThreshold;
    private readonly PermutationTestOptions _options;
    private long _done;

    /// <summary>x and y centred and of length one, [n].</summary>
    public PermutationRun(double[] x, double[] y, double r, PermutationTestOptions options)
    {
        _n = x.Length;
        // Zeros up to whole vectors; shuffles never touch them.
        var padded = (_n + Vector256<double>.Count - 1) / Vector256<double>.Count * Vector256<double>.Count;
        _x = new double[padded];
        _y = new double[padded];
        x.CopyTo(_x, 0);
        y.CopyTo(_y, 0);
        _direction = r < 0 ? -1 : 1;
        _oneSidedThreshold = Math.Abs(r) - PermutationTest.TieTolerance;
        _options = options;
    }

    /// <summary>B random permutations.</summary>
    public PermutationCounts Sample(CancellationToken ct)
    {
        var total = _options.Permutations;
        var blocks = (total + BlockSize - 1) / BlockSize;
        return OverBlocks(blocks, (block, counts) => SampleBlock(block, (int)Math.Min(BlockSize, total - block * BlockSize), counts, ct), ct);
    }

    /// <summary>All n! permutations; block b has y_b in the last place.</summary>
    public PermutationCounts Enumerate(CancellationToken ct) => OverBlocks(_n, (block, counts) => EnumerateBlock((int)block, counts, ct), ct);

    private PermutationCounts OverBlocks(long blocks, Action<long, PermutationCounts> evaluate, CancellationToken ct)
    {
        var sum = new PermutationCounts();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.MaximumThreads ?? Environment.ProcessorCount, CancellationToken = ct };
        Parallel.For(0, blocks, parallel, () => new PermutationCounts(), (block, _, counts) =>
        {
            evaluate(block, counts);
            return counts;
        }, counts =>
        {
            lock (sum) sum.Add(counts);
        });
        return sum;
    }

    private void SampleBlock(long block, int size, PermutationCounts counts, CancellationToken ct)
    {
        var random = new RandomStream(_options.Seed, (ulong)block);
        var shuffler = new Shuffler(_n);
        var y = (double[])_y.Clone();
        for (var done = 0; done < size; done++)
        {
            if (done % CancellationInterval == 0) ct.ThrowIfCancellationRequested();
            shuffler.Shuffle(y, ref random);
            Count(y, counts);
        }
        Report(size);
    }

    /// <summary>Heap's algorithm over the first n − 1 values: each step swaps two of them and meets every order once.</summary>
    private void EnumerateBlock(int last, PermutationCounts counts, CancellationToken ct)
    {
        var y = (double[])_y.Clone();
        var free = _n - 1;
        (y[last], y[free]) = (y[free], y[last]);
        var state = new int[free];
        Count(y, counts);
        var done = 1L;
        for (var i = 1; i < free;)
        {
            if (state[i] >= i)
            {
                state[i++] = 0;
                continue;
            }
            var other = i % 2 == 0 ? 0 : state[i];
            (y[i], y[other]) = (y[other], y[i]);
            if (done % CancellationInterval == 0) ct.ThrowIfCancellationRequested();
            Count(y, counts);
            done++;
            state[i]++;
            i = 1;
        }
        Report(done);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Count(double[] y, PermutationCounts counts)
    {
        var r = Dot(_x, y);
        if (r * _direction >= _oneSidedThreshold) counts.OneSided++;
        if (Math.Abs(r) >= _oneSidedThreshold) counts.TwoSided++;
        var bin = (int)((r + 1) * (NullHistogram.BinCount / 2));
        counts.Histogram[Math.Clamp(bin, 0, NullHistogram.BinCount - 1)]++;
    }

    /// <summary>
    /// Four partial sums, multiply then add: never fused, never wider, so that every processor gives the same bits.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Dot(double[] x, double[] y)
    {
        ref var firstX = ref MemoryMarshal.GetArrayDataReference(x);
        ref var firstY = ref MemoryMarshal.GetArrayDataReference(y);
        var sum = Vector256<double>.Zero;
        for (nuint i = 0; i < (nuint)x.Length; i += (nuint)Vector256<double>.Count)
            sum += Vector256.LoadUnsafe(ref firstX, i) * Vector256.LoadUnsafe(ref firstY, i);
        var half = sum.GetLower() + sum.GetUpper();
        return half[0] + half[1];
    }

    private void Report(long permutations)
    {
        var done = Interlocked.Add(ref _done, permutations);
        _options.Progress?.Report(done);
    }
}
