using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NcService.Core.Models.Kernels;

/// <summary>
/// gelu_new, the tanh form, with the bias before it and its gradient: 0.5 x (1 + tanh u) = x σ(2u), u = √(2/π) (x + 0.044715 x³).
/// </summary>
internal static unsafe class GeluKernel
{
    private const float Slope = 1.5957691216057308f;   // 2 √(2/π)
    private const float Cubic = Slope * 0.044715f;
    private const int RowsPerTask = 32;

    /// <summary>Adds the bias to x where it lies, and writes gelu(x) beside it.</summary>
    /// <param name="values">x [rows, width], without bias before and with it after.</param>
    /// <param name="bias">[width].</param>
    /// <param name="output">[rows, width].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Columns.</param>
    public static void Forward<TElement>(void* values, float* bias, void* output, int rows, int width)
        where TElement : struct, IElement =>
        CpuParallel.For((rows + RowsPerTask - 1) / RowsPerTask, task =>
        {
            for (var row = task * RowsPerTask; row < Math.Min(rows, (task + 1) * RowsPerTask); row++)
            {
                var (start, i) = (row * width, 0);
                for (; i <= width - 16; i += 16)
                {
                    var x = TElement.Load(values, start + i) + Vector512.Load(bias + i);
                    TElement.Store(values, start + i, x);
                    TElement.Store(output, start + i, x * Sigmoid(x));
                }
                for (; i < width; i++)
                {
                    var x = TElement.Get(values, start + i) + bias[i];
                    TElement.Set(values, start + i, x);
                    TElement.Set(output, start + i, x * Sigmoid(Vector512.Create(x))[0]);
                }
            }
        });

    /// <summary>Replaces the gradient by gelu(x) with that by x, and adds its sum over rows to the bias gradient.</summary>
    /// <param name="gradient">[rows, width].</param>
    /// <param name="values">x [rows, width], bias included.</param>
    /// <param name="biasGradient">[width], added to.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Columns.</param>
    public static void Backward<TElement>(void* gradient, void* values, float* biasGradient, int rows, int width)
        where TElement : struct, IElement =>
        ColumnReduction.Run(rows, width, (first, end, sums) =>
        {
            for (var row = first; row < end; row++)
            {
                var start = (long)row * width;
                var i = 0;
                for (; i <= width - 16; i += 16)
                {
                    var result = TElement.Load(gradient, start + i) * Slopes(TElement.Load(values, start + i));
                    TElement.Store(gradient, start + i, result);
                    (Vector512.Load(sums + i) + result).Store(sums + i);
                }
                for (; i < width; i++)
                {
                    var result = TElement.Get(gradient, start + i) * Slopes(Vector512.Create(TElement.Get(values, start + i)))[0];
                    TElement.Set(gradient, start + i, result);
                    sums[i] += result;
                }
            }
        }, sums =>
        {
            for (var i = 0; i < width; i++) biasGradient[i] += sums[i];
        });

    /// <summary>σ(2u).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sigmoid(Vector512<float> x)
    {
        var twice = x * (Vector512.Create(Slope) + x * x * Cubic);
        return Vector512<float>.One / (Vector512<float>.One + VectorMath.Exp(-twice));
    }

    /// <summary>d/dx x σ(2u) = σ + x σ (1 − σ) (2u)′.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Slopes(Vector512<float> x)
    {
        var sigmoid = Sigmoid(x);
        var inner = Vector512.Create(Slope) + x * x * (3 * Cubic);
        return sigmoid + x * sigmoid * (Vector512<float>.One - sigmoid) * inner;
    }
}
