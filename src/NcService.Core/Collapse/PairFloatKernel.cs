using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using NcService.Core.Models.Kernels;

namespace NcService.Core.Collapse;

/// <summary>
/// <see cref="PairTileKernel"/>'s sweep for float32 tiles, sixteen pairs at a time. What a pair contributes is computed in float32, whose rounding (exp and log are
/// good to about two units in the last place, reciprocals to one) is no larger than the tile's own; all sums are float64. The same pairs are recomputed exactly.
/// </summary>
internal static unsafe class PairFloatKernel
{
    private const int Lanes = 16;
    private const float Threshold = (float)PairTileKernel.FloatThreshold;

    // Squares, in units of the largest ‖m_c‖², below which the fourth power of an inverse distance would leave float32's range.
    private const float SmallestSquare = 1.0f / (1L << 60);

    // Beyond it energies of regular pairs, t^−s with t from 2^−3 to 2, would lose digits in float32 or leave its range.
    private const double LargestExponent = 16;

    /// <summary>Adds the pairs a &lt; b of rows [firstRow, lastRow) of a tile, as <see cref="PairTileKernel.Sweep"/> does; sixteen readable elements must follow its last.</summary>
    public static PairSums Sweep(
        float* tile, int rowClass, int firstRow, int lastRow, int columnClass, int columns, PairClasses classes, SinglePairClasses singles, double exponent,
        in PairShifts shifts, uint* counters)
    {
        var scratch = stackalloc long[PairBins.ScratchLength];
        var bins = new PairBins(counters, scratch);
        return bins.IsEmpty && exponent == 1
            ? Sweep<Plain>(tile, rowClass, firstRow, lastRow, columnClass, columns, classes, singles, exponent, shifts, bins)
            : Sweep<General>(tile, rowClass, firstRow, lastRow, columnClass, columns, classes, singles, exponent, shifts, bins);
    }

