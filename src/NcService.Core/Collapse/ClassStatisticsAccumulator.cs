using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// Streams embeddings [n, d] with labels [n] into <see cref="ClassStatistics"/> in one pass: Welford's update of class means and scatters in
/// float64 (<see cref="ClassMomentsKernel"/>), and Chan, Golub and LeVeque's where two sets of samples merge. Nothing cancels however far the
/// means lie from the origin and however many samples a class has; the result is the two-pass one to rounding (some 10⁻¹⁴ relative) for any
/// split into batches and shards. The scatter matrix is multiplied from deviations about the class means in the embeddings' format, 4096 of
/// them at a time, and added up in float64.
/// </summary>
/// <remarks>One thread at a time. An exception in <see cref="Add"/> leaves part of the batch added: discard the accumulator then.</remarks>
public sealed partial class ClassStatisticsAccumulator : IDisposable
{
    // Bounds copies of a batch to some tens of megabytes, and the float32 sums of the scatter matrix to 4096 terms.
    private const int RowsAtOnce = 4096;

    private readonly int classCount;
    private readonly int dimension;
    private readonly Device device;
    private readonly bool[]? covarianceClasses;
    private readonly bool collectsCovariance;
    private readonly bool composed;
    private readonly Tensor counts;
    private readonly Tensor means;
    private readonly Tensor withinSums;
    private readonly Tensor covarianceSum;
    private readonly int[] localIds;
    private FeaturePrecision precision = FeaturePrecision.Float64;
    private bool finished;

    /// <summary>An empty accumulator.</summary>
    /// <param name="classCount">K.</param>
    /// <param name="dimension">d.</param>
    /// <param name="device">Where the sums are kept; the CPU unless given.</param>
    /// <param name="covarianceClasses">
    /// Classes whose samples enter the scatter matrix [d, d]; all unless given. Needed only to measure <c>nc1_pinv</c> and <c>vci</c> over
    /// classes with at least m &gt; 2 samples: the matrix cannot be taken apart again afterwards. No class at all saves its d² products a sample, most of the work.
    /// </param>
    /// <exception cref="InputException">K or d is below 1, or there is not one flag per class.</exception>
    public ClassStatisticsAccumulator(int classCount, int dimension, Device? device = null, IReadOnlyList<bool>? covarianceClasses = null)
        : this(classCount, dimension, device ?? CPU, covarianceClasses, composed: (device ?? CPU).type != DeviceType.CPU)
    {
    }

    /// <summary>An empty accumulator that uses torch's operators on the CPU too, to be compared with the kernel.</summary>
    internal ClassStatisticsAccumulator(int classCount, int dimension, Device device, IReadOnlyList<bool>? covarianceClasses, bool composed)
    {
        if (classCount < 1) throw new InputException($"There must be at least one class, not {classCount}.");
        if (dimension < 1) throw new InputException($"Embeddings must have at least one dimension, not {dimension}.");
        if (covarianceClasses is not null && covarianceClasses.Count != classCount)
            throw new InputException($"The classes of the scatter matrix must be {classCount} flags, not {covarianceClasses.Count}.");
        this.classCount = classCount;
        this.dimension = dimension;
        this.device = device;
        this.composed = composed;
        this.covarianceClasses = covarianceClasses?.ToArray();
        collectsCovariance = this.covarianceClasses is null || Array.Exists(this.covarianceClasses, included => included);
        localIds = new int[classCount];
        Array.Fill(localIds, -1);
        counts = zeros(classCount, dtype: ScalarType.Int64, device: this.device).DetachFromDisposeScope();
        means = zeros(classCount, dimension, dtype: ScalarType.Float64, device: this.device).DetachFromDisposeScope();
        withinSums = zeros(classCount, dtype: ScalarType.Float64, device: this.device).DetachFromDisposeScope();
        covarianceSum = zeros(dimension, dimension, dtype: ScalarType.Float64, device: this.device).DetachFromDisposeScope();
    }

    /// <summary>Samples added so far.</summary>
    public long SampleCount { get; private set; }

    /// <summary>Adds a batch.</summary>
    /// <param name="features">h: [n, d], any floating-point format, any device.</param>
    /// <param name="labels">Class ids: [n], integers in 0..K−1.</param>
    /// <exception cref="InputException">A shape does not fit, a label is out of range, or an embedding is NaN or infinite.</exception>
    public void Add(Tensor features, Tensor labels)
    {
        ObjectDisposedException.ThrowIf(finished, this);
        var ids = BatchChecks.Labels(features, labels, classCount, dimension, SampleCount);
        using var noGradient = no_grad();
        if (features.dtype != ScalarType.Float64) precision = FeaturePrecision.Float32;
        for (var start = 0; start < ids.Length; start += RowsAtOnce)
        {
            using var scope = NewDisposeScope();
            var rows = Math.Min(RowsAtOnce, ids.Length - start);
            AddRows(features.narrow(0, start, rows), ids.AsSpan(start, rows));
            SampleCount += rows;
        }
    }

