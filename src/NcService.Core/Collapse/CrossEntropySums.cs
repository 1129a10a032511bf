using System.Runtime.Intrinsics;
using NcService.Core.Models.Kernels;

namespace NcService.Core.Collapse;

/// <summary>
/// −ln softmax(scores)[label] of float32 samples over tiles of classes: a running maximum, a running sum of exponentials about it (float64 from tile to tile)
/// and the label's score. <see cref="RunningCrossEntropy"/> is the same in torch's operators.
/// </summary>
/// <param name="labels">The samples' classes.</param>
internal sealed unsafe class CrossEntropySums(long[] labels)
{
    private readonly float[] maxima = [.. Enumerable.Repeat(float.NegativeInfinity, labels.Length)];
    private readonly double[] exponentials = new double[labels.Length];
    private readonly float[] labelScores = new float[labels.Length];

    /// <summary>Takes a sample's scores of the classes [first, first + count).</summary>
    public void Add(int sample, float* scores, int first, int count)
    {
        var maximum = MathF.Max(maxima[sample], System.Numerics.Tensors.TensorPrimitives.Max(new ReadOnlySpan<float>(scores, count)));
        var sums = Vector512<float>.Zero;
        var i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count) sums += VectorMath.Exp(Vector512.Load(scores + i) - Vector512.Create(maximum));
        double sum = Vector512.Sum(sums);
        for (; i < count; i++) sum += Math.Exp(scores[i] - maximum);

        exponentials[sample] = (exponentials[sample] * Math.Exp((double)maxima[sample] - maximum)) + sum;
        maxima[sample] = maximum;
        var column = labels[sample] - first;
        if (column >= 0 && column < count) labelScores[sample] = scores[column];
    }

    /// <summary>The sum over samples, in nats.</summary>
    public double Sum()
    {
        var total = 0.0;
        for (var i = 0; i < labels.Length; i++) total += maxima[i] + Math.Log(exponentials[i]) - labelScores[i];
        return total;
    }
}
