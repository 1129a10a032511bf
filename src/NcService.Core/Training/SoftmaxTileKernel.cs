using NcService.Core.Models.Kernels;
using System.Runtime.Intrinsics;

namespace NcService.Core.Training;

/// <summary>
/// Softmax of a tile of logits, [classes, rows] with a token in every lane, while it is in cache: forward leaves exp(logit − the tile's largest) in the type of
/// <c>TElement</c>, backward makes softmax · scale of it. The exponential is taken once, and its rounding to bfloat16 is relative to the probability and not to the logit.
/// </summary>
internal static unsafe class SoftmaxTileKernel
{
    private const int Lanes = 16;

    /// <summary>The tile's statistics, and its exponentials where they are wanted.</summary>
    /// <param name="logits">[classes, rows] float32.</param>
    /// <param name="stride">Floats from class to class of them.</param>
    /// <param name="classes">Classes of the tile.</param>
    /// <param name="rows">Tokens, a multiple of 16.</param>
    /// <param name="exponentials">Receives exp(logit − largest); null where no gradient is wanted.</param>
    /// <param name="start">Where they begin there: [classes, rows].</param>
    /// <param name="largest">Receives the largest logit, [rows].</param>
    /// <param name="sums">Receives Σ exp(logit − largest), [rows].</param>
    public static void Forward<TElement>(float* logits, nint stride, int classes, int rows, void* exponentials, long start, float* largest, float* sums)
        where TElement : struct, IElement
    {
        for (var row = 0; row < rows; row += Lanes)
        {
            var top = Largest(logits + row, stride, classes);
            var sum = exponentials is null
                ? Sum(logits + row, stride, classes, top)
                : SumAndStore<TElement>(logits + row, stride, classes, top, exponentials, start + row, rows);
            top.Store(largest + row);
            sum.Store(sums + row);
        }
    }

    /// <summary>gradients[class, row] = exponentials[class, row] · factors[row], and sixteen zeros after a class's rows.</summary>
    /// <param name="exponentials">What <see cref="Forward"/> left.</param>
    /// <param name="start">Where they begin there: [classes, rows].</param>
    /// <param name="classes">Classes of the tile.</param>
    /// <param name="rows">Tokens, a multiple of 16.</param>
    /// <param name="factors">[rows].</param>
    /// <param name="gradients">Receives them, [classes, rows].</param>
    /// <param name="stride">Floats from class to class of them.</param>
    public static void Backward<TElement>(void* exponentials, long start, int classes, int rows, float* factors, float* gradients, nint stride)
        where TElement : struct, IElement
    {
        for (var index = 0; index < classes; index++)
        {
            for (var row = 0; row < rows; row += Lanes)
                (TElement.Load(exponentials, start + (long)index * rows + row) * Vector512.Load(factors + row)).Store(gradients + index * stride + row);
            Vector512<float>.Zero.Store(gradients + index * stride + rows);
        }
    }

    // MaxNative may drop a NaN; the sum of exponentials brings it back.
    private static Vector512<float> Largest(float* logits, nint stride, int classes)
    {
        Vector512<float> a = Vector512.Create(float.NegativeInfinity), b = a, c = a, d = a;
        var i = 0;
        for (; i <= classes - 4; i += 4, logits += 4 * stride)
        {
            a = Vector512.MaxNative(a, Vector512.Load(logits));
            b = Vector512.MaxNative(b, Vector512.Load(logits + stride));
            c = Vector512.MaxNative(c, Vector512.Load(logits + 2 * stride));
            d = Vector512.MaxNative(d, Vector512.Load(logits + 3 * stride));
        }
        for (; i < classes; i++, logits += stride) a = Vector512.MaxNative(a, Vector512.Load(logits));
        return Vector512.MaxNative(Vector512.MaxNative(a, b), Vector512.MaxNative(c, d));
    }

    private static Vector512<float> Sum(float* logits, nint stride, int classes, Vector512<float> largest)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < classes; i++, logits += stride) sum += VectorMath.Exp(Vector512.Load(logits) - largest);
        return sum;
    }

    private static Vector512<float> SumAndStore<TElement>(
        float* logits, nint stride, int classes, Vector512<float> largest, void* exponentials, long start, int rows)
        where TElement : struct, IElement
    {
        Vector512<float> even = default, odd = default;
        var i = 0;
        for (; i <= classes - 2; i += 2, logits += 2 * stride, start += 2 * rows)
        {
            var first = VectorMath.Exp(Vector512.Load(logits) - largest);
            var second = VectorMath.Exp(Vector512.Load(logits + stride) - largest);
            even += first;
            odd += second;
            TElement.Store(exponentials, start, first);
            TElement.Store(exponentials, start + rows, second);
        }
        if (i < classes)
        {
            var last = VectorMath.Exp(Vector512.Load(logits) - largest);
            even += last;
            TElement.Store(exponentials, start, last);
        }
        return even + odd;
    }
}
