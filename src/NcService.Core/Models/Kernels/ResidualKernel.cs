using System.Runtime.Intrinsics;

namespace NcService.Core.Models.Kernels;

/// <summary>The residual stream and the embeddings it begins with, float32.</summary>
internal static unsafe class ResidualKernel
{
    private const int RowsPerTask = 64;

    /// <summary>result = stream + branch + bias, row by row.</summary>
    public static void Add<TElement>(float* stream, void* branch, float* bias, float* result, int rows, int width)
        where TElement : struct, IElement =>
        CpuParallel.For((rows + RowsPerTask - 1) / RowsPerTask, task =>
        {
            for (var row = task * RowsPerTask; row < Math.Min(rows, (task + 1) * RowsPerTask); row++)
            {
                var (start, i) = (row * width, 0);
                for (; i <= width - 16; i += 16)
                    (Vector512.Load(stream + start + i) + TElement.Load(branch, start + i) + Vector512.Load(bias + i)).Store(result + start + i);
                for (; i < width; i++) result[start + i] = stream[start + i] + TElement.Get(branch, start + i) + bias[i];
            }
        });

    /// <summary>Adds the sum of rows to a bias gradient, and writes the rows in the type of the products that follow.</summary>
    public static void Branch<TElement>(float* gradient, void* converted, float* biasGradient, int rows, int width)
        where TElement : struct, IElement =>
        ColumnReduction.Run(rows, width, (first, end, sums) =>
        {
            for (var row = first; row < end; row++)
            {
                var start = (long)row * width;
                var i = 0;
                for (; i <= width - 16; i += 16)
                {
                    var value = Vector512.Load(gradient + start + i);
                    TElement.Store(converted, start + i, value);
                    (Vector512.Load(sums + i) + value).Store(sums + i);
                }
                for (; i < width; i++)
                {
                    TElement.Set(converted, start + i, gradient[start + i]);
                    sums[i] += gradient[start + i];
                }
            }
        }, sums =>
        {
            for (var i = 0; i < width; i++) biasGradient[i] += sums[i];
        });

    /// <summary>stream[b, t] = tokens[id] + positions[t].</summary>
    public static void Embed(long* ids, float* tokens, float* positions, float* stream, int batch, int length, int width) =>
        CpuParallel.For(batch, sequence =>
        {
            for (var t = 0; t < length; t++)
            {
                var row = sequence * length + t;
                var token = tokens + ids[row] * width;
                var position = positions + (long)t * width;
                var target = stream + row * width;
                var i = 0;
                for (; i <= width - 16; i += 16) (Vector512.Load(token + i) + Vector512.Load(position + i)).Store(target + i);
                for (; i < width; i++) target[i] = token[i] + position[i];
            }
        });

    /// <summary>Adds the stream's gradient to those of tokens and positions, in the order of the rows.</summary>
    public static void EmbedBackward(long* ids, float* gradient, float* tokens, float* positions, int batch, int length, int width)
    {
        for (var row = 0L; row < (long)batch * length; row++)
        {
            var token = tokens + ids[row] * width;
            var position = positions + row % length * width;
            var source = gradient + row * width;
            var i = 0;
            for (; i <= width - 16; i += 16)
            {
                var value = Vector512.Load(source + i);
                (Vector512.Load(token + i) + value).Store(token + i);
                (Vector512.Load(position + i) + value).Store(position + i);
            }
            for (; i < width; i++)
            {
                token[i] += source[i];
                position[i] += source[i];
            }
        }
    }
}