    /// <summary>Adds what another accumulator or a saved shard holds.</summary>
    /// <exception cref="InputException">K, d or the classes of the scatter matrix differ.</exception>
    public void Merge(ClassStatistics other)
    {
        ObjectDisposedException.ThrowIf(finished, this);
        if (other.ClassCount != classCount || other.Dimension != dimension)
        {
            throw new InputException($"Statistics of {other.ClassCount} classes in {other.Dimension} dimensions cannot be merged into {classCount} in {dimension}.");
        }
        if (!SameClasses(other.CovarianceClasses)) throw new InputException("The statistics to merge have a scatter matrix over other classes.");
        using var noGradient = no_grad();
        if (other.Precision == FeaturePrecision.Float32 && other.SampleCount > 0) precision = FeaturePrecision.Float32;
        for (var start = 0; start < classCount; start += RowsAtOnce)
        {
            using var scope = NewDisposeScope();
            var rows = Math.Min(RowsAtOnce, classCount - start);
            var classes = arange(start, start + rows, dtype: ScalarType.Int64, device: device);
            var scatter = MergeClasses(
                classes,
                other.Counts.narrow(0, start, rows).to(device),
                other.Means.narrow(0, start, rows).to(device),
                other.WithinSums.narrow(0, start, rows).to(device));
            if (!collectsCovariance) continue;
            scatter = Masked(scatter, classes);
            SymmetricProduct.Add(covarianceSum, scatter);
        }
        using var within = other.WithinCovarianceSum.to(device);
        covarianceSum.add_(within);
        SampleCount += other.SampleCount;
    }

    /// <summary>Hands the statistics over, on the CPU. The accumulator is empty and closed afterwards.</summary>
    public ClassStatistics Finish()
    {
        ObjectDisposedException.ThrowIf(finished, this);
        finished = true;
        SymmetricProduct.Finish(covarianceSum);
        var held = new[] { counts, means, withinSums, covarianceSum };
        var onCpu = Array.ConvertAll(held, tensor => tensor.device_type == DeviceType.CPU ? tensor : tensor.cpu().DetachFromDisposeScope());
        for (var i = 0; i < held.Length; i++)
        {
            if (!ReferenceEquals(held[i], onCpu[i])) held[i].Dispose();
        }
        return new ClassStatistics(
            onCpu[0], onCpu[1], onCpu[2], onCpu[3], SampleCount == 0 ? FeaturePrecision.Float32 : precision, covarianceClasses);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (finished) return;
        finished = true;
        counts.Dispose();
        means.Dispose();
        withinSums.Dispose();
        covarianceSum.Dispose();
    }

    /// <summary>On the CPU by <see cref="ClassMomentsKernel"/>.</summary>
    private unsafe void AddRows(Tensor features, ReadOnlySpan<long> ids)
    {
        if (composed)
        {
            AddComposed(features, ids);
            return;
        }
        var wide = features.dtype == ScalarType.Float64;
        var x = features.detach().to(wide ? ScalarType.Float64 : ScalarType.Float32, CPU).contiguous();   // (n, d)
        var deviations = collectsCovariance ? empty(ids.Length, dimension, dtype: x.dtype) : null;       // (n, d)
        var keys = ClassMomentsKernel.Sort(ids);
        var sums = new ClassSums(TensorMemory.Pointer<long>(counts), TensorMemory.Pointer<double>(means), TensorMemory.Pointer<double>(withinSums));
        var finite = wide
            ? ClassMomentsKernel.Add(
                TensorMemory.Pointer<double>(x), keys, dimension, sums, deviations is null ? null : TensorMemory.Pointer<double>(deviations), covarianceClasses)
            : ClassMomentsKernel.Add(
                TensorMemory.Pointer<float>(x), keys, dimension, sums, deviations is null ? null : TensorMemory.Pointer<float>(deviations), covarianceClasses);
        if (!finite) throw BatchChecks.NotFinite(features, "embeddings", SampleCount);
        if (deviations is not null) SymmetricProduct.Add(covarianceSum, deviations);
    }

    /// <summary>
    /// Chan's update of the given classes with another set of samples: n, mean and scatter. Returns (mean − other mean)·√(n n′/(n + n′)) per
    /// class [P, d], whose outer products are what the scatter matrix lacks.
    /// </summary>
    private Tensor MergeClasses(Tensor classes, Tensor addedCounts, Tensor addedMeans, Tensor addedScatter)
    {
        var before = counts.index_select(0, classes).to(ScalarType.Float64);
        var added = addedCounts.to(ScalarType.Float64);
        var total = before.add(added).clamp(min: 1);
        var difference = addedMeans.sub(means.index_select(0, classes));
        var share = added.div(total);
        var weight = before.mul(share).sqrt();
        var weighted = difference.mul(weight.unsqueeze(1));
        means.index_add_(0, classes, difference.mul(share.unsqueeze(1)), 1);
        withinSums.index_add_(0, classes, addedScatter.add(weighted.square().sum(1)), 1);
        counts.index_add_(0, classes, addedCounts, 1);
        return weighted;
    }

    private Tensor Masked(Tensor rows, Tensor classes)
    {
        if (covarianceClasses is null) return rows;
        var flags = tensor(Array.ConvertAll(covarianceClasses, included => included ? 1.0 : 0.0), device: device);
        return rows.mul(flags.index_select(0, classes).unsqueeze(1));
    }

    private bool SameClasses(bool[]? others) =>
        covarianceClasses is null ? others is null : others is not null && covarianceClasses.AsSpan().SequenceEqual(others);
}