    private static PairSums Sweep<TVariant>(
        float* tile, int rowClass, int firstRow, int lastRow, int columnClass, int columns, PairClasses classes, SinglePairClasses singles, double exponent,
        in PairShifts shifts, in PairBins bins)
        where TVariant : struct, IVariant
    {
        var sums = default(PairSums);
        var close = ArrayPool<CloseColumns>.Shared.Rent((columns / Lanes) + 1);
        Vector512<double> cdnvs = default, cdnvs4 = default, logs = default, logSquares = default, uncentred = default, uncentredSquares = default;
        Vector512<double> energies = default, energySquares = default;
        Vector512<float> one = Vector512<float>.One, minusHalf = Vector512.Create(-0.5f);
        Vector512<float> threshold = Vector512.Create(Threshold), smallestSquare = Vector512.Create(SmallestSquare);
        Vector512<float> logShift = Vector512.Create((float)shifts.LogDistance), uncentredShift = Vector512.Create((float)shifts.LogDistanceUncentred);
        Vector512<float> energyShift = Vector512.Create((float)shifts.Riesz), power = Vector512.Create((float)exponent);
        float* norms = singles.Norms, lengths = singles.UncentredNorms, logLengths = singles.LogUncentredNorms;
        float* projections = singles.Projections, variances = singles.Variances, weights = singles.Weights;
        var cdnvUnit = singles.VarianceUnit / (singles.Unit * singles.Unit);
        var energiesFit = Math.Abs(exponent) <= LargestExponent;
        var laneNumbers = Vector512.Create(0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        for (var row = firstRow; row < lastRow; row++)
        {
            var a = rowClass + row;
            var cosineRow = tile + ((long)row * columns);
            var (rowNorm, rowTwiceNorm, rowLength) = (Vector512.Create(norms[a]), Vector512.Create(2 * norms[a]), Vector512.Create(lengths[a]));
            var (rowLogLength, rowProjection) = (Vector512.Create(logLengths[a]), Vector512.Create(projections[a]));
            var (rowVariance, rowHalfWeight) = (Vector512.Create(variances[a]), Vector512.Create(0.5f * weights[a]));
            var closeCount = 0;
            for (var column = Math.Max(0, a + 1 - columnClass); column < columns; column += Lanes)
            {
                var b = columnClass + column;
                var inRange = Vector512.LessThan(laneNumbers, Vector512.Create((float)(columns - column)));
                var cosines = Vector512.Load(cosineRow + column);
                var oneMinusCosine = one - cosines;
                var columnNorm = Vector512.Load(norms + b);
                var normProduct = rowTwiceNorm * columnNorm;
                var normDifference = rowNorm - columnNorm;
                var squared = Vector512.FusedMultiplyAdd(normProduct, oneMinusCosine, normDifference * normDifference);
                var lengthDifference = (rowProjection - Vector512.Load(projections + b)) * Reciprocal(rowLength + Vector512.Load(lengths + b));
                var residual = squared - (lengthDifference * lengthDifference);

                // Comparisons with NaN are false: what is not surely regular is recomputed.
                var regular = Vector512.GreaterThan(oneMinusCosine, threshold)
                    & Vector512.GreaterThan(residual, Vector512.FusedMultiplyAdd(threshold, squared + normProduct, smallestSquare)) & inRange;
                var others = Vector512.AndNot(inRange, regular).ExtractMostSignificantBits();
                if (others != 0) close[closeCount++] = new CloseColumns(b, others);

                squared = Vector512.ConditionalSelect(regular, squared, one);
                residual = Vector512.ConditionalSelect(regular, residual, one);
                var squaredDirections = Vector512.ConditionalSelect(regular, oneMinusCosine + oneMinusCosine, one);

                var inverse = Reciprocal(squared);
                var weight = (rowHalfWeight * Vector512.Load(weights + b)) & regular;
                var cdnv = weight * (rowVariance + Vector512.Load(variances + b)) * inverse;
                Add(cdnv, ref cdnvs);
                Add(cdnv * inverse, ref cdnvs4);

                var log = minusHalf * VectorMath.Log(squaredDirections);
                Add((log - logShift) & regular, ref logs, ref logSquares);
                var uncentredLog = minusHalf * (VectorMath.Log(residual) - rowLogLength - Vector512.Load(logLengths + b));
                Add((uncentredLog - uncentredShift) & regular, ref uncentred, ref uncentredSquares);
                if (TVariant.IsPlain)
                {
                    Add((ReciprocalSquareRoot(squaredDirections) - energyShift) & regular, ref energies, ref energySquares);
                    continue;
                }
                if (energiesFit)
                {
                    // As above for exponent 1: what is counted beside must not move the energies.
                    var energy = exponent == 1 ? ReciprocalSquareRoot(squaredDirections) : VectorMath.Exp(power * log);
                    if (exponent < 0) energy = -energy;
                    Add((energy - energyShift) & regular, ref energies, ref energySquares);
                }
                else
                {
                    AddWideEnergies(log, regular, exponent, shifts.Riesz, ref energies, ref energySquares);
                }

                if (!bins.IsEmpty) Count(bins, cdnv * (float)cdnvUnit, weight, cosines, squaredDirections, residual * Reciprocal(rowLength * Vector512.Load(lengths + b)), regular);
            }
            foreach (var (first, lanes) in close.AsSpan(0, closeCount))
            {
                for (var set = lanes; set != 0; set &= set - 1)
                    PairTileKernel.AddExactly(a, first + BitOperations.TrailingZeroCount(set), classes, exponent, shifts, bins, ref sums);
            }
        }
        ArrayPool<CloseColumns>.Shared.Return(close);
        sums.Cdnv += Vector512.Sum(cdnvs) * cdnvUnit;
        sums.CdnvDistance4 += Vector512.Sum(cdnvs4) * cdnvUnit / (singles.Unit * singles.Unit);
        sums.LogDistance += Vector512.Sum(logs);
        sums.LogDistanceSquared += Vector512.Sum(logSquares);
        sums.LogDistanceUncentred += Vector512.Sum(uncentred);
        sums.LogDistanceUncentredSquared += Vector512.Sum(uncentredSquares);
        sums.Riesz += Vector512.Sum(energies);
        sums.RieszSquared += Vector512.Sum(energySquares);
        return sums;
    }

    /// <summary>1/x of positive numbers, to about one unit in the last place: fourteen bits of the processor's and one step of Newton's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Reciprocal(Vector512<float> x)
    {
        if (!Avx512F.IsSupported) return Vector512<float>.One / x;
        var estimate = Avx512F.Reciprocal14(x);
        return Vector512.FusedMultiplyAdd(estimate, Vector512.FusedMultiplyAdd(-x, estimate, Vector512<float>.One), estimate);
    }

    /// <summary>1/√x of positive numbers in the same way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> ReciprocalSquareRoot(Vector512<float> x)
    {
        if (!Avx512F.IsSupported) return Vector512<float>.One / Vector512.Sqrt(x);
        var estimate = Avx512F.ReciprocalSqrt14(x);
        var half = estimate * 0.5f;
        return Vector512.FusedMultiplyAdd(half, Vector512.FusedMultiplyAdd(-x * estimate, estimate, Vector512<float>.One), estimate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector512<float> values, ref Vector512<double> sums)
    {
        var (lower, upper) = Vector512.Widen(values);
        sums += lower + upper;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector512<float> values, ref Vector512<double> sums, ref Vector512<double> squares)
    {
        var (lower, upper) = Vector512.Widen(values);
        sums += lower + upper;
        squares = Vector512.FusedMultiplyAdd(lower, lower, Vector512.FusedMultiplyAdd(upper, upper, squares));
    }

    private static void AddWideEnergies(
        Vector512<float> logs, Vector512<float> regular, double exponent, double shift, ref Vector512<double> sums, ref Vector512<double> squares)
    {
        var (lower, upper) = Vector512.Widen(logs);
        var (lowerRegular, upperRegular) = Widen(regular);
        var sign = Vector512.Create(exponent < 0 ? -1.0 : 1);
        lower = ((sign * Vector512.Exp(lower * exponent)) - Vector512.Create(shift)) & lowerRegular;
        upper = ((sign * Vector512.Exp(upper * exponent)) - Vector512.Create(shift)) & upperRegular;
        sums += lower + upper;
        squares = Vector512.FusedMultiplyAdd(lower, lower, Vector512.FusedMultiplyAdd(upper, upper, squares));
    }

    private static void Count(
        in PairBins bins, Vector512<float> cdnv, Vector512<float> weight, Vector512<float> cosines, Vector512<float> squaredDirections, Vector512<float> squaredUncentred, Vector512<float> regular)
    {
        var (lowerRegular, upperRegular) = Widen(regular);
        var (lowerWeight, upperWeight) = Widen(Vector512.GreaterThan(weight, Vector512<float>.Zero));
        var (lower, upper) = Vector512.Widen(cdnv);
        bins.AddLogarithmic(PairQuantity.Cdnv, lower, lowerWeight);
        bins.AddLogarithmic(PairQuantity.Cdnv, upper, upperWeight);
        (lower, upper) = Vector512.Widen(cosines);
        bins.AddCosines(lower, lowerRegular);
        bins.AddCosines(upper, upperRegular);
        (lower, upper) = Vector512.Widen(squaredDirections);
        bins.AddLogarithmic(PairQuantity.SquaredDistance, lower, lowerRegular);
        bins.AddLogarithmic(PairQuantity.SquaredDistance, upper, upperRegular);
        (lower, upper) = Vector512.Widen(squaredUncentred);
        bins.AddLogarithmic(PairQuantity.SquaredDistanceUncentred, lower, lowerRegular);
        bins.AddLogarithmic(PairQuantity.SquaredDistanceUncentred, upper, upperRegular);
    }

    /// <summary>A mask of sixteen lanes as two of eight.</summary>
    private static (Vector512<double> Lower, Vector512<double> Upper) Widen(Vector512<float> mask)
    {
        var (lower, upper) = Vector512.Widen(mask.AsInt32());
        return (lower.AsDouble(), upper.AsDouble());
    }

    /// <summary>What a sweep does beside its sums, known when it is compiled: calls in the loop would push the sums out of the registers.</summary>
    private interface IVariant
    {
        /// <summary>Whether energies are those of exponent 1 and nothing is counted.</summary>
        static abstract bool IsPlain { get; }
    }

    private readonly struct Plain : IVariant
    {
        public static bool IsPlain => true;
    }

    private readonly struct General : IVariant
    {
        public static bool IsPlain => false;
    }

    /// <summary>Of sixteen columns from a class on those, one bit each, whose pairs are computed from explicit differences once the row is swept.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct CloseColumns(int First, ulong Lanes);
}
