using NcService.Core.Arrays;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>Embeddings with labels that were made anywhere, and what may come with them: the input of a measurement without a model.</summary>
public sealed class EmbeddingSet : IDisposable
{
    /// <summary>K.</summary>
    public required int ClassCount { get; init; }

    /// <summary>Training samples, with labels.</summary>
    public required SampleSource Train { get; init; }

    /// <summary>Validation samples, with labels; null where there are none.</summary>
    public SampleSource? Validation { get; init; }

    /// <summary>W: [K, d], or null. Disposed with this.</summary>
    public Tensor? Classifier { get; init; }

    /// <summary>Samples of another corpus, or null; the validation samples stand in then, as in the golden cases.</summary>
    public SampleSource? OutOfDistribution { get; init; }

    /// <summary>A case as a set.</summary>
    /// <param name="case">Embeddings, labels and classifier.</param>
    /// <param name="precision">The format to hold embeddings and classifier in.</param>
    public static EmbeddingSet Of(CollapseCase @case, FeaturePrecision precision)
    {
        using var scope = NewDisposeScope();
        return new EmbeddingSet
        {
            ClassCount = @case.ClassCount,
            Train = SampleSource.Of(@case.Features, @case.Labels, @case.Dimension, precision),
            Validation = SampleSource.Of(@case.ValidationFeatures, @case.ValidationLabels, @case.Dimension, precision),
            Classifier = @case.Classifier is null ? null
                : tensor(@case.Classifier, [@case.ClassCount, @case.Dimension]).to(SampleSource.TypeOf(precision)).DetachFromDisposeScope(),
            OutOfDistribution = @case.OutOfDistributionFeatures is null ? null : SampleSource.Of(@case.OutOfDistributionFeatures, null, @case.Dimension, precision),
        };
    }

    /// <summary>Opens a set that lies in files; shapes and types are checked, numbers when they are read.</summary>
    /// <exception cref="InputException">A file is absent or broken, or the parts do not fit each other; the message says which and why.</exception>
    public static EmbeddingSet Open(EmbeddingFiles files, FeaturePrecision? precision = null, CancellationToken cancellationToken = default)
    {
        var arrays = files.OpenArrays();
        var train = SampleSource.Of(arrays.Features, arrays.Labels, precision);
        var classes = files.ClassCount ?? arrays.Classifier?.Shape[0] ?? (train.LargestLabel(cancellationToken) + 1);
        if (classes < 1 || classes > files.MaximumClassCount) throw new InputException($"The number of classes is {classes}; it must be 1 to {files.MaximumClassCount}.");
        return new EmbeddingSet
        {
            ClassCount = (int)classes,
            Train = train,
            Validation = arrays.ValidationFeatures is null ? null : SampleSource.Of(arrays.ValidationFeatures, arrays.ValidationLabels, precision),
            OutOfDistribution = arrays.OutOfDistributionFeatures is null ? null : SampleSource.Of(arrays.OutOfDistributionFeatures, null, precision),
            Classifier = arrays.Classifier is null ? null : Read(arrays.Classifier, train),
        };
    }

