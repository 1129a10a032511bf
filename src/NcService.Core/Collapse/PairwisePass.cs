using NcService.Core.Models.Kernels;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// Every measurement over pairs of classes in one pass of tiles of the upper triangle: one GEMM of directions per tile, then one sweep
/// (<see cref="PairTileKernel"/>) while the tile is in cache. Beyond the inputs it holds one tile; no C × C matrix.
/// </summary>
internal static unsafe class PairwisePass
{
    // Bands are fixed, not one per thread, and added in order: the result does not depend on the number of threads.
    private const int BandRows = 32;

    // Whole vectors are loaded, so that something readable must follow the last cosine.
    private const int ReadBeyond = 16;

    /// <summary>Totals over all pairs, about the given shifts; details are filled as they ask for.</summary>
    public static PairTotals Run(
        PairClasses classes, Tensor directions, MeasurementOptions options, PairShifts shifts, PairDetails details, CancellationToken cancellationToken) =>
        directions.dtype == ScalarType.Float64
            ? Run<double>(classes, directions, options, shifts, details, cancellationToken)
            : Run<float>(classes, directions, options, shifts, details, cancellationToken);

    private static PairTotals Run<T>(
        PairClasses classes, Tensor directions, MeasurementOptions options, PairShifts shifts, PairDetails details, CancellationToken cancellationToken)
        where T : unmanaged
    {
        var totals = new PairTotals();
        var rowsAtOnce = Math.Min(options.TileRows, classes.Count);
        var columnsAtOnce = Math.Min(options.TileColumns, classes.Count);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var buffer = zeros(((long)rowsAtOnce * columnsAtOnce) + ReadBeyond, dtype: directions.dtype);
        var tile = TensorMemory.Pointer<T>(buffer);
        var bands = new PairSums[(rowsAtOnce + BandRows - 1) / BandRows];
        var counters = details.Histograms ? new PinnedArray<uint>(bands.Length * PairBins.Length) : null;
        var singles = typeof(T) == typeof(float) ? new SinglePairClasses(classes) : null;
        var histogram = PairBins.NewTotals();
        var nearest = details.NearestClasses > 0 && classes.Count > 1 ? new NearestClasses(classes, details.NearestClasses) : null;
        for (var row = 0; row < classes.Count; row += rowsAtOnce)
        {
            var rows = Math.Min(rowsAtOnce, classes.Count - row);
            for (var column = row; column < classes.Count; column += columnsAtOnce)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var columns = Math.Min(columnsAtOnce, classes.Count - column);
                Multiply(buffer, directions, row, rows, column, columns);
                var (tileRow, tileColumn, bandCount) = (row, column, (rows + BandRows - 1) / BandRows);
                CpuParallel.For(bandCount, band =>
                {
                    var first = (int)band * BandRows;
                    var last = Math.Min(first + BandRows, rows);
                    var bins = counters is null ? null : counters.Address + (band * PairBins.Length);
                    bands[band] = singles is null
                        ? PairTileKernel.Sweep((double*)tile, tileRow, first, last, tileColumn, columns, classes, options.RieszExponent, shifts, bins)
                        : PairFloatKernel.Sweep((float*)tile, tileRow, first, last, tileColumn, columns, classes, singles, options.RieszExponent, shifts, bins);
                });
                nearest?.Add(tile, row, rows, column, columns);
                for (var band = 0; band < bandCount; band++)
                {
                    totals.Add(bands[band]);
                    if (counters is not null) PairBins.Drain(counters.Values.Slice(band * PairBins.Length, PairBins.Length), histogram);
                }
            }
        }
        if (details.Histograms) details.Distributions = Distributions(histogram);
        if (nearest is not null) (details.NearestByDistance, details.NearestByCosine) = nearest.Finish();
        return totals;
    }

    private static IReadOnlyList<PairHistogram> Distributions(long[,] counts)
    {
        long[] Row(PairQuantity quantity) => [.. Enumerable.Range(0, PairBins.Count).Select(bin => counts[(int)quantity, bin])];

        // ln(1/t) falls as t² rises.
        static double Logarithm(int bin) => -0.5 * Math.Log(PairBins.Edge(PairQuantity.SquaredDistance, bin));
        return
        [
            PairHistogram.Of("cdnv", bin => PairBins.Edge(PairQuantity.Cdnv, bin), Row(PairQuantity.Cdnv), descending: false),
            PairHistogram.Of("interference", bin => PairBins.Edge(PairQuantity.Interference, bin), Row(PairQuantity.Interference), descending: false),
            PairHistogram.Of("logdist", Logarithm, Row(PairQuantity.SquaredDistance), descending: true),
            PairHistogram.Of("logdist_uncentred", Logarithm, Row(PairQuantity.SquaredDistanceUncentred), descending: true),
        ];
    }

    private static void Multiply(Tensor buffer, Tensor directions, int row, int rows, int column, int columns)
    {
        using var scope = NewDisposeScope();
        buffer.narrow(0, 0, (long)rows * columns).view(rows, columns)
            .addmm_(directions.narrow(0, row, rows), directions.narrow(0, column, columns).t(), beta: 0, alpha: 1);
    }
}
