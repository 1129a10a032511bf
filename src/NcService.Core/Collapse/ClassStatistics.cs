using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// What the measurements need of a set of labelled embeddings: per class the count, the mean and the scatter about it, and the scatter
/// matrix within classes. All on the CPU, sums in float64. Two of them merge exactly (<see cref="ClassStatisticsAccumulator.Merge"/>).
/// </summary>
public sealed partial class ClassStatistics : IDisposable
{
    internal ClassStatistics(
        Tensor counts, Tensor means, Tensor withinSums, Tensor withinCovarianceSum, FeaturePrecision precision, bool[]? covarianceClasses)
    {
        Counts = counts;
        Means = means;
        WithinSums = withinSums;
        WithinCovarianceSum = withinCovarianceSum;
        Precision = precision;
        CovarianceClasses = covarianceClasses;
        CountValues = TensorMemory.ToLongs(counts);
    }

    /// <summary>K.</summary>
    public int ClassCount => CountValues.Length;

    /// <summary>d.</summary>
    public int Dimension => (int)Means.shape[1];

    /// <summary>N.</summary>
    public long SampleCount => CountValues.Sum();

    /// <summary>n_c: [K] int64.</summary>
    public Tensor Counts { get; }

    /// <summary>n_c as an array.</summary>
    public long[] CountValues { get; }

    /// <summary>μ_c: [K, d] float64; zero where n_c is 0.</summary>
    public Tensor Means { get; }

    /// <summary>Σ ‖h − μ_c‖² over the samples of each class: [K] float64.</summary>
    public Tensor WithinSums { get; }

    /// <summary>Σ (h − μ_y)(h − μ_y)ᵀ over samples: [d, d] float64, not divided by their number.</summary>
    public Tensor WithinCovarianceSum { get; }

    /// <summary>The format in which the embeddings came.</summary>
    public FeaturePrecision Precision { get; }

    /// <summary>The classes whose samples are in <see cref="WithinCovarianceSum"/>; null means all.</summary>
    public bool[]? CovarianceClasses { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Counts.Dispose();
        Means.Dispose();
        WithinSums.Dispose();
        WithinCovarianceSum.Dispose();
    }
}
