using System.Runtime.Intrinsics;

namespace NcService.Core.Models.Kernels;

/// <summary>LayerNorm over the last dimension (Ba et al., arXiv 1607.06450) of float32 rows, and its gradients.</summary>
internal static unsafe class LayerNormKernel
{
    private const int RowsPerTask = 32;

    /// <summary>y = (x − mean) / √(variance + ε) · weight + bias, y in the type of the products that follow.</summary>
    /// <param name="input">[rows, width].</param>
    /// <param name="weight">[width].</param>
    /// <param name="bias">[width].</param>
    /// <param name="output">[rows, width] of <typeparamref name="TElement"/>.</param>
    /// <param name="statistics">Receives mean and 1/√(variance + ε) of each row, [rows, 2].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">d.</param>
    /// <param name="epsilon">ε.</param>
    public static void Forward<TElement>(float* input, float* weight, float* bias, void* output, float* statistics, int rows, int width, float epsilon)
        where TElement : struct, IElement =>
        CpuParallel.For((rows + RowsPerTask - 1) / RowsPerTask, task =>
        {
            for (var row = task * RowsPerTask; row < Math.Min(rows, (task + 1) * RowsPerTask); row++)
                ForwardRow<TElement>(input + row * width, weight, bias, output, row * width, statistics + 2 * row, width, epsilon);
        });

    /// <summary>Adds the gradient by x to <paramref name="inputGradient"/>, and those by weight and bias to theirs.</summary>
    /// <param name="outputGradient">[rows, width] of <typeparamref name="TElement"/>.</param>
    /// <param name="input">[rows, width].</param>
    /// <param name="statistics">From the forward pass.</param>
    /// <param name="weight">[width].</param>
    /// <param name="inputGradient">[rows, width], added to (or overwritten, where <paramref name="overwrite"/>).</param>
    /// <param name="weightGradient">[width], added to.</param>
    /// <param name="biasGradient">[width], added to.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">d.</param>
    /// <param name="overwrite">Whether nothing of worth lies in <paramref name="inputGradient"/>.</param>
    public static void Backward<TElement>(
        void* outputGradient, float* input, float* statistics, float* weight, float* inputGradient, float* weightGradient, float* biasGradient,
        int rows, int width, bool overwrite)
        where TElement : struct, IElement
    {
        ColumnReduction.Run(rows, 2 * width, (firstRow, endRow, sums) =>
        {
            for (var row = firstRow; row < endRow; row++)
            {
                BackwardRow<TElement>(
                    outputGradient, (long)row * width, input + (long)row * width, statistics + 2L * row, weight, inputGradient + (long)row * width, sums, width, overwrite);
            }
        }, sums =>
        {
            for (var i = 0; i < width; i++)
            {
                weightGradient[i] += sums[i];
                biasGradient[i] += sums[width + i];
            }
        });
    }

    private static void ForwardRow<TElement>(
        float* input, float* weight, float* bias, void* output, long outputStart, float* statistics, int width, float epsilon)
        where TElement : struct, IElement
    {
        var vectorEnd = width & ~15;
        var sums = Vector512<float>.Zero;
        var sum = 0f;
        for (var i = 0; i < vectorEnd; i += 16) sums += Vector512.Load(input + i);
        for (var i = vectorEnd; i < width; i++) sum += input[i];
        var mean = (Vector512.Sum(sums) + sum) / width;

        sums = Vector512<float>.Zero;
        sum = 0;
        for (var i = 0; i < vectorEnd; i += 16)
        {
            var centred = Vector512.Load(input + i) - Vector512.Create(mean);
            sums += centred * centred;
        }
        for (var i = vectorEnd; i < width; i++) sum += (input[i] - mean) * (input[i] - mean);
        var scale = 1 / MathF.Sqrt((Vector512.Sum(sums) + sum) / width + epsilon);

        for (var i = 0; i < vectorEnd; i += 16)
            TElement.Store(output, outputStart + i, (Vector512.Load(input + i) - Vector512.Create(mean)) * scale * Vector512.Load(weight + i) + Vector512.Load(bias + i));
        for (var i = vectorEnd; i < width; i++) TElement.Set(output, outputStart + i, (input[i] - mean) * scale * weight[i] + bias[i]);
        (statistics[0], statistics[1]) = (mean, scale);
    }

    private static void BackwardRow<TElement>(
        void* outputGradient, long start, float* input, float* statistics, float* weight, float* inputGradient, float* sums, int width, bool overwrite)
        where TElement : struct, IElement
    {
        var (mean, scale) = (statistics[0], statistics[1]);
        var vectorEnd = width & ~15;
        Vector512<float> gradientSums = default, productSums = default;
        float gradientSum = 0, productSum = 0;
        for (var i = 0; i < vectorEnd; i += 16)
        {
            var gradient = TElement.Load(outputGradient, start + i);
            var normal = (Vector512.Load(input + i) - Vector512.Create(mean)) * scale;
            (Vector512.Load(sums + i) + gradient * normal).Store(sums + i);
            (Vector512.Load(sums + width + i) + gradient).Store(sums + width + i);
            var weighted = gradient * Vector512.Load(weight + i);
            gradientSums += weighted;
            productSums += weighted * normal;
        }
        for (var i = vectorEnd; i < width; i++)
        {
            var gradient = TElement.Get(outputGradient, start + i);
            var normal = (input[i] - mean) * scale;
            sums[i] += gradient * normal;
            sums[width + i] += gradient;
            gradientSum += gradient * weight[i];
            productSum += gradient * weight[i] * normal;
        }
        var meanGradient = (Vector512.Sum(gradientSums) + gradientSum) / width;
        var meanProduct = (Vector512.Sum(productSums) + productSum) / width;
        for (var i = 0; i < vectorEnd; i += 16)
        {
            var normal = (Vector512.Load(input + i) - Vector512.Create(mean)) * scale;
            var weighted = TElement.Load(outputGradient, start + i) * Vector512.Load(weight + i);
            var result = (weighted - Vector512.Create(meanGradient) - normal * meanProduct) * scale;
            (overwrite ? result : result + Vector512.Load(inputGradient + i)).Store(inputGradient + i);
        }
        for (var i = vectorEnd; i < width; i++)
        {
            var normal = (input[i] - mean) * scale;
            var result = (TElement.Get(outputGradient, start + i) * weight[i] - meanGradient - normal * meanProduct) * scale;
            inputGradient[i] = overwrite ? result : result + inputGradient[i];
        }
    }
}
