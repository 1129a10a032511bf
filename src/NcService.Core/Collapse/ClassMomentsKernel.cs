using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using NcService.Core.Models.Kernels;

namespace NcService.Core.Collapse;

/// <summary>
/// Adds samples to class counts, means and scatters in one sweep, by Welford's update in float64. With n samples before and δ = h − μ:
/// μ += δ/(n+1), Σ‖h − μ‖² += ‖δ‖²·n/(n+1), and r = δ·√(n/(n+1)) is what the sample adds to the scatter matrix, r rᵀ. Every term is positive
/// and about the class's own mean, so nothing cancels, however far from the origin the samples lie.
/// <para>
/// Samples come sorted by class, so that a class's mean stays in cache while its samples pass; threads own disjoint ranges of classes, so that
/// the result does not depend on their number.
/// </para>
/// </summary>
internal static unsafe class ClassMomentsKernel
{
    private const int SamplesPerTask = 128;
    private const int RowBits = 32;

    /// <summary>Sorts samples by class, then by their order: class · 2³² + row.</summary>
    public static long[] Sort(ReadOnlySpan<long> ids)
    {
        var keys = new long[ids.Length];
        for (var row = 0; row < keys.Length; row++) keys[row] = (ids[row] << RowBits) | (uint)row;
        Array.Sort(keys);
        return keys;
    }

    /// <summary>Adds samples; returns false where one is not finite, and the sums are spoilt then.</summary>
    /// <param name="features">[n, d].</param>
    /// <param name="keys">From <see cref="Sort"/>.</param>
    /// <param name="dimension">d.</param>
    /// <param name="sums">What is added to.</param>
    /// <param name="deviations">Receives r in the order of the keys, [n, d]; null where no scatter matrix is wanted.</param>
    /// <param name="included">Classes whose r is kept, others' are 0; null keeps all.</param>
    public static bool Add<T>(T* features, long[] keys, int dimension, ClassSums sums, T* deviations, bool[]? included)
        where T : unmanaged
    {
        var finite = true;
        CpuParallel.For((keys.Length + SamplesPerTask - 1) / SamplesPerTask, task =>
        {
            var end = StartOfClass(keys, (int)(task + 1) * SamplesPerTask);
            for (var i = StartOfClass(keys, (int)task * SamplesPerTask); i < end; i++)
            {
                var (c, row) = (keys[i] >> RowBits, (uint)keys[i]);
                var n = sums.Counts[c]++;
                var share = 1.0 / (n + 1);
                var scale = included is null || included[c] ? Math.Sqrt(n * share) : 0;
                var next = i + 1 < end ? keys[i + 1] : keys[i];
                var squares = AddSample(
                    features + (row * dimension), sums.Means + (c * dimension), deviations is null ? null : deviations + ((long)i * dimension), dimension, share, scale,
                    features + ((uint)next * (long)dimension), sums.Means + ((next >> RowBits) * dimension));
                if (!double.IsFinite(squares)) Volatile.Write(ref finite, false);
                sums.Scatters[c] += squares * n * share;
            }
        });
        return finite;
    }

    /// <summary>The first position at or after the given one where a class begins.</summary>
    private static int StartOfClass(long[] keys, int position)
    {
        if (position >= keys.Length) return keys.Length;
        while (position > 0 && position < keys.Length && keys[position] >> RowBits == keys[position - 1] >> RowBits) position++;
        return position;
    }

    /// <summary>Moves a mean towards a sample, writes the sample's deviation and returns ‖δ‖²; fetches what the next sample needs.</summary>
    private static double AddSample<T>(
        T* sample, double* mean, T* deviation, int dimension, double share, double scale, T* nextSample, double* nextMean)
        where T : unmanaged
    {
        var (first, second) = (Vector512<double>.Zero, Vector512<double>.Zero);
        var shares = Vector512.Create(share);
        var scales = Vector512.Create(scale);
        var k = 0;
        for (; k <= dimension - FeatureElements.Count; k += FeatureElements.Count)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(nextMean + k);
                Sse.Prefetch0(nextMean + k + Vector512<double>.Count);
                Sse.Prefetch0(nextSample + k);
            }
            var (lower, upper) = FeatureElements.Load(sample + k);
            Vector512<double> meanLower = Vector512.Load(mean + k), meanUpper = Vector512.Load(mean + k + Vector512<double>.Count);
            lower -= meanLower;
            upper -= meanUpper;
            Vector512.FusedMultiplyAdd(lower, shares, meanLower).Store(mean + k);
            Vector512.FusedMultiplyAdd(upper, shares, meanUpper).Store(mean + k + Vector512<double>.Count);
            first = Vector512.FusedMultiplyAdd(lower, lower, first);
            second = Vector512.FusedMultiplyAdd(upper, upper, second);
            if (deviation is not null) FeatureElements.Store(deviation + k, lower * scales, upper * scales);
        }
        var squares = Vector512.Sum(first + second);
        for (; k < dimension; k++)
        {
            var difference = FeatureElements.Get(sample + k) - mean[k];
            mean[k] += difference * share;
            squares += difference * difference;
            if (deviation is not null) FeatureElements.Set(deviation + k, difference * scale);
        }
        return squares;
    }
}

/// <summary>The memory of class sums: counts [K], means [K, d], scatters [K].</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly unsafe struct ClassSums(long* counts, double* means, double* scatters)
{
    public readonly long* Counts = counts;
    public readonly double* Means = means;
    public readonly double* Scatters = scatters;
}
