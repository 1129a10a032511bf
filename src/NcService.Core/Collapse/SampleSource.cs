using NcService.Core.Arrays;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>Embeddings [N, d], with labels [N] or without, that are read a block of rows at a time: from files, which may be larger than memory, or from arrays.</summary>
public sealed class SampleSource
{
    private const int RowsAtOnce = 65_536;
    private const long ElementsAtOnce = 1 << 24;

    private readonly Func<long, int, Tensor> features;
    private readonly Func<long, int, long[]>? labels;

    private SampleSource(long count, int dimension, ScalarType type, Func<long, int, Tensor> features, Func<long, int, long[]>? labels)
    {
        (Count, Dimension, Type) = (count, dimension, type);
        (this.features, this.labels) = (features, labels);
    }

    /// <summary>N.</summary>
    public long Count { get; }

    /// <summary>d.</summary>
    public int Dimension { get; }

    /// <summary>The format in which embeddings are given out: float32 or float64.</summary>
    public ScalarType Type { get; }

    /// <summary>Samples in files.</summary>
    /// <param name="features">h: [N, d].</param>
    /// <param name="labels">Class ids: [N], or null.</param>
    /// <param name="precision">The format to give them out in; null keeps float64 and widens what is narrower than float32.</param>
    internal static SampleSource Of(ArrayFile features, ArrayFile? labels, FeaturePrecision? precision = null)
    {
        var type = TypeOf(precision ?? (features.DataType == "F64" ? FeaturePrecision.Float64 : FeaturePrecision.Float32));
        return new SampleSource(
            features.Shape[0], (int)features.Shape[1], type, (first, rows) => features.ReadRows(first, rows).to(type),
            labels is null ? null : (first, rows) => TensorMemory.ToLongs(labels.ReadRows(first, rows)));
    }

    /// <summary>Samples in arrays: features row-major [N, d].</summary>
    public static SampleSource Of(double[] features, long[]? labels, int dimension, FeaturePrecision precision)
    {
        var type = TypeOf(precision);
        return new SampleSource(
            features.Length / dimension, dimension, type,
            (first, rows) => tensor(features.AsSpan((int)first * dimension, rows * dimension).ToArray(), [rows, dimension]).to(type),
            labels is null ? null : (first, rows) => labels.AsSpan((int)first, rows).ToArray());
    }

    /// <summary>Gives blocks of embeddings [n, d] with labels [n] to <paramref name="take"/>, which must not keep them.</summary>
    public void ForEach(Action<Tensor, Tensor> take, CancellationToken cancellationToken) =>
        ForEachBlock((first, rows) => take(features(first, rows), tensor(Labels(first, rows))), cancellationToken);

    /// <summary>The mean embedding [d] in float64; the current dispose scope owns it.</summary>
    /// <exception cref="InputException">There are no samples, or one is not finite.</exception>
    public Tensor Mean(CancellationToken cancellationToken)
    {
        if (Count == 0) throw new InputException("There are no out-of-distribution samples to average.");
        var sum = zeros(Dimension, dtype: ScalarType.Float64);
        ForEachBlock(
            (first, rows) =>
            {
                var block = features(first, rows);
                BatchChecks.Finite(block, "out-of-distribution embeddings");
                sum.add_(block.to(ScalarType.Float64).sum(0L));
            },
            cancellationToken);
        return sum.div(Count);
    }

    /// <summary>How often each class occurs: [K].</summary>
    /// <exception cref="InputException">A label is out of range; the message names the first.</exception>
    public long[] LabelCounts(int classCount, CancellationToken cancellationToken)
    {
        var counts = new long[classCount];
        ForEachBlock(
            (first, rows) =>
            {
                var block = Labels(first, rows);
                for (var i = 0; i < block.Length; i++)
                {
                    if (block[i] < 0 || block[i] >= classCount) throw new InputException($"Sample {first + i} has label {block[i]}; labels must be 0 to {classCount - 1}.");
                    counts[block[i]]++;
                }
            },
            cancellationToken);
        return counts;
    }

    /// <summary>The largest label, or −1 where there are no samples.</summary>
    public long LargestLabel(CancellationToken cancellationToken)
    {
        var largest = -1L;
        ForEachBlock((first, rows) => largest = Math.Max(largest, Labels(first, rows).Max()), cancellationToken);
        return largest;
    }

    internal static ScalarType TypeOf(FeaturePrecision precision) => precision == FeaturePrecision.Float64 ? ScalarType.Float64 : ScalarType.Float32;

    private long[] Labels(long first, int rows) => labels is null ? throw new InvalidOperationException("These samples have no labels.") : labels(first, rows);

    private void ForEachBlock(Action<long, int> take, CancellationToken cancellationToken)
    {
        var rowsAtOnce = (int)Math.Clamp(ElementsAtOnce / Dimension, 1, RowsAtOnce);
        using var noGradient = no_grad();
        for (var first = 0L; first < Count; first += rowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            take(first, (int)Math.Min(rowsAtOnce, Count - first));
        }
    }
}
