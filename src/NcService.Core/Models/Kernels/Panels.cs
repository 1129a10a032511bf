using System.Runtime.Intrinsics;

namespace NcService.Core.Models.Kernels;

/// <summary>Copies of matrices in the layout that <see cref="ProductKernel"/> reads in order: panels of 32 columns, [panels, rows, 32], the last filled up with zeros.</summary>
internal static unsafe class Panels
{
    /// <summary>Columns of a panel.</summary>
    public const int Columns = 32;

    /// <summary>The next multiple of 32.</summary>
    public static int Padded(int count) => (count + Columns - 1) / Columns * Columns;

    /// <summary>Panels of a matrix as it lies: [⌈columns / 32⌉, padded rows, 32].</summary>
    /// <param name="source">[rows, columns].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="target">Receives them.</param>
    /// <param name="paddedRows">Rows of a panel; those beyond the matrix are zero.</param>
    public static void Copy(float* source, int rows, int columns, float* target, int paddedRows)
    {
        for (var first = 0; first < columns; first += Columns)
        {
            for (var row = 0; row < rows; row++, target += Columns)
            {
                var from = source + (long)row * columns + first;
                if (columns - first >= Columns)
                {
                    Vector512.Load(from).Store(target);
                    Vector512.Load(from + 16).Store(target + 16);
                    continue;
                }
                var there = new ReadOnlySpan<float>(from, columns - first);
                there.CopyTo(new Span<float>(target, Columns));
                new Span<float>(target + there.Length, Columns - there.Length).Clear();
            }
            new Span<float>(target, (paddedRows - rows) * Columns).Clear();
            target += (paddedRows - rows) * Columns;
        }
    }

    /// <summary>Panels of its transpose: [⌈rows / 32⌉, columns, 32].</summary>
    /// <param name="source">[rows, columns].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="target">Receives them.</param>
    public static void CopyTransposed(float* source, int rows, int columns, float* target)
    {
        for (var first = 0; first < rows; first += Columns, target += (long)columns * Columns)
        {
            for (var row = 0; row < Columns; row++)
            {
                var from = source + (long)(first + row) * columns;
                for (var column = 0; column < columns; column++) target[column * Columns + row] = first + row < rows ? from[column] : 0;
            }
        }
    }

    /// <summary>Adds panels, [⌈columns / 32⌉, padded rows, 32], to a matrix.</summary>
    /// <param name="panels">They.</param>
    /// <param name="paddedRows">Rows of a panel.</param>
    /// <param name="target">[rows, columns].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static void AddTo(float* panels, int paddedRows, float* target, int rows, int columns)
    {
        for (var first = 0; first < columns; first += Columns, panels += (long)paddedRows * Columns)
        {
            for (var row = 0; row < rows; row++)
            {
                float* from = panels + (long)row * Columns, to = target + (long)row * columns + first;
                if (columns - first >= Columns)
                {
                    (Vector512.Load(to) + Vector512.Load(from)).Store(to);
                    (Vector512.Load(to + 16) + Vector512.Load(from + 16)).Store(to + 16);
                    continue;
                }
                for (var column = 0; column < columns - first; column++) to[column] += from[column];
            }
        }
    }
}
