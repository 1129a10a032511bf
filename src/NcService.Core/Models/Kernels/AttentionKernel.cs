using System.Runtime.Intrinsics;

namespace NcService.Core.Models.Kernels;

/// <summary>
/// Causal attention without scaling, global or in a window, for one head of one sequence at a time. Scores stay in cache and only visible keys are
/// looked at; what the backward pass needs is one number per row, log Σ exp (after Dao et al., arXiv 2205.14135). Computes in float32.
/// </summary>
internal static unsafe class AttentionKernel
{
    /// <summary>context = softmax(q kᵀ + mask) v.</summary>
    /// <param name="packed">Queries, keys and values [B · T, 3 d].</param>
    /// <param name="context">Receives [B · T, d].</param>
    /// <param name="normalisers">Receives log Σ exp of each row's scores, [B, H, T].</param>
    /// <param name="shape">Sizes.</param>
    public static void Forward<TElement>(void* packed, void* context, float* normalisers, AttentionShape shape)
        where TElement : struct, IElement =>
        CpuParallel.For((long)shape.Batch * shape.Heads, task =>
        {
            var (sequence, head) = (task / shape.Heads, (int)(task % shape.Heads));
            using var scratch = new AttentionScratch(shape, withGradients: false);
            Pack<TElement>(packed, sequence * shape.Length, head, shape, scratch);
            for (var query = 0; query < shape.Length; query++)
            {
                var row = sequence * shape.Length + query;
                ReadRow<TElement>(packed, row * 3 * shape.Width + head * shape.HeadSize, scratch.Query, shape.HeadSize);
                var largest = Scores(scratch.Query, scratch.Keys, scratch.Probabilities, query, shape);
                var sum = Exponentials(scratch.Probabilities, largest, query, shape);
                normalisers[task * shape.Length + query] = largest + MathF.Log(sum);
                WeightedSum<TElement>(scratch, query, 1 / sum, context, row * shape.Width + head * shape.HeadSize, shape);
            }
        });

    /// <summary>Gradients by queries, keys and values from that by the context.</summary>
    /// <param name="packed">As in the forward pass.</param>
    /// <param name="normalisers">From the forward pass.</param>
    /// <param name="contextGradient">[B · T, d].</param>
    /// <param name="packedGradient">Receives [B · T, 3 d].</param>
    /// <param name="shape">Sizes.</param>
    public static void Backward<TElement>(void* packed, float* normalisers, void* contextGradient, void* packedGradient, AttentionShape shape)
        where TElement : struct, IElement =>
        CpuParallel.For((long)shape.Batch * shape.Heads, task =>
        {
            var (sequence, head) = (task / shape.Heads, (int)(task % shape.Heads));
            using var scratch = new AttentionScratch(shape, withGradients: true);
            Pack<TElement>(packed, sequence * shape.Length, head, shape, scratch);
            for (var query = 0; query < shape.Length; query++)
            {
                var row = sequence * shape.Length + query;
                var start = row * 3 * shape.Width + head * shape.HeadSize;
                ReadRow<TElement>(packed, start, scratch.Query, shape.HeadSize);
                ReadRow<TElement>(contextGradient, row * shape.Width + head * shape.HeadSize, scratch.OutputGradient, shape.HeadSize);
                Scores(scratch.Query, scratch.Keys, scratch.Probabilities, query, shape);
                Exponentials(scratch.Probabilities, normalisers[task * shape.Length + query], query, shape);
                ScoreGradients(scratch, query, shape);
                Accumulate<TElement>(scratch, query, packedGradient, start, shape);
            }
            Unpack<TElement>(scratch, packedGradient, sequence * shape.Length, head, shape);
        });

    private static void Pack<TElement>(void* packed, long firstRow, int head, AttentionShape shape, AttentionScratch scratch)
        where TElement : struct, IElement
    {
        var (size, padded) = (shape.HeadSize, shape.PaddedLength);
        for (var t = 0; t < shape.Length; t++)
        {
            var key = (firstRow + t) * 3 * shape.Width + shape.Width + head * size;
            for (var c = 0; c < size; c++)
            {
                scratch.Keys[(long)c * padded + t] = TElement.Get(packed, key + c);
                scratch.Values[(long)c * padded + t] = TElement.Get(packed, key + shape.Width + c);
            }
        }
    }

