using System.Diagnostics;
using NcService.Core.Models;
using NcService.Core.Text;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// From a model and a dataset to measurements: one pass over training chunks for class statistics, one over validation chunks for decisions
/// and loss, then the measurements. Nothing of the size samples × dimension or samples × classes is ever held.
/// </summary>
public static class CheckpointAnalysis
{
    /// <summary>The name of the file of class statistics in an analysis's directory.</summary>
    public const string ClassStatisticsFile = "class_statistics.safetensors";

    /// <summary>Analyses a model.</summary>
    /// <param name="model">The model, on the device to run on.</param>
    /// <param name="dataset">The dataset whose training chunks make the classes.</param>
    /// <param name="options">Which chunks, and the conventions.</param>
    /// <param name="directory">Where <see cref="ClassStatisticsFile"/> is written; made if need be.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Looked at before each batch and tile.</param>
    /// <exception cref="InputException">Model and dataset do not fit, an option has no meaning, or an embedding is not finite.</exception>
    public static AnalysisResult Analyse(
        GptNeo model, TokenDataset dataset, AnalysisOptions options, string directory, IProgress<AnalysisProgress>? progress, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        options.Validate();
        RequireFit(model, dataset);
        Directory.CreateDirectory(directory);
        using var elsewhere = options.OutOfDistributionDirectory is null ? null : TokenDataset.Open(options.OutOfDistributionDirectory);
        if (elsewhere is not null) RequireFit(model, elsewhere);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();

        var train = ChunkChoice.Choose(dataset.Train.ChunkCount, options.MaximumTrainChunks, options.SampleChunks, options.Seed);
        var validation = ChunkChoice.Choose(dataset.Validation.ChunkCount, options.MaximumValidationChunks, options.SampleChunks, options.Seed);
        var other = elsewhere is null ? [] : ChunkChoice.Choose(elsewhere.Validation.ChunkCount, options.MaximumValidationChunks, options.SampleChunks, options.Seed);
        EmbeddingStream trainStream = new(model, dataset.Train, options.BatchSize), validationStream = new(model, dataset.Validation, options.BatchSize);
        var tracker = new AnalysisTracker(
            progress, (trainStream.SamplesOf(train.Length) * (options.TrainLoss ? 2 : 1)) + validationStream.SamplesOf(validation.Length) + ((long)other.Length * ((elsewhere?.Manifest.ContextLength ?? 1) - 1)));

        using var statistics = Collect(model, dataset.Train, trainStream, train, options, tracker, cancellationToken);
        var path = Path.Combine(directory, ClassStatisticsFile);
        statistics.Save(path);

        var classifier = model.Classifier.detach();
        var decisions = Decide(validationStream, validation, statistics, classifier, options, tracker.Begin(AnalysisPhase.Deciding, validationStream.SamplesOf(validation.Length)), cancellationToken);
        var trainDecisions = !options.TrainLoss ? null : Decide(
            trainStream, train, statistics, classifier, options, tracker.Begin(AnalysisPhase.TrainLoss, trainStream.SamplesOf(train.Length)), cancellationToken);
        var elsewhereMean = elsewhere is null ? null : Mean(new EmbeddingStream(model, elsewhere.Validation, options.BatchSize), other, model, tracker, cancellationToken);

        tracker.Begin(AnalysisPhase.Measuring, 0)(0);
        IReadOnlyList<Measurement> measurements =
        [
            .. CollapseMeasurements.Measure(statistics, classifier, decisions, elsewhereMean, options.Measurement, cancellationToken),
            .. DecisionMeasurements.Generalisation(decisions, trainDecisions),
        ];
        return new AnalysisResult(measurements, statistics.SampleCount, decisions.Samples, decisions.KeptClasses, decisions, path, clock.Elapsed);
    }

    private static ClassStatistics Collect(
        GptNeo model, TokenSplit split, EmbeddingStream stream, int[] chunks, AnalysisOptions options, AnalysisTracker tracker, CancellationToken cancellationToken)
    {
        // Classes of one sample add nothing to the scatter matrix, so that only a higher minimum must be known before.
        var minimum = options.Measurement.MinimumSamples;
        var kept = minimum <= 2 ? null : Array.ConvertAll(ChunkChoice.LabelCounts(split, chunks, model.Configuration.VocabSize, cancellationToken), count => count >= minimum);
        using var accumulator = new ClassStatisticsAccumulator(model.Configuration.VocabSize, model.Configuration.HiddenSize, model.Device, kept);
        stream.Run(chunks, accumulator.Add, tracker.Begin(AnalysisPhase.Collecting, stream.SamplesOf(chunks.Length)), cancellationToken);
        return accumulator.Finish();
    }

    private static DecisionCounts Decide(
        EmbeddingStream stream, int[] chunks, ClassStatistics statistics, Tensor classifier, AnalysisOptions options, Action<long> samplesDone, CancellationToken cancellationToken)
    {
        using var accumulator = new DecisionAccumulator(
            statistics, classifier, new DecisionOptions { MinimumSamples = options.Measurement.MinimumSamples, Loss = true });
        stream.Run(chunks, accumulator.Add, samplesDone, cancellationToken);
        return accumulator.Finish();
    }

    private static Tensor Mean(EmbeddingStream stream, int[] chunks, GptNeo model, AnalysisTracker tracker, CancellationToken cancellationToken)
    {
        var sum = zeros(model.Configuration.HiddenSize, dtype: ScalarType.Float64);
        var samples = stream.Run(
            chunks,
            (embeddings, _) => sum.add_(embeddings.to(ScalarType.Float64).sum(0L).cpu()),
            tracker.Begin(AnalysisPhase.OutOfDistribution, stream.SamplesOf(chunks.Length)),
            cancellationToken);
        return sum.div(samples);
    }

    private static void RequireFit(GptNeo model, TokenDataset dataset)
    {
        var (tokens, classes) = (dataset.Manifest.VocabularySize, model.Configuration.VocabSize);
        if (tokens > classes) throw new InputException($"The dataset has a vocabulary of {tokens} tokens, the model of {classes}: they do not belong together.");
        var (length, positions) = (dataset.Manifest.ContextLength, model.Configuration.MaxPositionEmbeddings);
        if (length > positions) throw new InputException($"The dataset's chunks have {length} tokens, the model has {positions} positions.");
        if (length < 2) throw new InputException("The dataset's chunks have one token each and so no sample.");
    }
}
