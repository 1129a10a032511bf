using NcService.Core.Models.Kernels;
using System.Runtime.Intrinsics;

namespace NcService.Core.Training;

/// <summary>
/// Cross-entropy of rows of logits in one visit to each row while it is in cache: statistics in float32, and the gradient written over the logits.
/// </summary>
internal static unsafe class SoftmaxKernel
{
    private const int RowsPerTask = 16;

    /// <summary>Bfloat16 rows, [rows, stride] of which the first <paramref name="classes"/> columns count.</summary>
    /// <param name="logits">Replaced by (softmax − one-hot) · scale where <paramref name="scale"/> is not null; the rest of the row by zeros.</param>
    /// <param name="stride">Elements from row to row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="classes">K.</param>
    /// <param name="labels">The row's class; a negative one makes the row's gradient zero and its loss NaN.</param>
    /// <param name="losses">Receives log Σ exp − logit of the label, [rows].</param>
    /// <param name="correct">Receives 1 where the label has the largest logit (the first of equals), [rows].</param>
    /// <param name="scale">Factor of the gradient; null leaves the logits as they are.</param>
    public static void Run(ushort* logits, long stride, int rows, int classes, long* labels, float* losses, byte* correct, float? scale) =>
        CpuParallel.For((rows + RowsPerTask - 1) / RowsPerTask, task =>
        {
            for (var row = (int)task * RowsPerTask; row < Math.Min(rows, ((int)task + 1) * RowsPerTask); row++)
            {
                var start = logits + row * stride;
                if (labels[row] >= 0) HalfRow(start, classes, (int)labels[row], out losses[row], out correct[row], scale);
                else Ignore(new Span<ushort>(start, classes), out losses[row], out correct[row], scale);
                if (scale is not null) new Span<ushort>(start + classes, (int)stride - classes).Clear();
            }
        });

    private static void Ignore(Span<ushort> row, out float loss, out byte correct, float? scale)
    {
        (loss, correct) = (float.NaN, 0);
        if (scale is not null) row.Clear();
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
}
