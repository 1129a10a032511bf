using static TorchSharp.torch;

namespace NcService.Core.Collapse;

public static partial class CollapseMeasurements
{
    private const int CaseRowsAtOnce = 65_536;

    /// <summary>
    /// Measures a case as a checkpoint would be: embeddings stream through the accumulators in batches. The out-of-distribution mean is that
    /// of <c>ood_features</c>, or of the validation embeddings where the case has none. Losses and accuracies are those of the case's classifier.
    /// </summary>
    /// <param name="case">Embeddings, labels and classifier.</param>
    /// <param name="precision">The format to hold embeddings and classifier in.</param>
    /// <param name="options">Conventions and tile sizes.</param>
    /// <param name="cancellationToken">Looked at between batches and tiles.</param>
    /// <returns>Every measurement of the catalog, in its order.</returns>
    /// <exception cref="InputException">A label is out of range or an option has no meaning.</exception>
    public static IReadOnlyList<Measurement> MeasureCase(
        CollapseCase @case, FeaturePrecision precision = FeaturePrecision.Float64, MeasurementOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MeasurementOptions();
        options.Validate();
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var dtype = precision == FeaturePrecision.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        using var statistics = Statistics(@case, dtype, options.MinimumSamples, cancellationToken);
        var classifier = @case.Classifier is null ? null : tensor(@case.Classifier, [@case.ClassCount, @case.Dimension]).to(dtype);
        var validation = classifier is null ? null : Decisions(@case, statistics, classifier, @case.ValidationFeatures, @case.ValidationLabels, dtype, options, cancellationToken);
        var train = classifier is null ? null : Decisions(@case, statistics, classifier, @case.Features, @case.Labels, dtype, options, cancellationToken);
        var elsewhere = @case.OutOfDistributionFeatures ?? @case.ValidationFeatures;
        var elsewhereMean = elsewhere.Length == 0 ? null : tensor(elsewhere, [elsewhere.Length / @case.Dimension, @case.Dimension]).to(dtype).to(ScalarType.Float64).mean([0L]);
        return
        [
            .. Measure(statistics, classifier, validation, elsewhereMean, options, cancellationToken),
            .. DecisionMeasurements.Generalisation(validation, train),
        ];
    }

    /// <summary>The class statistics of a case's training embeddings.</summary>
    /// <exception cref="InputException">A label is out of range or an embedding is not finite.</exception>
    public static ClassStatistics CollectCase(CollapseCase @case, FeaturePrecision precision, int minimumSamples = 1, CancellationToken cancellationToken = default) =>
        Statistics(@case, precision == FeaturePrecision.Float64 ? ScalarType.Float64 : ScalarType.Float32, minimumSamples, cancellationToken);

    private static ClassStatistics Statistics(CollapseCase @case, ScalarType dtype, int minimumSamples, CancellationToken cancellationToken)
    {
        var counts = new long[@case.ClassCount];
        foreach (var label in @case.Labels.Where(label => label >= 0 && label < @case.ClassCount)) counts[label]++;
        using var accumulator = new ClassStatisticsAccumulator(
            @case.ClassCount, @case.Dimension, covarianceClasses: minimumSamples <= 2 ? null : Array.ConvertAll(counts, count => count >= minimumSamples));
        ForEachBatch(@case.Features, @case.Labels, @case.Dimension, dtype, accumulator.Add, cancellationToken);
        return accumulator.Finish();
    }

    private static DecisionCounts Decisions(
        CollapseCase @case, ClassStatistics statistics, Tensor classifier, double[] features, long[] labels, ScalarType dtype, MeasurementOptions options,
        CancellationToken cancellationToken)
    {
        using var accumulator = new DecisionAccumulator(statistics, classifier, new DecisionOptions { MinimumSamples = options.MinimumSamples, Loss = true });
        ForEachBatch(features, labels, @case.Dimension, dtype, accumulator.Add, cancellationToken);
        return accumulator.Finish();
    }

    private static void ForEachBatch(
        double[] features, long[] labels, int dimension, ScalarType dtype, Action<Tensor, Tensor> add, CancellationToken cancellationToken)
    {
        for (var start = 0; start < labels.Length; start += CaseRowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var rows = Math.Min(CaseRowsAtOnce, labels.Length - start);
            var batch = tensor(features[(start * dimension)..((start + rows) * dimension)], [rows, dimension]).to(dtype);
            add(batch, tensor(labels[start..(start + rows)]));
        }
    }
}
