using System.Diagnostics;
using NcService.Core.Models;
using NcService.Core.Text;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// From a model and a dataset to measurements: one pass over training chunks for class statistics, one over validation chunks for decisions
/// and loss, then the measurements. Nothing of the size samples × dimension or samples × classes is ever held. The passes go shard by shard
/// (<see cref="CheckpointCollection"/>): a call that was cut off, called again, goes on at its last finished shard, and several processes that are
/// given the same directory share the work.
/// </summary>
public static class CheckpointAnalysis
{
    /// <summary>The name of the file of class statistics in an analysis's directory.</summary>
    public const string ClassStatisticsFile = "class_statistics.safetensors";

    /// <summary>The name of the file of the per-class table (<see cref="Collapse.ClassTableFile"/>) in an analysis's directory.</summary>
    public const string ClassTableFile = "class_table.safetensors";

    /// <summary>The name of the file of what else stands behind the measurements (<see cref="CollapseDetails"/>) in an analysis's directory.</summary>
    public const string DetailsFile = "details.json";

    /// <summary>Analyses a model.</summary>
    /// <param name="model">The model, on the device to run on.</param>
    /// <param name="dataset">The dataset whose training chunks make the classes.</param>
    /// <param name="options">Which chunks, and the conventions.</param>
    /// <param name="directory">
    /// Where <see cref="ClassStatisticsFile"/> is written (<see cref="CollapseInputs"/>), for each layer one, with the per-class table and the details; made if need be.
    /// Until then finished shards lie there.
    /// </param>
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

        var tracker = new AnalysisTracker(progress, CheckpointCollection.SamplesOf(dataset, elsewhere, options));
        var collected = Collect(model, dataset, elsewhere, options, directory, tracker, cancellationToken);
        try
        {
            tracker.Begin(AnalysisPhase.Measuring, 0).Report(0);
            var inputs = collected[0];
            var (measurements, details, classes) = CollapseMeasurements.MeasureInDetail(
                inputs, options.Measurement, options.NearestClasses, TokenTexts(dataset), cancellationToken);
            LayerMeasurements[] layers =
            [
                .. collected.Skip(1).Select((layer, i) => new LayerMeasurements(i + 1, CollapseMeasurements.Measure(layer, options.Measurement, cancellationToken))),
            ];
            classes.Save(Path.Combine(directory, ClassTableFile));
            (details with { Layers = layers }).Save(Path.Combine(directory, DetailsFile));
            return new AnalysisResult(
                measurements, inputs.Statistics.SampleCount, inputs.Validation!.Samples, inputs.Validation.KeptClasses, inputs.Validation,
                Path.Combine(directory, ClassStatisticsFile), clock.Elapsed)
            {
                Layers = layers,
                Details = details,
                Classes = classes,
            };
        }
        finally
        {
            foreach (var inputs in collected) inputs.Dispose();
        }
    }

    /// <summary>
    /// The name of the file of class statistics of a layer: <see cref="ClassStatisticsFile"/> for the model itself (0), else
    /// <c>class_statistics.layer-01.safetensors</c> and so on.
    /// </summary>
    public static string ClassStatisticsFileOf(int layer) => layer == 0 ? ClassStatisticsFile : $"class_statistics.layer-{layer:00}.safetensors";

    /// <summary>What a former call with the same model, data and options collected in the directory, or what is collected now.</summary>
    private static IReadOnlyList<CollapseInputs> Collect(
        GptNeo model, TokenDataset dataset, TokenDataset? elsewhere, AnalysisOptions options, string directory, AnalysisTracker tracker, CancellationToken cancellationToken)
    {
        var fingerprint = CollectionFingerprint.Of(model, dataset, elsewhere, options);
        string[] files = [.. Enumerable.Range(0, 1 + (options.Layers ? model.Configuration.NumLayers : 0)).Select(layer => Path.Combine(directory, ClassStatisticsFileOf(layer)))];
        bool IsCollected() => files.All(file => CollapseInputs.StatedFingerprint(file) == fingerprint);
        if (IsCollected()) return Array.ConvertAll(files, CollapseInputs.Load);

        var folder = new ShardFolder(Path.Combine(directory, $"collection-{fingerprint[..16]}"), fingerprint) { IsDone = IsCollected };
        try
        {
            var collected = new CheckpointCollection(model, dataset, elsewhere, options, folder, tracker, cancellationToken).Collect();
            using var claim = folder.Claim("result", cancellationToken);
            if (!IsCollected())
            {
                foreach (var (inputs, file) in collected.Zip(files)) inputs.Save(file);
            }
            folder.Delete();
            return collected;
        }
        catch (Exception exception) when (exception is DoneElsewhereException or InputException or IOException && IsCollected())
        {
            // Another process was first, and has removed the shards; what this one made since goes too.
            folder.Delete();
            return Array.ConvertAll(files, CollapseInputs.Load);
        }
    }

    /// <summary>The text of each token, or null where the dataset's tokenizer cannot be read: the table does without.</summary>
    private static Func<int, string>? TokenTexts(TokenDataset dataset)
    {
        try
        {
            var tokenizer = dataset.Tokenizer;
            return id => id < tokenizer.VocabularySize ? tokenizer.TokenText(id) : "";
        }
        catch (InputException)
        {
            return null;
        }
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
