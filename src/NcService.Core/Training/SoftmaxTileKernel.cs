using NcService.Core.Models.Kernels;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NcService.Core.Training;


/// <summary>
/// Softmax of rows of logits that come in tiles of columns, while a tile is in cache: forward leaves exp(logit − the tile's largest) in the type of
/// <c>TElement</c>, backward makes (softmax − one-hot) · scale of it. The exponential is taken once, and its rounding to bfloat16 is relative to the
/// probability and not to the logit.
/// </summary>
internal static unsafe class SoftmaxTileKernel
{
    private const int RowsPerTask = 32;

    /// <summary>The tile's statistics, and its exponentials where they are wanted.</summary>
    /// <param name="logits">[rows, columns] float32.</param>
    /// <param name="exponentials">The slice [rows, stride]; null where no gradient is wanted.</param>
    /// <param name="firstElement">The tile's first column in the slice.</param>
    /// <param name="stride">Elements from row to row of the slice.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns of the tile.</param>
    /// <param name="largest">Receives the largest logit, [rows].</param>
    /// <param name="sums">Receives Σ exp(logit − largest), [rows].</param>
    public static void Forward<TElement>(float* logits, void* exponentials, long firstElement, long stride, int rows, int columns, float* largest, float* sums)
        where TElement : struct, IElement => ForRows(rows, row =>
        {
            var source = logits + (long)row * columns;
            var top = LargestOf(source, columns);
            largest[row] = top;
            sums[row] = exponentials is null
                ? Sum(source, columns, top)
                : SumAndStore<TElement>(source, columns, top, exponentials, firstElement + row * stride);
        });

    /// <summary>gradients = exponentials · factor of the row.</summary>
    public static void Backward<TElement>(void* exponentials, long firstElement, long stride, int rows, int columns, float* factors, float* gradients)
        where TElement : struct, IElement => ForRows(rows, row =>
        {
            var (start, factor) = (firstElement + row * stride, factors[row]);
            var target = gradients + (long)row * columns;
            var i = 0;
            for (; i <= columns - 16; i += 16) (TElement.Load(exponentials, start + i) * factor).Store(target + i);
            for (; i < columns; i++) target[i] = TElement.Get(exponentials, start + i) * factor;
        });

    // MaxNative may drop a NaN; the sum of exponentials brings it back.
    private static float LargestOf(float* row, int columns)
    {
        Vector512<float> a = Vector512.Create(float.NegativeInfinity), b = a, c = a, d = a;
        var largest = float.NegativeInfinity;
        var i = 0;
        for (; i <= columns - 64; i += 64)
        {
            a = Vector512.MaxNative(a, Vector512.Load(row + i));
            b = Vector512.MaxNative(b, Vector512.Load(row + i + 16));
            c = Vector512.MaxNative(c, Vector512.Load(row + i + 32));
            d = Vector512.MaxNative(d, Vector512.Load(row + i + 48));
        }
        for (; i < columns; i++) largest = MathF.Max(largest, row[i]);
        a = Vector512.MaxNative(Vector512.MaxNative(a, b), Vector512.MaxNative(c, d));
        for (var lane = 0; lane < 16; lane++) largest = MathF.Max(largest, a[lane]);
        return largest;
    }

    private static float Sum(float* row, int columns, float largest)
    {
        var sums = Vector512<float>.Zero;
        var i = 0;
        for (; i <= columns - 16; i += 16) sums += VectorMath.Exp(Vector512.Load(row + i) - Vector512.Create(largest));
        var sum = Vector512.Sum(sums);
        for (; i < columns; i++) sum += MathF.Exp(row[i] - largest);
        return sum;
    }

    private static float SumAndStore<TElement>(float* row, int columns, float largest, void* exponentials, long start)
        where TElement : struct, IElement
    {
        Vector512<float> even = default, odd = default;
        var i = 0;
        for (; i <= columns - 32; i += 32)
        {
            var first = VectorMath.Exp(Vector512.Load(row + i) - Vector512.Create(largest));
            var second = VectorMath.Exp(Vector512.Load(row + i + 16) - Vector512.Create(largest));
            even += first;
            odd += second;
            TElement.Store(exponentials, start + i, first);
            TElement.Store(exponentials, start + i + 16, second);
        }
        var sum = Vector512.Sum(even + odd);
        for (; i < columns; i++)
        {
            var value = MathF.Exp(row[i] - largest);
            sum += value;
            TElement.Set(exponentials, start + i, value);
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ForRows(int rows, Action<int> body) => CpuParallel.For((rows + RowsPerTask - 1) / RowsPerTask, task =>
    {
        for (var row = (int)task * RowsPerTask; row < Math.Min(rows, ((int)task + 1) * RowsPerTask); row++) body(row);
    });
}
