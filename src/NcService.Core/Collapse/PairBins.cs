using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NcService.Core.Collapse;

/// <summary>What is counted in histograms over pairs.</summary>
internal enum PairQuantity
{
    /// <summary>(s²_c + s²_c')/(2‖μ_c − μ_c'‖²), in logarithmic bins.</summary>
    Cdnv,

    /// <summary>u_c·u_c', in bins of 1/128.</summary>
    Interference,

    /// <summary>‖u_c − u_c'‖², in logarithmic bins.</summary>
    SquaredDistance,

    /// <summary>The same for uncentred directions, in logarithmic bins.</summary>
    SquaredDistanceUncentred,
}

/// <summary>
/// Counts of a band of pairs in fixed bins: 256 for cosines from −1 to 1, and four an octave from 2⁻⁴⁰ to 2²⁴ for the others, which are the upper bits of a
/// float64. Each lane of a vector has its own counters, since most pairs fall into few bins and a counter takes several cycles to be read again.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly unsafe struct PairBins(uint* counters, long* scratch)
{
    /// <summary>Bins of a quantity; the first and the last also hold what lies beyond.</summary>
    public const int Count = 256;

    private const int Quantities = 4;
    private const int Lanes = 8;

    // One counter more, for lanes that do not count.
    private const int Stride = Count + 8;
    private const int LowestExponent = -40;
    private const int BinsPerOctave = 4;
    private const int DroppedBits = 50;
    private const long FirstBits = (1023 + LowestExponent) * BinsPerOctave;

    /// <summary>Counters of one band.</summary>
    public const int Length = Quantities * Lanes * Stride;

    /// <summary>Numbers of scratch memory.</summary>
    public const int ScratchLength = Lanes;

    /// <summary>Whether there is anything to count into.</summary>
    public bool IsEmpty => counters is null;

    /// <summary>Counts positive values in logarithmic bins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddLogarithmic(PairQuantity quantity, Vector512<double> values, Vector512<double> counted) =>
        Add(quantity, Vector512.ShiftRightArithmetic(values.AsInt64(), DroppedBits) - Vector512.Create(FirstBits), counted);

    /// <summary>Counts cosines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddCosines(Vector512<double> values, Vector512<double> counted) =>
        Add(PairQuantity.Interference, Vector512.ConvertToInt64Native((values + Vector512<double>.One) * (Count / 2.0)), counted);

    /// <summary>Counts one value.</summary>
    public void AddOne(PairQuantity quantity, double value)
    {
        if (IsEmpty) return;
        var bin = quantity == PairQuantity.Interference
            ? (long)((value + 1) * (Count / 2.0))
            : (BitConverter.DoubleToInt64Bits(value) >> DroppedBits) - FirstBits;
        counters[((int)quantity * Lanes * Stride) + (int)Math.Clamp(bin, 0, Count - 1)]++;
    }

    /// <summary>The lower edge of a bin; of bin <see cref="Count"/> the upper edge of the last.</summary>
    public static double Edge(PairQuantity quantity, int bin) =>
        quantity == PairQuantity.Interference
            ? (bin / (Count / 2.0)) - 1
            : Math.ScaleB(1 + ((bin % BinsPerOctave) / (double)BinsPerOctave), LowestExponent + (bin / BinsPerOctave));

    /// <summary>Adds a band's counters to totals [quantities, bins] and clears them.</summary>
    public static void Drain(Span<uint> band, long[,] totals)
    {
        for (var row = 0; row < Quantities * Lanes; row++)
        {
            for (var bin = 0; bin < Count; bin++) totals[row / Lanes, bin] += band[(row * Stride) + bin];
        }
        band.Clear();
    }

    /// <summary>Empty totals.</summary>
    public static long[,] NewTotals() => new long[Quantities, Count];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(PairQuantity quantity, Vector512<long> bins, Vector512<double> counted)
    {
        bins = Vector512.Max(Vector512.Min(bins, Vector512.Create((long)Count - 1)), Vector512<long>.Zero);
        bins = Vector512.ConditionalSelect(counted.AsInt64(), bins, Vector512.Create((long)Count));
        (bins + Vector512.Create(0L, Stride, 2 * Stride, 3 * Stride, 4 * Stride, 5 * Stride, 6 * Stride, 7 * Stride)).Store(scratch);
        var own = counters + ((int)quantity * Lanes * Stride);
        own[scratch[0]]++;
        own[scratch[1]]++;
        own[scratch[2]]++;
        own[scratch[3]]++;
        own[scratch[4]]++;
        own[scratch[5]]++;
        own[scratch[6]]++;
        own[scratch[7]]++;
    }
}
