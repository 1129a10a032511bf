using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NcService.Core.Statistics;

/// <summary>
/// Evaluates 32 arrangements at once for all measurements. r is computed in 16-bit fixed point with 32-bit sums, whose error has a proven bound;
/// an arrangement whose r lies within that bound of the observed one is decided in full precision. So the counts are those of full precision,
/// and integers throughout: no processor, vector width or number of threads can change them.
/// </summary>
internal sealed unsafe class PermutationKernel
{
    private const int Lanes = ArrangementSource.Lanes;
    private const int Half = Lanes / 2;
    private const int ColumnsAtOnce = 4;
    private const float FixedSquare = 1f / ((float)PermutationProblem.FixedOne * PermutationProblem.FixedOne);

    private readonly PermutationProblem _problem;
    private readonly ArrangementSource _source;
    private readonly int _measurements;
    private readonly int _pairCount;
    private readonly int _columns;
    private readonly List<Array> _memory = [];
    private readonly int* _pairs;
    private readonly int* _weights;
    private readonly int* _products;
    private readonly int* _bins;
    private readonly float[] _near;
    private readonly float[] _beyond;
    private readonly float[] _nearLargest;
    private readonly float[] _beyondLargest;
    private readonly double[] _arranged;
    private readonly double[] _exact;
    private int _exactLane;

    public PermutationKernel(PermutationProblem problem, ArrangementSource source)
    {
        (_problem, _source) = (problem, source);
        _measurements = problem.X.Length;
        _pairCount = (problem.RowCount + 1) / 2;
        _columns = (_measurements + problem.Basis.Length + ColumnsAtOnce - 1) / ColumnsAtOnce * ColumnsAtOnce;
        _memory.Add(ArrangementSource.Aligned(_pairCount * Lanes, out _pairs));
        _memory.Add(ArrangementSource.Aligned(_columns * _pairCount, out _weights));
        _memory.Add(ArrangementSource.Aligned(_columns * Lanes, out _products));
        _memory.Add(ArrangementSource.Aligned(Half, out _bins));
        var column = 0;
        foreach (var values in problem.X.Concat(problem.Basis)) Weigh(values, _weights + column++ * _pairCount);
        (_arranged, _exact) = (new double[problem.RowCount], new double[_measurements]);

        var margin = problem.Margin;
        float[] Thresholds(Func<double, double> statistic, double shift) => Array.ConvertAll(problem.R, r => (float)(statistic(r) + shift));
        (_near, _beyond) = (Thresholds(Math.Abs, -margin), Thresholds(Math.Abs, margin));
        (_nearLargest, _beyondLargest) = (Thresholds(problem.Statistic, -margin), Thresholds(problem.Statistic, margin));
        Counts = new PermutationCounts(_measurements);
    }

    public PermutationCounts Counts { get; }

    /// <summary>Counts the first <paramref name="lanes"/> of the source's arrangements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Evaluate(int lanes)
    {
        Pair();
        Multiply();
        _exactLane = -1;
        // Even lanes are the low halves of the 32-bit numbers, odd lanes the high ones.
        Tally(0, lanes >= Lanes ? ushort.MaxValue : (1u << ((lanes + 1) / 2)) - 1);
        Tally(1, lanes >= Lanes ? ushort.MaxValue : (1u << (lanes / 2)) - 1);
        Counts.Total += lanes;
    }

