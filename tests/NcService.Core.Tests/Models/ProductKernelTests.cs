using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Models.Kernels;

namespace NcService.Core.Tests.Models;

public sealed unsafe class ProductKernelTests
{
    private delegate void Kernel(float* left, nint rowStride, nint stepStride, float* panel, int depth, float* target, nint stride, bool add);

    [Fact]
    public void A_block_is_the_sum_of_products_whichever_way_its_operand_lies() => Prop.ForAll<byte, byte, int>((depth, gap, seed) =>
    {
        foreach (var transposed in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (var narrow in (ReadOnlySpan<bool>)[false, true]) CheckBlock(depth, gap, transposed, add: seed % 2 == 0, narrow, new Random(seed));
        }
    }).QuickCheckThrowOnFailure();

    private static void CheckBlock(byte depthSeed, byte gap, bool transposed, bool add, bool narrow, Random random)
    {
        var (depth, stride) = (1 + depthSeed % 70, ProductKernel.Columns + gap % 5);
        var rowStride = transposed ? 1 : depth + gap % 3;
        var stepStride = transposed ? ProductKernel.Rows + gap % 3 : 1;
        var left = Values(random, Math.Max(ProductKernel.Rows * rowStride, depth * stepStride) + depth);
        var panel = Values(random, depth * ProductKernel.Columns);
        var before = Values(random, ProductKernel.Rows * stride);
        var target = before.ToArray();

        Kernel kernel = narrow ? ProductKernel.RunNarrow : ProductKernel.Run;
        fixed (float* a = left, b = panel, c = target) kernel(a, rowStride, stepStride, b, depth, c, stride, add);

        for (var i = 0; i < target.Length; i++)
        {
            var (row, column) = (i / stride, i % stride);
            double expected = add || column >= ProductKernel.Columns ? before[i] : 0;
            for (var k = 0; k < depth && column < ProductKernel.Columns; k++)
                expected += (double)left[row * rowStride + k * stepStride] * panel[k * ProductKernel.Columns + column];
            Assert.Equal(expected, target[i], 1e-5 * depth);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 32)]
    [InlineData(33, 31)]
    [InlineData(64, 70)]
    public void Panels_hold_a_matrix_and_its_transpose_and_zeros_beside_them(int rows, int columns)
    {
        var matrix = Enumerable.Range(1, rows * columns).Select(i => (float)i).ToArray();
        int padded = rows + 3, across = Panels.Padded(columns), down = Panels.Padded(rows);
        float[] panels = [.. Enumerable.Repeat(-1f, across * padded)], transposed = [.. Enumerable.Repeat(-1f, down * columns)], sum = [.. matrix];
        fixed (float* from = matrix, to = panels, back = transposed, total = sum)
        {
            Panels.Copy(from, rows, columns, to, padded);
            Panels.CopyTransposed(from, rows, columns, back);
            Panels.AddTo(to, padded, total, rows, columns);
        }

        float At(int row, int column) => row < rows && column < columns ? matrix[row * columns + column] : 0;
        for (var column = 0; column < across; column++)
        {
            for (var row = 0; row < padded; row++) Assert.Equal(At(row, column), panels[(column / 32 * padded + row) * 32 + column % 32]);
        }
        for (var row = 0; row < down; row++)
        {
            for (var column = 0; column < columns; column++) Assert.Equal(At(row, column), transposed[(row / 32 * columns + column) * 32 + row % 32]);
        }
        Assert.Equal(matrix.Select(value => 2 * value), sum);
    }

    private static float[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
}
