using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NcService.Core.Collapse;

/// <summary>
/// One sweep over a float64 tile of cosines u_a·u_b that is still in cache: every pairwise measurement at once. (<see cref="PairFloatKernel"/> has float32 tiles.)
/// Distances come from the cosine as ‖m_a − m_b‖² = (‖m_a‖ − ‖m_b‖)² + 2‖m_a‖‖m_b‖(1 − cos), where only 1 − cos can cancel, and those of
/// uncentred directions as (‖μ_a − μ_b‖² − (‖μ_a‖ − ‖μ_b‖)²)/(‖μ_a‖‖μ_b‖).
/// <para>
/// The rule for nearly equal means: with a threshold τ, a pair is recomputed from explicit differences in float64 when
/// 1 − cos ≤ τ, or when the difference for the uncentred directions keeps no more than the share τ of its terms.
/// </para>
/// </summary>
internal static unsafe class PairTileKernel
{
    /// <summary>τ of float32 tiles. A product of unit vectors is wrong by some 10⁻⁷, so that pairs above τ keep 1 − cos to 10⁻⁵ at worst.</summary>
    public const double FloatThreshold = 1.0 / (1 << 7);

    /// <summary>τ of float64 tiles: 10⁻¹⁵ and 10⁻¹¹.</summary>
    private const double Threshold = 1.0 / (1 << 14);

    /// <summary>Adds the pairs a &lt; b of rows [firstRow, lastRow) of a tile.</summary>
    /// <param name="tile">Cosines, row-major; at least eight readable elements must follow the last one.</param>
    /// <param name="rowClass">The class of the tile's row 0.</param>
    /// <param name="firstRow">The first row of this band.</param>
    /// <param name="lastRow">One past its last row.</param>
    /// <param name="columnClass">The class of the tile's column 0, at least <paramref name="rowClass"/>.</param>
    /// <param name="columns">The tile's width, which is also its row stride.</param>
    /// <param name="classes">What is known per class.</param>
    /// <param name="exponent">s of the Riesz kernel.</param>
    /// <param name="shifts">Values near the means.</param>
    /// <param name="counters">Histograms of this band, <see cref="PairBins.Length"/> counters; null for none.</param>
    public static PairSums Sweep(
        double* tile, int rowClass, int firstRow, int lastRow, int columnClass, int columns, PairClasses classes, double exponent, in PairShifts shifts, uint* counters)
    {
        var sums = default(PairSums);
        var lanes = default(Lanes);
        var scratch = stackalloc long[PairBins.ScratchLength];
        var bins = new PairBins(counters, scratch);
        fixed (double* norms = classes.Norms, uncentred = classes.UncentredNorms, logs = classes.LogUncentredNorms)
        fixed (double* projections = classes.Projections, variances = classes.Variances, weights = classes.Weights)
        {
            var columnData = new ClassPointers(norms, uncentred, logs, projections, variances, weights);
            for (var row = firstRow; row < lastRow; row++)
            {
                var a = rowClass + row;
                var rowData = new RowData(columnData, a);
                var start = Math.Max(0, a + 1 - columnClass);
                for (var column = start; column < columns; column += Vector512<double>.Count)
                {
                    var inRange = Vector512.LessThan(LaneNumbers, Vector512.Create((double)(columns - column)));
                    var cosines = Vector512.Load(tile + ((long)row * columns) + column);
                    var close = AddVector(cosines, inRange, rowData, columnData.At(columnClass + column), exponent, shifts, bins, ref lanes);
                    for (; close != 0; close &= close - 1)
                        AddExactly(a, columnClass + column + System.Numerics.BitOperations.TrailingZeroCount(close), classes, exponent, shifts, bins, ref sums);
                }
            }
        }
        lanes.AddTo(ref sums);
        return sums;
    }

    /// <summary>Adds one pair from explicit differences.</summary>
    public static void AddExactly(int a, int b, PairClasses classes, double exponent, in PairShifts shifts, in PairBins bins, ref PairSums sums)
    {
        sums.Recomputed++;
        var squared = classes.SquaredDistance(a, b);
        var weight = classes.Weights[a] * classes.Weights[b];
        if (Math.Sqrt(squared) > classes.CoincidenceTolerance)
        {
            var cdnv = weight * (classes.Variances[a] + classes.Variances[b]) / (2 * squared);
            sums.Cdnv += cdnv;
            sums.CdnvDistance4 += cdnv / squared;
            if (weight != 0) bins.AddOne(PairQuantity.Cdnv, cdnv);
        }
        else if (weight != 0)
        {
            sums.EqualMeans++;
        }

        // Where a mean has no direction at all, the measurements of directions are undefined as a whole.
        if (classes.Norms[a] != 0 && classes.Norms[b] != 0) AddDirections(a, b, classes, exponent, shifts, bins, ref sums);
        if (classes.UncentredNorms[a] != 0 && classes.UncentredNorms[b] != 0) AddUncentredDirections(a, b, classes, shifts, bins, ref sums);
    }