    /// <summary>
    /// Streams the samples through the accumulators: one pass over the training samples for class statistics, then, where there is a classifier, one over validation and
    /// training samples for decisions.
    /// </summary>
    /// <exception cref="InputException">A label is out of range, or an embedding or weight is not finite; the message names the first.</exception>
    public CollapseInputs Collect(int minimumSamples = 1, CancellationToken cancellationToken = default)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var counts = Train.LabelCounts(ClassCount, cancellationToken);
        using var accumulator = new ClassStatisticsAccumulator(
            ClassCount, Train.Dimension, covarianceClasses: minimumSamples <= 2 ? null : Array.ConvertAll(counts, count => count >= minimumSamples));
        Train.ForEach(accumulator.Add, cancellationToken);
        var statistics = accumulator.Finish();
        try
        {
            var validation = Decide(statistics, Validation, minimumSamples, cancellationToken);
            var elsewhere = OutOfDistribution ?? Validation;
            return new CollapseInputs(statistics)
            {
                Classifier = Classifier?.alias().DetachFromDisposeScope(),
                OutOfDistributionMean = elsewhere is null or { Count: 0 } ? null : elsewhere.Mean(cancellationToken).DetachFromDisposeScope(),
                Validation = validation?.Counts,
                ValidationByClass = validation?.ByClass,
                Train = Decide(statistics, Train, minimumSamples, cancellationToken)?.Counts,
            };
        }
        catch
        {
            statistics.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Classifier?.Dispose();

    private (DecisionCounts Counts, ClassDecisions ByClass)? Decide(ClassStatistics statistics, SampleSource? samples, int minimumSamples, CancellationToken cancellationToken)
    {
        if (Classifier is null || samples is null) return null;
        using var accumulator = new DecisionAccumulator(statistics, Classifier, new DecisionOptions { MinimumSamples = minimumSamples, Loss = true });
        samples.ForEach(accumulator.Add, cancellationToken);
        return (accumulator.Finish(), accumulator.ByClass);
    }

    private static Tensor Read(ArrayFile classifier, SampleSource train)
    {
        using var scope = NewDisposeScope();
        return classifier.ReadRows(0, classifier.Shape[0]).to(train.Type).DetachFromDisposeScope();
    }
}

/// <summary>The files of an <see cref="EmbeddingSet"/>: NumPy .npy, or safetensors with a tensor of the part's name (or a single one).</summary>
public sealed record EmbeddingFiles
{
    /// <summary>features [N, d].</summary>
    public required string Features { get; init; }

    /// <summary>labels [N], integers in 0..K−1; may be the same safetensors file.</summary>
    public required string Labels { get; init; }

    /// <summary>classifier [K, d], or null.</summary>
    public string? Classifier { get; init; }

    /// <summary>validation_features [M, d], or null.</summary>
    public string? ValidationFeatures { get; init; }

    /// <summary>validation_labels [M], or null.</summary>
    public string? ValidationLabels { get; init; }

    /// <summary>ood_features [·, d], or null.</summary>
    public string? OutOfDistributionFeatures { get; init; }

    /// <summary>K; null takes the classifier's rows, or the largest label + 1.</summary>
    public int? ClassCount { get; init; }

    /// <summary>The most classes that are accepted: each takes d numbers of memory, and one label may name any.</summary>
    public int MaximumClassCount { get; init; } = int.MaxValue;

    /// <summary>Opens the files and compares their shapes and types; reads no numbers and does without the tensor engine.</summary>
    /// <exception cref="InputException">A file is absent or broken, or the parts do not fit each other; the message says which and why.</exception>
    public void CheckShapes() => OpenArrays();

    /// <summary>The arrays, checked.</summary>
    internal OpenedEmbeddings OpenArrays()
    {
        if (ValidationFeatures is null != ValidationLabels is null) throw new InputException("Validation features and validation labels come together or not at all.");
        if (ClassCount < 1 || ClassCount > MaximumClassCount) throw new InputException($"The number of classes must be 1 to {MaximumClassCount}, not {ClassCount}.");
        var features = ArrayFile.Open(Features, "features").RequireMatrix();
        if (features.Shape[0] == 0) throw new InputException($"{Features}: there are no samples.");
        if (features.Shape[1] > int.MaxValue) throw new InputException($"{Features}: features have {features.Shape[1]} columns.");
        ArrayFile? Matrix(string? path, string name) => path is null ? null : ArrayFile.Open(path, name).RequireMatrix(features.Shape[1]);
        var (classifier, validation) = (Matrix(Classifier, "classifier"), Matrix(ValidationFeatures, "validation_features"));
        if (classifier is not null && ClassCount is { } classes && classifier.Shape[0] != classes)
            throw new InputException($"{classifier.Path}: classifier must have {classes} rows, one for each class, not {classifier.Shape[0]}.");
        return new OpenedEmbeddings(
            features, ArrayFile.Open(Labels, "labels").RequireLabels(features.Shape[0]), classifier, validation,
            validation is null ? null : ArrayFile.Open(ValidationLabels!, "validation_labels").RequireLabels(validation.Shape[0]),
            Matrix(OutOfDistributionFeatures, "ood_features"));
    }
}

/// <summary>The arrays of <see cref="EmbeddingFiles"/>, whose shapes fit each other.</summary>
internal sealed record OpenedEmbeddings(
    ArrayFile Features, ArrayFile Labels, ArrayFile? Classifier, ArrayFile? ValidationFeatures, ArrayFile? ValidationLabels, ArrayFile? OutOfDistributionFeatures);
