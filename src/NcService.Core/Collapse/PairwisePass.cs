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

    /// <summary>Totals and the shifts they are about.</summary>
    public static (PairTotals Totals, PairShifts Shifts) Run(
        PairClasses classes, Tensor directions, MeasurementOptions options, CancellationToken cancellationToken)
    {
        var shifts = PairSample.Shifts(classes, options.RieszExponent);
        var totals = directions.dtype == ScalarType.Float64
            ? Run<double>(classes, directions, options, shifts, cancellationToken)
            : Run<float>(classes, directions, options, shifts, cancellationToken);
        return (totals, shifts);
    }

    private static PairTotals Run<T>(
        PairClasses classes, Tensor directions, MeasurementOptions options, PairShifts shifts, CancellationToken cancellationToken)
        where T : unmanaged
    {
        var totals = new PairTotals();
        var rowsAtOnce = Math.Min(options.TileRows, classes.Count);
        var columnsAtOnce = Math.Min(options.TileColumns, classes.Count);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();

        // The sweep loads whole vectors, so something readable must follow the last cosine.
        var buffer = zeros(((long)rowsAtOnce * columnsAtOnce) + 8, dtype: directions.dtype);
        var tile = TensorMemory.Pointer<T>(buffer);
        var bands = new PairSums[(rowsAtOnce + BandRows - 1) / BandRows];
        for (var row = 0; row < classes.Count; row += rowsAtOnce)
        {
            var rows = Math.Min(rowsAtOnce, classes.Count - row);
            for (var column = row; column < classes.Count; column += columnsAtOnce)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var columns = Math.Min(columnsAtOnce, classes.Count - column);
                Multiply(buffer, directions, row, rows, column, columns);
                var (tileRow, tileColumn, bandCount) = (row, column, (rows + BandRows - 1) / BandRows);
                Parallel.For(0, bandCount, band =>
                {
                    var first = band * BandRows;
                    bands[band] = PairTileKernel.Sweep(
                        tile, tileRow, first, Math.Min(first + BandRows, rows), tileColumn, columns, classes, options.RieszExponent, shifts);
                });
                for (var band = 0; band < bandCount; band++) totals.Add(bands[band]);
            }
        }
        return totals;
    }

    private static void Multiply(Tensor buffer, Tensor directions, int row, int rows, int column, int columns)
    {
        using var scope = NewDisposeScope();
        buffer.narrow(0, 0, (long)rows * columns).view(rows, columns)
            .addmm_(directions.narrow(0, row, rows), directions.narrow(0, column, columns).t(), beta: 0, alpha: 1);
    }
}
