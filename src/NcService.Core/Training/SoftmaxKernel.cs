using NcService.Core.Models.Kernels;
using System.Runtime.Intrinsics;

namespace NcService.Core.Training;

/// <summary>
/// Cross-entropy of rows of logits in one visit to each row while it is in cache: statistics in float32, and the gradient written over the logits.
/// For float32 and bfloat16 rows.
/// </summary>
internal static unsafe class SoftmaxKernel
{
    private const int RowsPerTask = 16;

    /// <summary>Float32 rows.</summary>
    /// <param name="logits">[rows, classes], replaced by (softmax − one-hot) · scale where <paramref name="scale"/> is not null.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="classes">K.</param>
    /// <param name="labels">The row's class; a negative one makes the row's gradient zero and its loss NaN.</param>
    /// <param name="losses">Receives log Σ exp − logit of the label, [rows].</param>
    /// <param name="correct">Receives 1 where the label has the largest logit (the first of equals), [rows].</param>
    /// <param name="scale">Factor of the gradient; null leaves the logits as they are.</param>
    public static void Run(float* logits, int rows, int classes, long* labels, float* losses, byte* correct, float? scale) =>
        CpuParallel.For((rows + RowsPerTask - 1) / RowsPerTask, task =>
        {
            for (var row = (int)task * RowsPerTask; row < Math.Min(rows, ((int)task + 1) * RowsPerTask); row++)
            {
                var start = logits + (long)row * classes;
                if (labels[row] >= 0) FloatRow(start, classes, (int)labels[row], out losses[row], out correct[row], scale);
                else Ignore(new Span<float>(start, classes), out losses[row], out correct[row], scale);
            }
        });

    /// <summary>Bfloat16 rows, otherwise the same.</summary>
    public static void Run(ushort* logits, int rows, int classes, long* labels, float* losses, byte* correct, float? scale) =>
        CpuParallel.For((rows + RowsPerTask - 1) / RowsPerTask, task =>
        {
            for (var row = (int)task * RowsPerTask; row < Math.Min(rows, ((int)task + 1) * RowsPerTask); row++)
            {
                var start = logits + (long)row * classes;
                if (labels[row] >= 0) HalfRow(start, classes, (int)labels[row], out losses[row], out correct[row], scale);
                else Ignore(new Span<ushort>(start, classes), out losses[row], out correct[row], scale);
            }
        });

    private static void Ignore<T>(Span<T> row, out float loss, out byte correct, float? scale)
    {
        (loss, correct) = (float.NaN, 0);
        if (scale is not null) row.Clear();
    }

    private static void FloatRow(float* row, int classes, int label, out float loss, out byte correct, float? scale)
    {
        var largest = LargestOf(row, classes);
        var target = row[label];
        correct = IsFirst(row, label, target, largest);
        var sum = 0f;
        var sums = Vector512<float>.Zero;
        var i = 0;
        for (; i <= classes - 16; i += 16)
        {
            var exponential = VectorMath.Exp(Vector512.Load(row + i) - Vector512.Create(largest));
            sums += exponential;
            if (scale is not null) exponential.Store(row + i);
        }
        for (; i < classes; i++)
        {
            var exponential = MathF.Exp(row[i] - largest);
            sum += exponential;
            if (scale is not null) row[i] = exponential;
        }
        sum += Vector512.Sum(sums);
        loss = MathF.Log(sum) + (largest - target);
        if (scale is not { } factor) return;

        var normaliser = factor / sum;
        for (i = 0; i <= classes - 16; i += 16) (Vector512.Load(row + i) * normaliser).Store(row + i);
        for (; i < classes; i++) row[i] *= normaliser;
        row[label] -= factor;
    }

    private static void HalfRow(ushort* row, int classes, int label, out float loss, out byte correct, float? scale)
    {
        var largest = float.NegativeInfinity;
        var maxima = Vector512.Create(float.NegativeInfinity);
        var i = 0;
        for (; i <= classes - 32; i += 32)
        {
            var (lower, upper) = VectorMath.LoadBFloat16(row + i);
            maxima = Vector512.MaxNative(maxima, Vector512.MaxNative(lower, upper));
        }
        for (; i < classes; i++) largest = MathF.Max(largest, VectorMath.ToFloat(row[i]));
        for (var lane = 0; lane < 16; lane++) largest = MathF.Max(largest, maxima[lane]);
        var target = VectorMath.ToFloat(row[label]);
        correct = (byte)(target == largest && new ReadOnlySpan<ushort>(row, classes).IndexOf(row[label]) == label ? 1 : 0);

        var sum = 0f;
        var sums = Vector512<float>.Zero;
        for (i = 0; i <= classes - 32; i += 32)
        {
            var (lower, upper) = VectorMath.LoadBFloat16(row + i);
            sums += VectorMath.Exp(lower - Vector512.Create(largest)) + VectorMath.Exp(upper - Vector512.Create(largest));
        }
        for (; i < classes; i++) sum += MathF.Exp(VectorMath.ToFloat(row[i]) - largest);
        sum += Vector512.Sum(sums);
        loss = MathF.Log(sum) + (largest - target);
        if (scale is not { } factor) return;

        var normaliser = factor / sum;
        for (i = 0; i <= classes - 32; i += 32)
        {
            var (lower, upper) = VectorMath.LoadBFloat16(row + i);
            VectorMath.StoreBFloat16(
                row + i, VectorMath.Exp(lower - Vector512.Create(largest)) * normaliser, VectorMath.Exp(upper - Vector512.Create(largest)) * normaliser);
        }
        for (; i < classes; i++) row[i] = VectorMath.ToBFloat16(MathF.Exp(VectorMath.ToFloat(row[i]) - largest) * normaliser);
        // The label's own entry from float32, so that p − 1 near convergence does not cancel in bfloat16.
        row[label] = VectorMath.ToBFloat16(MathF.Exp(target - largest) * normaliser - factor);
    }

    // MaxNative may drop a NaN; the sum of exponentials brings it back.
    private static float LargestOf(float* row, int classes)
    {
        var largest = float.NegativeInfinity;
        var maxima = Vector512.Create(float.NegativeInfinity);
        var i = 0;
        for (; i <= classes - 16; i += 16) maxima = Vector512.MaxNative(maxima, Vector512.Load(row + i));
        for (; i < classes; i++) largest = MathF.Max(largest, row[i]);
        for (var lane = 0; lane < 16; lane++) largest = MathF.Max(largest, maxima[lane]);
        return largest;
    }

    private static byte IsFirst(float* row, int label, float target, float largest) =>
        (byte)(target == largest && new ReadOnlySpan<float>(row, label).IndexOf(target) < 0 ? 1 : 0);
}
