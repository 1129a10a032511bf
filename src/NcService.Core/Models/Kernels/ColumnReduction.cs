using System.Buffers;

namespace NcService.Core.Models.Kernels;

/// <summary>
/// Sums over rows, in parallel but always in the same order: a fixed number of blocks of rows, each with sums of its own, added up one after another.
/// So the result does not depend on the number of threads.
/// </summary>
internal static unsafe class ColumnReduction
{
    private const int Blocks = 16;

    /// <summary>Adds the rows [first, end) to sums that begin at zero.</summary>
    public delegate void AddRows(int first, int end, float* sums);

    /// <summary>Takes the sums over all rows.</summary>
    public delegate void TakeSums(float* sums);

    /// <summary>Runs <paramref name="add"/> over blocks of rows and hands the total of their <paramref name="columns"/> sums on.</summary>
    public static void Run(int rows, int columns, AddRows add, TakeSums take)
    {
        var stride = (columns + 15) & ~15;
        var partial = ArrayPool<float>.Shared.Rent(Blocks * stride);
        try
        {
            partial.AsSpan(0, Blocks * stride).Clear();
            fixed (float* sums = partial)
            {
                var start = sums;
                var perBlock = (rows + Blocks - 1) / Blocks;
                CpuParallel.For(Blocks, block =>
                {
                    var first = (int)Math.Min(rows, block * perBlock);
                    add(first, Math.Min(rows, first + perBlock), start + block * stride);
                });
                for (var block = 1; block < Blocks; block++)
                {
                    for (var i = 0; i < columns; i++) start[i] += start[block * stride + i];
                }
                take(start);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(partial);
        }
    }
}
