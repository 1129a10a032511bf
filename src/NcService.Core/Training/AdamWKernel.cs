using NcService.Core.Models.Kernels;
using System.Runtime.Intrinsics;

namespace NcService.Core.Training;

/// <summary>AdamW over flat float32 arrays in one sweep: parameters, gradients and both moments are read and written once, and the gradients are left zero.</summary>
internal static unsafe class AdamWKernel
{
    // A block's partial sum does not depend on the number of threads, nor does the order in which the sums are added.
    private const long Block = 1 << 15;

    public static void Run(
        NativeFloats parameters, NativeFloats gradients, NativeFloats first, NativeFloats second, long decayedLength, double weightDecay, AdamWSettings settings)
    {
        var decayed = (float)(1 - settings.LearningRate * weightDecay);
        ForBlocks(parameters.Length, (start, end) =>
        {
            // The boundary of decay lies inside a block: two runs of it.
            var middle = Math.Clamp(decayedLength, start, end);
            Update(parameters.Pointer, gradients.Pointer, first.Pointer, second.Pointer, start, middle, decayed, settings);
            Update(parameters.Pointer, gradients.Pointer, first.Pointer, second.Pointer, middle, end, 1, settings);
        });
    }

    /// <summary>Σ x², accumulated in float64.</summary>
    public static double SumOfSquares(NativeFloats values)
    {
        var sums = new double[(values.Length + Block - 1) / Block];
        ForBlocks(values.Length, (start, end) =>
        {
            var sum = Vector512<double>.Zero;
            var i = start;
            for (; i <= end - 16; i += 16)
            {
                var (lower, upper) = Vector512.Widen(Vector512.Load(values.Pointer + i));
                sum += lower * lower + upper * upper;
            }
            var total = Vector512.Sum(sum);
            for (; i < end; i++) total += (double)values.Pointer[i] * values.Pointer[i];
            sums[start / Block] = total;
        });
        return sums.Sum();
    }

    private static void Update(
        float* parameters, float* gradients, float* first, float* second, long start, long end, float decay, AdamWSettings settings)
    {
        const float Beta1 = (float)AdamW.Beta1, Beta2 = (float)AdamW.Beta2, Epsilon = (float)AdamW.Epsilon;
        const float Rest1 = (float)(1 - AdamW.Beta1), Rest2 = (float)(1 - AdamW.Beta2);
        var scale = (float)settings.GradientScale;
        var stepSize = (float)(settings.LearningRate / settings.FirstCorrection);
        var correction = (float)(1 / Math.Sqrt(settings.SecondCorrection));
        var i = start;
        for (; i <= end - 16; i += 16)
        {
            var gradient = Vector512.Load(gradients + i) * scale;
            var mean = Vector512.Load(first + i) * Beta1 + gradient * Rest1;
            var square = Vector512.Load(second + i) * Beta2 + gradient * gradient * Rest2;
            var denominator = Vector512.Sqrt(square) * correction + Vector512.Create(Epsilon);
            (Vector512.Load(parameters + i) * decay - mean / denominator * stepSize).Store(parameters + i);
            mean.Store(first + i);
            square.Store(second + i);
            Vector512<float>.Zero.Store(gradients + i);
        }
        for (; i < end; i++)
        {
            var gradient = gradients[i] * scale;
            first[i] = first[i] * Beta1 + gradient * Rest1;
            second[i] = second[i] * Beta2 + gradient * gradient * Rest2;
            parameters[i] = parameters[i] * decay - first[i] / (MathF.Sqrt(second[i]) * correction + Epsilon) * stepSize;
            gradients[i] = 0;
        }
    }

    private static void ForBlocks(long length, Action<long, long> body) =>
        CpuParallel.For((length + Block - 1) / Block, block => body(block * Block, Math.Min(length, (block + 1) * Block)));
}