    private static void Unpack<TElement>(AttentionScratch scratch, void* packedGradient, long firstRow, int head, AttentionShape shape)
        where TElement : struct, IElement
    {
        var (size, padded) = (shape.HeadSize, shape.PaddedLength);
        for (var t = 0; t < shape.Length; t++)
        {
            var key = (firstRow + t) * 3 * shape.Width + shape.Width + head * size;
            for (var c = 0; c < size; c++)
            {
                TElement.Set(packedGradient, key + c, scratch.KeyGradients[(long)c * padded + t]);
                TElement.Set(packedGradient, key + shape.Width + c, scratch.ValueGradients[(long)c * padded + t]);
            }
        }
    }

    private static void ReadRow<TElement>(void* memory, long start, float* target, int count)
        where TElement : struct, IElement
    {
        for (var c = 0; c < count; c++) target[c] = TElement.Get(memory, start + c);
    }

    /// <summary>Writes row · columns[:, j] for the visible keys, −∞ for the others of their vectors; gives the largest.</summary>
    private static float Scores(float* row, float* columns, float* scores, int query, AttentionShape shape)
    {
        var first = shape.FirstKey(query);
        var start = first & ~15;
        Products(row, columns, scores, start, query + 1, shape);
        var indices = Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        var hidden = Vector512.Create(float.NegativeInfinity);
        var last = query & ~15;
        Vector512.ConditionalSelect(Vector512.LessThan(indices, Vector512.Create(first - start)).AsSingle(), hidden, Vector512.Load(scores + start)).Store(scores + start);
        Vector512.ConditionalSelect(Vector512.GreaterThan(indices, Vector512.Create(query - last)).AsSingle(), hidden, Vector512.Load(scores + last)).Store(scores + last);

        var maxima = hidden;
        for (var j = start; j <= last; j += 16) maxima = Vector512.MaxNative(maxima, Vector512.Load(scores + j));
        var half = Vector256.MaxNative(maxima.GetLower(), maxima.GetUpper());
        var quarter = Vector128.MaxNative(half.GetLower(), half.GetUpper());
        return MathF.Max(MathF.Max(quarter[0], quarter[1]), MathF.Max(quarter[2], quarter[3]));
    }

    /// <summary>products[j] = Σ_c row[c] · columns[c, j] for j from start to end in whole vectors.</summary>
    private static void Products(float* row, float* columns, float* products, int start, int end, AttentionShape shape)
    {
        var (size, padded) = (shape.HeadSize, (long)shape.PaddedLength);
        var j = start;
        // Four vectors at a time; the fourth begins before the end, so it lies inside the padding.
        for (; j + 48 < end; j += 64)
        {
            Vector512<float> a = default, b = default, c = default, d = default;
            var column = columns + j;
            for (var i = 0; i < size; i++, column += padded)
            {
                var factor = Vector512.Create(row[i]);
                a = Vector512.FusedMultiplyAdd(factor, Vector512.Load(column), a);
                b = Vector512.FusedMultiplyAdd(factor, Vector512.Load(column + 16), b);
                c = Vector512.FusedMultiplyAdd(factor, Vector512.Load(column + 32), c);
                d = Vector512.FusedMultiplyAdd(factor, Vector512.Load(column + 48), d);
            }
            a.Store(products + j);
            b.Store(products + j + 16);
            c.Store(products + j + 32);
            d.Store(products + j + 48);
        }
        for (; j < end; j += 16)
        {
            Vector512<float> a = default;
            var column = columns + j;
            for (var i = 0; i < size; i++, column += padded) a = Vector512.FusedMultiplyAdd(Vector512.Create(row[i]), Vector512.Load(column), a);
            a.Store(products + j);
        }
    }

    /// <summary>scores[j] becomes exp(scores[j] − shift); gives their sum.</summary>
    private static float Exponentials(float* scores, float shift, int query, AttentionShape shape)
    {
        var sums = Vector512<float>.Zero;
        for (var j = shape.FirstKey(query) & ~15; j <= query; j += 16)
        {
            var value = VectorMath.Exp(Vector512.Load(scores + j) - Vector512.Create(shift));
            sums += value;
            value.Store(scores + j);
        }
        return Vector512.Sum(sums);
    }