    private void Weigh(double[] values, int* weights)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var value = (int)PermutationProblem.ToFixed(values[i]);
            weights[i / 2] |= i % 2 == 0 ? value & 0xFFFF : value << 16;
        }
    }

    /// <summary>Brings positions 2i and 2i + 1 of a lane together: even lanes to half 0, odd lanes to half 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Pair()
    {
        var low = Vector512.Create(0xFFFF);
        for (var i = 0; i < _pairCount; i++)
        {
            var first = Vector512.LoadAligned(_source.Values + 2 * i * Lanes).AsInt32();
            var second = Vector512.LoadAligned(_source.Values + (2 * i + 1) * Lanes).AsInt32();
            Vector512.ConditionalSelect(low, first, second << 16).StoreAligned(_pairs + i * Lanes);
            Vector512.ConditionalSelect(low, first >>> 16, second).StoreAligned(_pairs + i * Lanes + Half);
        }
    }

    /// <summary>Dot products of all columns with all lanes, [columns, 2, 16].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Multiply()
    {
        for (var column = 0; column < _columns; column += ColumnsAtOnce)
        {
            var weights0 = _weights + column * _pairCount;
            var weights1 = weights0 + _pairCount;
            var weights2 = weights1 + _pairCount;
            var weights3 = weights2 + _pairCount;
            Vector512<int> even0 = default, even1 = default, even2 = default, even3 = default;
            Vector512<int> odd0 = default, odd1 = default, odd2 = default, odd3 = default;
            for (var i = 0; i < _pairCount; i++)
            {
                var even = Vector512.LoadAligned(_pairs + i * Lanes).AsInt16();
                var odd = Vector512.LoadAligned(_pairs + i * Lanes + Half).AsInt16();
                var weight = Vector512.Create(weights0[i]).AsInt16();
                even0 += PairProducts(even, weight);
                odd0 += PairProducts(odd, weight);
                weight = Vector512.Create(weights1[i]).AsInt16();
                even1 += PairProducts(even, weight);
                odd1 += PairProducts(odd, weight);
                weight = Vector512.Create(weights2[i]).AsInt16();
                even2 += PairProducts(even, weight);
                odd2 += PairProducts(odd, weight);
                weight = Vector512.Create(weights3[i]).AsInt16();
                even3 += PairProducts(even, weight);
                odd3 += PairProducts(odd, weight);
            }
            var products = _products + column * Lanes;
            even0.StoreAligned(products);
            odd0.StoreAligned(products + Half);
            even1.StoreAligned(products + Lanes);
            odd1.StoreAligned(products + Lanes + Half);
            even2.StoreAligned(products + 2 * Lanes);
            odd2.StoreAligned(products + 2 * Lanes + Half);
            even3.StoreAligned(products + 3 * Lanes);
            odd3.StoreAligned(products + 3 * Lanes + Half);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> PairProducts(Vector512<short> a, Vector512<short> b)
    {
        if (Avx512BW.IsSupported) return Avx512BW.MultiplyAddAdjacent(a, b);
        if (Avx2.IsSupported)
            return Vector512.Create(Avx2.MultiplyAddAdjacent(a.GetLower(), b.GetLower()), Avx2.MultiplyAddAdjacent(a.GetUpper(), b.GetUpper()));
        var (first, second) = (a.AsInt32(), b.AsInt32());
        return ((first << 16) >> 16) * ((second << 16) >> 16) + (first >> 16) * (second >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Tally(int half, uint valid)
    {
        var (scale, doubtful) = Scale(half);
        var largest = Vector512.Create(float.NegativeInfinity);
        var order = _problem.WeakestFirst;
        for (var place = 0; place < order.Length; place++)
        {
            var m = order[place];
            var r = Vector512.ConvertToSingle(Vector512.LoadAligned(_products + m * Lanes + half * Half)) * scale;
            var size = Vector512.Abs(r);
            largest = Vector512.Max(largest, _problem.Alternative switch
            {
                Alternative.TwoSided => size,
                Alternative.Greater => r,
                _ => -r,
            });
            var upper = Mask(r, _beyond[m]) & ~doubtful;
            var lower = Mask(-r, _beyond[m]) & ~doubtful;
            var beyond = Mask(largest, _beyondLargest[m]) & ~doubtful;
            Counts.Upper[m] += BitOperations.PopCount(upper & valid);
            Counts.Lower[m] += BitOperations.PopCount(lower & valid);
            Counts.Largest[m] += BitOperations.PopCount(beyond & valid);
            var near = (Mask(size, _near[m]) | doubtful) & ~(upper | lower) & valid;
            var nearLargest = (Mask(largest, _nearLargest[m]) | doubtful) & ~beyond & valid;
            if ((near | nearLargest) != 0) Decide(place, half, near, nearLargest);
            Bin(r, m, half, valid, doubtful & valid);
        }
    }

    /// <summary>What products are multiplied by to give r, and the lanes in which so little remains that fixed point cannot tell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector512<float> Scale, uint Doubtful) Scale(int half)
    {
        var scale = Vector512.Create(FixedSquare);
        if (_problem.Basis.Length == 0) return (scale, 0);
        var remainder = Vector512<float>.One;
        for (var b = 0; b < _problem.Basis.Length; b++)
        {
            var share = Vector512.ConvertToSingle(Vector512.LoadAligned(_products + (_measurements + b) * Lanes + half * Half)) * scale;
            remainder -= share * share;
        }
        var doubtful = ~Mask(remainder, _problem.SmallestRemainder) & ushort.MaxValue;
        return (scale / Vector512.Sqrt(Vector512.Max(remainder, Vector512.Create(1e-6f))), (uint)doubtful);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mask(Vector512<float> values, float threshold) =>
        (uint)Vector512.GreaterThanOrEqual(values, Vector512.Create(threshold)).ExtractMostSignificantBits();

    /// <summary>Decides in full precision what fixed point left open.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Decide(int place, int half, uint near, uint nearLargest)
    {
        var order = _problem.WeakestFirst;
        var m = order[place];
        var observed = _problem.R[m];
        for (var lanes = near | nearLargest; lanes != 0; lanes &= lanes - 1)
        {
            var bit = BitOperations.TrailingZeroCount(lanes);
            EvaluateExactly(2 * bit + half);
            var r = _exact[m];
            if ((near >> bit & 1) != 0)
            {
                if (r >= Math.Abs(observed) - PermutationTest.TieTolerance) Counts.Upper[m]++;
                if (r <= PermutationTest.TieTolerance - Math.Abs(observed)) Counts.Lower[m]++;
                if (Math.Abs(r - observed) <= PermutationTest.TieTolerance) Counts.Equal[m]++;
            }
            if ((nearLargest >> bit & 1) != 0)
            {
                var largest = double.NegativeInfinity;
                for (var i = 0; i <= place; i++) largest = Math.Max(largest, _problem.Statistic(_exact[order[i]]));
                if (largest >= _problem.Statistic(observed) - PermutationTest.TieTolerance) Counts.Largest[m]++;
            }
        }
    }

    private void EvaluateExactly(int lane)
    {
        if (lane == _exactLane) return;
        _source.Copy(lane, _arranged);
        _problem.Evaluate(_arranged, _exact);
        _exactLane = lane;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Bin(Vector512<float> r, int m, int half, uint valid, uint doubtful)
    {
        // Multiplication and addition each round once on every processor, so a bin's edge is the same everywhere.
        var bins = Vector512.ConvertToInt32Native((r + Vector512<float>.One) * (NullHistogram.BinCount / 2f));
        Vector512.Clamp(bins, Vector512<int>.Zero, Vector512.Create(NullHistogram.BinCount - 1)).StoreAligned(_bins);
        if (doubtful != 0) BinExactly(m, half, doubtful);
        fixed (long* histogram = &Counts.Histogram[m * NullHistogram.BinCount])
        {
            if (valid == ushort.MaxValue)
            {
                for (var lane = 0; lane < Half; lane++) histogram[_bins[lane]]++;
                return;
            }
            for (var lane = 0; lane < Half; lane++) histogram[_bins[lane]] += valid >> lane & 1;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BinExactly(int m, int half, uint lanes)
    {
        for (; lanes != 0; lanes &= lanes - 1)
        {
            var bit = BitOperations.TrailingZeroCount(lanes);
            EvaluateExactly(2 * bit + half);
            _bins[bit] = Math.Clamp((int)((_exact[m] + 1) * (NullHistogram.BinCount / 2.0)), 0, NullHistogram.BinCount - 1);
        }
    }
}