    /// <summary>sign(s) t^(−s) from ln(1/t); sign(0) = +1.</summary>
    public static double Riesz(double logInverseDistance, double exponent) =>
        exponent < 0 ? -Math.Exp(exponent * logInverseDistance) : Math.Exp(exponent * logInverseDistance);

    private static void AddDirections(int a, int b, PairClasses classes, double exponent, in PairShifts shifts, in PairBins bins, ref PairSums sums)
    {
        var squared = classes.SquaredDistanceOfDirections(a, b);
        var distance = Math.Sqrt(squared);
        bins.AddOne(PairQuantity.Interference, 1 - (squared / 2));
        bins.AddOne(PairQuantity.SquaredDistance, squared);
        if (distance <= classes.CoincidenceTolerance * ((1 / classes.Norms[a]) + (1 / classes.Norms[b])))
        {
            sums.EqualDirections++;
            if (exponent <= 0) AddRiesz(exponent == 0 ? 1 : 0, shifts, ref sums);
            return;
        }
        var log = -Math.Log(distance);
        var shifted = log - shifts.LogDistance;
        sums.LogDistance += shifted;
        sums.LogDistanceSquared += shifted * shifted;
        AddRiesz(Riesz(log, exponent), shifts, ref sums);
    }

    private static void AddRiesz(double value, in PairShifts shifts, ref PairSums sums)
    {
        var shifted = value - shifts.Riesz;
        sums.Riesz += shifted;
        sums.RieszSquared += shifted * shifted;
    }

    private static void AddUncentredDirections(int a, int b, PairClasses classes, in PairShifts shifts, in PairBins bins, ref PairSums sums)
    {
        var squared = classes.SquaredDistanceOfUncentredDirections(a, b);
        var distance = Math.Sqrt(squared);
        bins.AddOne(PairQuantity.SquaredDistanceUncentred, squared);
        if (distance <= classes.CoincidenceTolerance * ((1 / classes.UncentredNorms[a]) + (1 / classes.UncentredNorms[b])))
        {
            sums.EqualUncentredDirections++;
            return;
        }
        var shifted = -Math.Log(distance) - shifts.LogDistanceUncentred;
        sums.LogDistanceUncentred += shifted;
        sums.LogDistanceUncentredSquared += shifted * shifted;
    }