    private static void WeightedSum<TElement>(AttentionScratch scratch, int query, float scale, void* output, long outputStart, AttentionShape shape)
        where TElement : struct, IElement
    {
        var start = shape.FirstKey(query) & ~15;
        long padded = shape.PaddedLength;
        var weights = scratch.Probabilities;
        var c = 0;
        for (; c <= shape.HeadSize - 4; c += 4)
        {
            var values = scratch.Values + c * padded;
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
            for (var j = start; j <= query; j += 16)
            {
                var weight = Vector512.Load(weights + j);
                s0 = Vector512.FusedMultiplyAdd(weight, Vector512.Load(values + j), s0);
                s1 = Vector512.FusedMultiplyAdd(weight, Vector512.Load(values + padded + j), s1);
                s2 = Vector512.FusedMultiplyAdd(weight, Vector512.Load(values + 2 * padded + j), s2);
                s3 = Vector512.FusedMultiplyAdd(weight, Vector512.Load(values + 3 * padded + j), s3);
            }
            TElement.Set(output, outputStart + c, Vector512.Sum(s0) * scale);
            TElement.Set(output, outputStart + c + 1, Vector512.Sum(s1) * scale);
            TElement.Set(output, outputStart + c + 2, Vector512.Sum(s2) * scale);
            TElement.Set(output, outputStart + c + 3, Vector512.Sum(s3) * scale);
        }
        for (; c < shape.HeadSize; c++)
        {
            var sum = Vector512<float>.Zero;
            for (var j = start; j <= query; j += 16) sum = Vector512.FusedMultiplyAdd(Vector512.Load(weights + j), Vector512.Load(scratch.Values + c * padded + j), sum);
            TElement.Set(output, outputStart + c, Vector512.Sum(sum) * scale);
        }
    }

    /// <summary>Gradient by the scores: p_j (g·v_j − Σ_k p_k g·v_k).</summary>
    private static void ScoreGradients(AttentionScratch scratch, int query, AttentionShape shape)
    {
        var start = shape.FirstKey(query) & ~15;
        var gradients = scratch.ScoreGradients;
        Products(scratch.OutputGradient, scratch.Values, gradients, start, query + 1, shape);
        var sums = Vector512<float>.Zero;
        for (var j = start; j <= query; j += 16)
            sums = Vector512.FusedMultiplyAdd(Vector512.Load(scratch.Probabilities + j), Vector512.Load(gradients + j), sums);
        var mean = Vector512.Create(Vector512.Sum(sums));
        for (var j = start; j <= query; j += 16)
            (Vector512.Load(scratch.Probabilities + j) * (Vector512.Load(gradients + j) - mean)).Store(gradients + j);
    }

    /// <summary>Adds this query's share to the gradients by keys and values, and writes the gradient by the query.</summary>
    private static void Accumulate<TElement>(AttentionScratch scratch, int query, void* packedGradient, long start, AttentionShape shape)
        where TElement : struct, IElement
    {
        var firstKey = shape.FirstKey(query) & ~15;
        long padded = shape.PaddedLength;
        for (var c = 0; c < shape.HeadSize; c++)
        {
            var queryFactor = Vector512.Create(scratch.Query[c]);
            var gradientFactor = Vector512.Create(scratch.OutputGradient[c]);
            var keys = scratch.Keys + c * padded;
            var keyGradients = scratch.KeyGradients + c * padded;
            var valueGradients = scratch.ValueGradients + c * padded;
            var sum = Vector512<float>.Zero;
            for (var j = firstKey; j <= query; j += 16)
            {
                var scoreGradient = Vector512.Load(scratch.ScoreGradients + j);
                sum = Vector512.FusedMultiplyAdd(scoreGradient, Vector512.Load(keys + j), sum);
                Vector512.FusedMultiplyAdd(scoreGradient, queryFactor, Vector512.Load(keyGradients + j)).Store(keyGradients + j);
                Vector512.FusedMultiplyAdd(Vector512.Load(scratch.Probabilities + j), gradientFactor, Vector512.Load(valueGradients + j)).Store(valueGradients + j);
            }
            TElement.Set(packedGradient, start + c, Vector512.Sum(sum));
        }
    }
}
