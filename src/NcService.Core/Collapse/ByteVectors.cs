using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using NcService.Core.Models.Kernels;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// The vectors that samples are scored with, [K, d], rounded to signed bytes with one scale per vector, and the product of such bytes with those of samples by
/// AVX-VNNI: two to three times the rate of a float32 product, and exact, since sums of bytes' products are integers of 32 bits.
/// </summary>
internal sealed unsafe class ByteVectors
{
    // Largest d whose sums fit 32 bits: 255 · 127 · d < 2³¹.
    private const int LargestDimension = 65_536;
    private const int GroupSize = ByteRounding.GroupSize;
    private const int SamplesAtOnce = 6;

    // Few enough that their bytes stay in the first cache beside a panel, and that threads share a batch evenly.
    private const int BlockSamples = 8 * SamplesAtOnce;
    private const int TileClasses = 256;
    private const int SampleOffset = 128;

    private readonly int count;
    private readonly int dimension;
    private readonly int groups;

    // Panels of 16 vectors; in a panel, four entries of each of the 16, then the next four.
    private readonly PinnedArray<sbyte> panels;
    private readonly PinnedArray<int> offsets;
    private readonly PinnedArray<float> scales;
    private readonly PinnedArray<float> norms;
    private readonly PinnedArray<float> errors;

    /// <summary>Rounds vectors.</summary>
    /// <param name="vectors">[K, d] float64, contiguous on the CPU.</param>
    /// <param name="centre">What is subtracted from each vector and sample: d numbers; null for nothing.</param>
    public ByteVectors(Tensor vectors, double[]? centre)
    {
        (var classes, dimension) = ((int)vectors.shape[0], (int)vectors.shape[1]);
        Centre = centre;
        count = PinnedArray<float>.Padded(classes);
        groups = (dimension + GroupSize - 1) / GroupSize;
        panels = new PinnedArray<sbyte>(checked(count * groups * GroupSize));
        offsets = new PinnedArray<int>(count);
        (scales, norms, errors) = (new PinnedArray<float>(count), new PinnedArray<float>(count), new PinnedArray<float>(count));
        var source = TensorMemory.Pointer<double>(vectors);
        CpuParallel.For(classes, c => Pack(source + (c * dimension), (int)c));
        GC.KeepAlive(vectors);
    }

    /// <summary>What is subtracted from each sample.</summary>
    public double[]? Centre { get; }

    /// <summary>Whether this processor and these sizes are served.</summary>
    public static bool Serves(long classes, int dimension) =>
        AvxVnni.IsSupported && dimension <= LargestDimension && (classes + ScreenKernel.Lanes) * (dimension + GroupSize) < int.MaxValue;

    /// <summary>Leaves each rule's candidates for samples [n, d].</summary>
    public void Screen<T>(T* samples, int rows, ScreenedRule[] rules)
        where T : unmanaged =>
        CpuParallel.For((rows + BlockSamples - 1) / BlockSamples, block =>
        {
            var first = (int)block * BlockSamples;
            ScreenBlock(samples + ((long)first * dimension), first, Math.Min(BlockSamples, rows - first), rules);
        });

    private void ScreenBlock<T>(T* samples, int firstSample, int rows, ScreenedRule[] rules)
        where T : unmanaged
    {
        var (panelBytes, sixBytes) = (groups * GroupSize * ScreenKernel.Lanes, groups * GroupSize * SamplesAtOnce);
        var sixes = (rows + SamplesAtOnce - 1) / SamplesAtOnce;
        var bytes = (byte*)NativeMemory.AlignedAlloc((nuint)(sixes * sixBytes), 64);
        var tile = (int*)NativeMemory.AlignedAlloc(BlockSamples * TileClasses * sizeof(int), 64);
        try
        {
            new Span<byte>(bytes, sixes * sixBytes).Clear();
            var rounded = new RoundedRow[rows];
            for (var i = 0; i < rows; i++)
            {
                var target = bytes + ((long)(i / SamplesAtOnce) * sixBytes) + (i % SamplesAtOnce * GroupSize);
                rounded[i] = ByteRounding.Round(samples + ((long)i * dimension), Centre, dimension, target, SamplesAtOnce * GroupSize, SampleOffset);
            }
            for (var first = 0; first < count; first += TileClasses)
            {
                var columns = Math.Min(TileClasses, count - first);
                for (var column = 0; column < columns; column += ScreenKernel.Lanes)
                {
                    var panel = panels.Address + ((long)(first + column) / ScreenKernel.Lanes * panelBytes);
                    for (var six = 0; six < sixes; six++)
                    {
                        // The next panel, which may lie no nearer than in memory, comes while this one is multiplied.
                        for (var line = six; line < groups; line += sixes) Sse.Prefetch1(panel + panelBytes + (line * (panelBytes / groups)));
                        Multiply(bytes + ((long)six * sixBytes), panel, groups, tile + (six * SamplesAtOnce * TileClasses) + column);
                    }
                }
                for (var i = 0; i < rows; i++)
                {
                    var scores = new ByteScores(tile + (i * TileClasses), offsets.Address, scales.Address, (float)rounded[i].Scale);
                    foreach (var rule in rules)
                    {
                        var bound = ScreenKernel.Bound(rounded[i].Norm, rounded[i].Error, accumulation: 0, rule.LargestBias);
                        ScreenKernel.Sweep(scores, first, columns, bound, new ScreenedClasses(rule.Biases.Address, norms.Address, errors.Address), rule[firstSample + i]);
                    }
                }
            }
        }
        finally
        {
            NativeMemory.AlignedFree(bytes);
            NativeMemory.AlignedFree(tile);
        }
    }