    /// <summary>Adds eight pairs and returns those that must be recomputed, one bit each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AddVector(
        Vector512<double> cosines, Vector512<double> inRange, in RowData row, in ClassPointers column, double exponent, in PairShifts shifts, in PairBins bins, ref Lanes lanes)
    {
        var one = Vector512<double>.One;
        var threshold = Vector512.Create(Threshold);
        var oneMinusCosine = one - cosines;
        var normProduct = row.TwiceNorm * Vector512.Load(column.Norms);
        var normDifference = row.Norm - Vector512.Load(column.Norms);
        var squared = (normDifference * normDifference) + (normProduct * oneMinusCosine);
        var uncentredDifference = (row.Projection - Vector512.Load(column.Projections)) / (row.UncentredNorm + Vector512.Load(column.UncentredNorms));
        var residual = squared - (uncentredDifference * uncentredDifference);

        // Comparisons with NaN are false: what is not surely regular is recomputed.
        var regular = Vector512.GreaterThan(oneMinusCosine, threshold)
            & Vector512.GreaterThan(residual, threshold * (squared + normProduct)) & inRange;
        var close = Vector512.AndNot(inRange, regular).ExtractMostSignificantBits();

        squared = Vector512.ConditionalSelect(regular, squared, one);
        residual = Vector512.ConditionalSelect(regular, residual, one);
        var squaredDirections = Vector512.ConditionalSelect(regular, oneMinusCosine + oneMinusCosine, one);

        var inverse = one / squared;
        var weight = (row.HalfWeight * Vector512.Load(column.Weights)) & regular;
        var cdnv = weight * (row.Variance + Vector512.Load(column.Variances)) * inverse;
        lanes.Cdnv += cdnv;
        lanes.CdnvDistance4 += cdnv * inverse;

        var minusHalf = Vector512.Create(-0.5);
        var log = minusHalf * Vector512.Log(squaredDirections);
        var shiftedLog = (log - Vector512.Create(shifts.LogDistance)) & regular;
        lanes.LogDistance += shiftedLog;
        lanes.LogDistanceSquared += shiftedLog * shiftedLog;

        var uncentredLog = minusHalf * (Vector512.Log(residual) - row.LogUncentredNorm - Vector512.Load(column.LogUncentredNorms));
        var shiftedUncentred = (uncentredLog - Vector512.Create(shifts.LogDistanceUncentred)) & regular;
        lanes.LogDistanceUncentred += shiftedUncentred;
        lanes.LogDistanceUncentredSquared += shiftedUncentred * shiftedUncentred;

        var riesz = exponent == 1 ? one / Vector512.Sqrt(squaredDirections) : Vector512.Exp(Vector512.Create(exponent) * log);
        if (exponent < 0) riesz = -riesz;
        var shiftedRiesz = (riesz - Vector512.Create(shifts.Riesz)) & regular;
        lanes.Riesz += shiftedRiesz;
        lanes.RieszSquared += shiftedRiesz * shiftedRiesz;

        if (!bins.IsEmpty)
        {
            bins.AddLogarithmic(PairQuantity.Cdnv, cdnv, Vector512.GreaterThan(weight, Vector512<double>.Zero));
            bins.AddCosines(cosines, regular);
            bins.AddLogarithmic(PairQuantity.SquaredDistance, squaredDirections, regular);
            bins.AddLogarithmic(PairQuantity.SquaredDistanceUncentred, residual / (row.UncentredNorm * Vector512.Load(column.UncentredNorms)), regular);
        }
        return close;
    }

    private static Vector512<double> LaneNumbers => Vector512.Create(0.0, 1, 2, 3, 4, 5, 6, 7);

    [StructLayout(LayoutKind.Auto)]
    private readonly struct ClassPointers(double* norms, double* uncentredNorms, double* logs, double* projections, double* variances, double* weights)
    {
        public readonly double* Norms = norms;
        public readonly double* UncentredNorms = uncentredNorms;
        public readonly double* LogUncentredNorms = logs;
        public readonly double* Projections = projections;
        public readonly double* Variances = variances;
        public readonly double* Weights = weights;

        public ClassPointers At(int c) =>
            new(Norms + c, UncentredNorms + c, LogUncentredNorms + c, Projections + c, Variances + c, Weights + c);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct RowData(in ClassPointers data, int a)
    {
        public readonly Vector512<double> Norm = Vector512.Create(data.Norms[a]);
        public readonly Vector512<double> TwiceNorm = Vector512.Create(2 * data.Norms[a]);
        public readonly Vector512<double> UncentredNorm = Vector512.Create(data.UncentredNorms[a]);
        public readonly Vector512<double> LogUncentredNorm = Vector512.Create(data.LogUncentredNorms[a]);
        public readonly Vector512<double> Projection = Vector512.Create(data.Projections[a]);
        public readonly Vector512<double> Variance = Vector512.Create(data.Variances[a]);
        public readonly Vector512<double> HalfWeight = Vector512.Create(0.5 * data.Weights[a]);
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Lanes
    {
        public Vector512<double> Cdnv;
        public Vector512<double> CdnvDistance4;
        public Vector512<double> LogDistance;
        public Vector512<double> LogDistanceSquared;
        public Vector512<double> LogDistanceUncentred;
        public Vector512<double> LogDistanceUncentredSquared;
        public Vector512<double> Riesz;
        public Vector512<double> RieszSquared;

        public readonly void AddTo(ref PairSums sums)
        {
            sums.Cdnv += Vector512.Sum(Cdnv);
            sums.CdnvDistance4 += Vector512.Sum(CdnvDistance4);
            sums.LogDistance += Vector512.Sum(LogDistance);
            sums.LogDistanceSquared += Vector512.Sum(LogDistanceSquared);
            sums.LogDistanceUncentred += Vector512.Sum(LogDistanceUncentred);
            sums.LogDistanceUncentredSquared += Vector512.Sum(LogDistanceUncentredSquared);
            sums.Riesz += Vector512.Sum(Riesz);
            sums.RieszSquared += Vector512.Sum(RieszSquared);
        }
    }
}
