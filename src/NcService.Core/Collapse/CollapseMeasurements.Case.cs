namespace NcService.Core.Collapse;

public static partial class CollapseMeasurements
{
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
        using var set = EmbeddingSet.Of(@case, precision);
        using var inputs = set.Collect(options.MinimumSamples, cancellationToken);
        return Measure(inputs, options, cancellationToken);
    }

    /// <summary>The class statistics of a case's training embeddings.</summary>
    /// <exception cref="InputException">A label is out of range or an embedding is not finite.</exception>
    public static ClassStatistics CollectCase(CollapseCase @case, FeaturePrecision precision, int minimumSamples = 1, CancellationToken cancellationToken = default)
    {
        using var set = EmbeddingSet.Of(@case with { Classifier = null, ValidationLabels = [], OutOfDistributionFeatures = null }, precision);
        return set.Collect(minimumSamples, cancellationToken).Statistics;
    }
}
