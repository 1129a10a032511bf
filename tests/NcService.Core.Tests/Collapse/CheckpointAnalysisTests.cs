using NcService.Core.Collapse;
using NcService.Core.Models;
using NcService.Core.Tests.Training;
using NcService.Core.Text;
using NcService.Core.Training;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

public sealed class CheckpointAnalysisTests(SmallDataset dataset) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ncservice-analysis-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private GptNeo Model() =>
        new(GptNeoConfiguration.Create(16, 2, dataset.Tokens.Manifest.VocabularySize, dataset.Tokens.Manifest.ContextLength), CPU, seed: 5);

    [Fact]
    public void An_analysis_measures_what_the_embeddings_of_all_chunks_measure()
    {
        using var model = Model();
        var result = CheckpointAnalysis.Analyse(model, dataset.Tokens, new AnalysisOptions { BatchSize = 3, TrainLoss = true }, folder, null, default);

        // The same embeddings, all held at once, through the case that the golden tests cover.
        var (features, labels) = Embeddings(model, dataset.Tokens.Train);
        var (validation, validationLabels) = Embeddings(model, dataset.Tokens.Validation);
        var expected = CollapseMeasurements.MeasureCase(
            new CollapseCase
            {
                ClassCount = model.Configuration.VocabSize,
                Dimension = 16,
                Features = features,
                Labels = labels,
                ValidationFeatures = validation,
                ValidationLabels = validationLabels,
                Classifier = TensorMemory.ToDoubles(model.Classifier.detach()),
            },
            FeaturePrecision.Float32);
        Assert.Equal(dataset.Tokens.Train.SampleCount, result.TrainSamples);
        Assert.Equal(dataset.Tokens.Validation.SampleCount, result.ValidationSamples);
        Assert.Equal(MeasurementCatalog.All.Select(entry => entry.Name), result.Measurements.Select(entry => entry.Name));
        foreach (var (one, other) in expected.Zip(result.Measurements).Where(pair => pair.First.Name != "ood_orthogonality"))
        {
            Assert.True(one.Value.HasValue == other.Value.HasValue, $"{one} and {other}");
            if (one.Value is { } value) Assert.True(Math.Abs(value - other.Value!.Value) <= 1e-4 * (1e-3 + Math.Abs(value)), $"{one} and {other}");
        }

        var evaluated = Evaluator.Evaluate(model, dataset.Tokens.Validation, 4, default);
        Assert.Equal(evaluated.Loss, result.Measurements.Single(entry => entry.Name == "val_loss").Value!.Value, 1e-5);
        Assert.Equal(evaluated.Accuracy, result.Measurements.Single(entry => entry.Name == "val_accuracy").Value!.Value, 1e-9);
    }

    [Fact]
    public void The_file_of_class_statistics_measures_again_without_the_model()
    {
        using var model = Model();
        var result = CheckpointAnalysis.Analyse(model, dataset.Tokens, new AnalysisOptions(), folder, null, default);
        using var statistics = ClassStatistics.Load(result.ClassStatisticsPath);
        var again = CollapseMeasurements.Measure(statistics, model.Classifier, result.Decisions);
        MeasurementComparison.AssertSame(
            [.. result.Measurements.Where(entry => entry.Property() is not ("generalisation" or "NC5"))], [.. again.Where(entry => entry.Property() != "NC5")]);
    }

    [Fact]
    public void Fewer_chunks_a_higher_minimum_and_another_corpus_are_options()
    {
        using var model = Model();
        var options = new AnalysisOptions
        {
            BatchSize = 4,
            MaximumTrainChunks = 9,
            MaximumValidationChunks = 2,
            SampleChunks = true,
            Seed = 4,
            Measurement = new MeasurementOptions { MinimumSamples = 3 },
            OutOfDistributionDirectory = PrepareOtherCorpus(),
        };
        var reports = new List<AnalysisProgress>();
        var result = CheckpointAnalysis.Analyse(model, dataset.Tokens, options, folder, new Recorder(reports), default);
        var samplesPerChunk = dataset.Tokens.Manifest.ContextLength - 1;
        Assert.Equal((9L * samplesPerChunk, 2L * samplesPerChunk), (result.TrainSamples, result.ValidationSamples));
        Assert.NotNull(result.Measurements.Single(entry => entry.Name == "nc1_pinv").Value);
        Assert.NotNull(result.Measurements.Single(entry => entry.Name == "ood_orthogonality").Value);
        Assert.Null(result.Measurements.Single(entry => entry.Name == "train_loss").Value);
        Assert.Equal(1, reports[^1].Fraction, 1e-12);
        Assert.Equal(reports.Select(report => report.Fraction).Order(), reports.Select(report => report.Fraction));
    }

    [Fact]
    public void A_cancelled_analysis_stops_at_the_next_batch_and_leaves_no_file()
    {
        using var model = Model();
        using var source = new CancellationTokenSource();
        var cancelling = new Cancelling(source);
        Assert.Throws<OperationCanceledException>(() => CheckpointAnalysis.Analyse(model, dataset.Tokens, new AnalysisOptions { BatchSize = 1 }, folder, cancelling, source.Token));
        Assert.Equal(1, cancelling.Reports);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_model_with_a_smaller_vocabulary_or_fewer_positions_is_refused()
    {
        var manifest = dataset.Tokens.Manifest;
        using var fewTokens = new GptNeo(GptNeoConfiguration.Create(16, 1, manifest.VocabularySize - 1, manifest.ContextLength), CPU);
        using var fewPositions = new GptNeo(GptNeoConfiguration.Create(16, 1, manifest.VocabularySize, manifest.ContextLength - 1), CPU);
        Assert.Contains("vocabulary", Assert.Throws<InputException>(() => CheckpointAnalysis.Analyse(fewTokens, dataset.Tokens, new AnalysisOptions(), folder, null, default)).Message);
        Assert.Contains("positions", Assert.Throws<InputException>(() => CheckpointAnalysis.Analyse(fewPositions, dataset.Tokens, new AnalysisOptions(), folder, null, default)).Message);
    }

    private string PrepareOtherCorpus()
    {
        var text = Path.Combine(folder, "other.txt");
        File.WriteAllText(text, string.Join("\n\n", Enumerable.Range(0, 200).Select(i => $"{i} times {i + 1} are {i * (i + 1)}")));
        var directory = Path.Combine(folder, "other");
        var specification = new DatasetSpecification
        {
            Corpus = new CorpusSpecification { Kind = CorpusKind.TextFile, Path = text },
            Tokenizer = new TokenizerSpecification { Kind = TokenizerKind.Trained, VocabularySize = 260 },
            ContextLength = 16,
            ValidationFraction = 0.5,
        };
        DatasetPreparation.PrepareAsync(specification, directory, null, default).GetAwaiter().GetResult();
        return directory;
    }

    private static (double[] Features, long[] Labels) Embeddings(GptNeo model, TokenSplit split)
    {
        using var noGradient = no_grad();
        List<double> features = [];
        List<long> labels = [];
        var ids = new long[split.ContextLength];
        for (var chunk = 0; chunk < split.ChunkCount; chunk++)
        {
            using var scope = NewDisposeScope();
            split.CopyChunk(chunk, ids);
            var hidden = TensorMemory.ToDoubles(model.forward(tensor(ids, [1, ids.Length])));
            features.AddRange(hidden[..((ids.Length - 1) * model.Configuration.HiddenSize)]);
            labels.AddRange(ids[1..]);
        }
        return ([.. features], [.. labels]);
    }

    private sealed class Recorder(List<AnalysisProgress> reports) : IProgress<AnalysisProgress>
    {
        public void Report(AnalysisProgress value) => reports.Add(value);
    }

    private sealed class Cancelling(CancellationTokenSource source) : IProgress<AnalysisProgress>
    {
        public int Reports { get; private set; }

        public void Report(AnalysisProgress value)
        {
            Reports++;
            source.Cancel();
        }
    }
}

internal static class MeasurementProperties
{
    public static string Property(this Measurement measurement) => MeasurementCatalog.Find(measurement.Name).Property;
}