    private void Pack(double* vector, int c)
    {
        var panel = panels.Address + ((long)(c / ScreenKernel.Lanes * ScreenKernel.Lanes) * groups * GroupSize);
        var rounded = ByteRounding.Round(vector, Centre, dimension, (byte*)panel + (c % ScreenKernel.Lanes * GroupSize), ScreenKernel.Lanes * GroupSize, offset: 0);
        offsets.Values[c] = SampleOffset * rounded.Sum;
        scales.Values[c] = (float)rounded.Scale;
        norms.Values[c] = (float)rounded.RoundedNorm;
        errors.Values[c] = (float)rounded.Error;
    }

    /// <summary>Products of six samples, whose groups of four entries lie beside each other, with a panel of sixteen vectors.</summary>
    private static void Multiply(byte* samples, sbyte* panel, int groups, int* target)
    {
        // Twelve sums, two halves of a panel's line and one sample: fifteen of the sixteen registers that the instruction can name.
        Vector256<int> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default;
        Vector256<int> d0 = default, d1 = default, e0 = default, e1 = default, f0 = default, f1 = default;
        var sample = (int*)samples;
        var end = panel + (groups * 2 * Vector256<sbyte>.Count);
        for (; panel < end; panel += 2 * Vector256<sbyte>.Count, sample += SamplesAtOnce)
        {
            var (lower, upper) = (Vector256.Load(panel), Vector256.Load(panel + Vector256<sbyte>.Count));
            var entries = Vector256.Create(sample[0]).AsByte();
            a0 = AvxVnni.MultiplyWideningAndAdd(a0, entries, lower);
            a1 = AvxVnni.MultiplyWideningAndAdd(a1, entries, upper);
            entries = Vector256.Create(sample[1]).AsByte();
            b0 = AvxVnni.MultiplyWideningAndAdd(b0, entries, lower);
            b1 = AvxVnni.MultiplyWideningAndAdd(b1, entries, upper);
            entries = Vector256.Create(sample[2]).AsByte();
            c0 = AvxVnni.MultiplyWideningAndAdd(c0, entries, lower);
            c1 = AvxVnni.MultiplyWideningAndAdd(c1, entries, upper);
            entries = Vector256.Create(sample[3]).AsByte();
            d0 = AvxVnni.MultiplyWideningAndAdd(d0, entries, lower);
            d1 = AvxVnni.MultiplyWideningAndAdd(d1, entries, upper);
            entries = Vector256.Create(sample[4]).AsByte();
            e0 = AvxVnni.MultiplyWideningAndAdd(e0, entries, lower);
            e1 = AvxVnni.MultiplyWideningAndAdd(e1, entries, upper);
            entries = Vector256.Create(sample[5]).AsByte();
            f0 = AvxVnni.MultiplyWideningAndAdd(f0, entries, lower);
            f1 = AvxVnni.MultiplyWideningAndAdd(f1, entries, upper);
        }
        Store(target, a0, a1);
        Store(target + TileClasses, b0, b1);
        Store(target + (2 * TileClasses), c0, c1);
        Store(target + (3 * TileClasses), d0, d1);
        Store(target + (4 * TileClasses), e0, e1);
        Store(target + (5 * TileClasses), f0, f1);
    }

    private static void Store(int* target, Vector256<int> lower, Vector256<int> upper)
    {
        lower.Store(target);
        upper.Store(target + Vector256<int>.Count);
    }
}
