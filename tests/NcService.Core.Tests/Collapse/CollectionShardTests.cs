using NcService.Core.Collapse;
using NcService.Core.Models;
using NcService.Core.Tests.Training;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

/// <summary>Collection in shards: any split gives the same, and what was cut off goes on.</summary>
public sealed class CollectionShardTests(SmallDataset dataset) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("ncservice-shards-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    private string Folder(string name) => Path.Combine(root, name);

    private GptNeo Model() =>
        new(GptNeoConfiguration.Create(16, 2, dataset.Tokens.Manifest.VocabularySize, dataset.Tokens.Manifest.ContextLength), CPU, seed: 5);

    private AnalysisResult Analyse(GptNeo model, string folder, AnalysisOptions options, Action<AnalysisProgress>? report = null) =>
        CheckpointAnalysis.Analyse(model, dataset.Tokens, options, Folder(folder), report is null ? null : new Reporter(report), default);

    [Fact]
    public void Any_split_into_shards_gives_the_same_to_rounding()
    {
        using var model = Model();
        var whole = Analyse(model, "whole", new AnalysisOptions { TrainLoss = true, MaximumTrainChunks = 81, BatchSize = 3 });
        using var expected = CollapseInputs.Load(whole.ClassStatisticsPath);
        var scale = TensorMemory.ToDoubles(expected.Statistics.Means).Max(Math.Abs);
        var trace = TensorMemory.ToDoubles(expected.Statistics.WithinSums).Sum();
        foreach (var chunks in (int[])[2, 7, 40])
        {
            var split = Analyse(model, $"split-{chunks}", new AnalysisOptions { TrainLoss = true, MaximumTrainChunks = 81, BatchSize = 3, ShardChunks = chunks });
            using var actual = CollapseInputs.Load(split.ClassStatisticsPath);

            // The bounds: counts exact, float64 sums to 10⁻¹² of their scale, the scatter matrix, whose products are of the embeddings' own float32, to 10⁻⁶ of its trace.
            Assert.Equal(expected.Statistics.CountValues, actual.Statistics.CountValues);
            Near(expected.Statistics.Means, actual.Statistics.Means, 1e-12 * scale);
            Near(expected.Statistics.WithinSums, actual.Statistics.WithinSums, 1e-12 * trace);
            Near(expected.Statistics.WithinCovarianceSum, actual.Statistics.WithinCovarianceSum, 1e-6 * trace);
            Assert.Equal(expected.Validation! with { LossSum = 0, DecidedAgain = 0 }, actual.Validation! with { LossSum = 0, DecidedAgain = 0 });
            Assert.Equal(expected.Validation!.LossSum!.Value, actual.Validation!.LossSum!.Value, 1e-9 * expected.Validation.LossSum.Value);
            Assert.Equal(expected.ValidationByClass!.Rows, actual.ValidationByClass!.Rows);
            Assert.Equal(expected.Train! with { LossSum = 0, DecidedAgain = 0 }, actual.Train! with { LossSum = 0, DecidedAgain = 0 });
            MeasurementComparison.AssertSame(whole.Measurements, split.Measurements, 1e-6);
            Assert.Empty(Directory.GetDirectories(Folder($"split-{chunks}")));
        }
    }

    [Theory]
    [InlineData(AnalysisPhase.Collecting)]
    [InlineData(AnalysisPhase.Deciding)]
    public void What_was_cut_off_goes_on_at_the_last_finished_shard_and_ends_with_the_same_numbers(AnalysisPhase phase)
    {
        using var model = Model();
        var options = new AnalysisOptions { MaximumTrainChunks = 12, MaximumValidationChunks = 12, ShardChunks = 2, BatchSize = 1 };
        var undisturbed = Analyse(model, "undisturbed", options);

        // Nothing is tidied up where a process is killed: the exception leaves everything as it lies.
        var reports = 0;
        Assert.Throws<AbandonedException>(() => Analyse(model, "cut", options, progress =>
        {
            if (progress.Phase == phase && ++reports == 6) throw new AbandonedException();
        }));
        var finished = Directory.GetFiles(Assert.Single(Directory.GetDirectories(Folder("cut"))), phase == AnalysisPhase.Collecting ? "train-*.safetensors" : "validation-*.safetensors");
        Assert.Equal(2, finished.Length);
        var written = finished.ToDictionary(file => file, File.GetLastWriteTimeUtc);

        var before = new List<AnalysisProgress>();
        var resumed = Analyse(model, "cut", options, progress =>
        {
            if (progress.Phase == phase) before.Add(progress);
            foreach (var (file, time) in written)
            {
                if (File.Exists(file)) Assert.Equal(time, File.GetLastWriteTimeUtc(file));
            }
        });
        var samplesOfShard = 2 * (dataset.Tokens.Manifest.ContextLength - 1);
        Assert.Equal([samplesOfShard, 2 * samplesOfShard], before.Take(2).Select(progress => (int)progress.Samples));
        MeasurementComparison.AssertSame(undisturbed.Measurements, resumed.Measurements);
        using var expected = ClassStatistics.Load(undisturbed.ClassStatisticsPath);
        using var actual = ClassStatistics.Load(resumed.ClassStatisticsPath);
        Assert.Equal(expected.CountValues, actual.CountValues);
        Assert.Equal(TensorMemory.ToDoubles(expected.Means), TensorMemory.ToDoubles(actual.Means));
    }

    [Fact]
    public void A_damaged_shard_and_a_lock_that_nobody_holds_are_no_obstacle()
    {
        using var model = Model();
        var options = new AnalysisOptions { MaximumTrainChunks = 30, ShardChunks = 3, BatchSize = 3 };
        var undisturbed = Analyse(model, "undisturbed", options);
        Assert.Throws<AbandonedException>(() => Analyse(model, "damaged", options, progress =>
        {
            if (progress.Phase == AnalysisPhase.Deciding) throw new AbandonedException();
        }));
        var collection = Assert.Single(Directory.GetDirectories(Folder("damaged")));
        var first = Path.Combine(collection, "train-00000.safetensors");
        var bytes = File.ReadAllBytes(first);
        bytes[^9] ^= 4;
        File.WriteAllBytes(first, bytes);
        File.WriteAllText(Path.Combine(collection, "train-00001.safetensors"), "cut off");
        File.WriteAllText(Path.Combine(collection, "train-00002.safetensors.tmp"), "left over");
        File.Delete(Path.Combine(collection, "statistics.safetensors"));
        MeasurementComparison.AssertSame(undisturbed.Measurements, Analyse(model, "damaged", options).Measurements);
    }

    [Fact]
    public async Task Several_processes_with_one_folder_share_the_shards()
    {
        var options = new AnalysisOptions { MaximumTrainChunks = 40, MaximumValidationChunks = 5, ShardChunks = 1, BatchSize = 1 };
        AnalysisResult alone;
        using (var model = Model()) alone = Analyse(model, "alone", options);
        // Both are held within their first shard until the other is within one of its own.
        using var both = new Barrier(2);
        var results = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            using var model = Model();
            var first = true;
            return Analyse(model, "shared", options, progress =>
            {
                // A shard that another collected is not speed.
                if (!first || progress is not { Phase: AnalysisPhase.Collecting, SamplesPerSecond: > 0 }) return;
                first = false;
                Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(60)), "the other collects no shard");
            });
        })));
        Assert.All(results, result => MeasurementComparison.AssertSame(alone.Measurements, result.Measurements));
        Assert.Empty(Directory.GetDirectories(Folder("shared")));
    }

    [Fact]
    public void What_was_collected_is_used_again_for_other_conventions_but_not_for_other_samples()
    {
        using var model = Model();
        Analyse(model, "again", new AnalysisOptions { MaximumTrainChunks = 20 });
        bool Collects(AnalysisOptions options)
        {
            var collects = false;
            Analyse(model, "again", options, progress => collects |= progress.Phase == AnalysisPhase.Collecting);
            return collects;
        }
        Assert.False(Collects(new AnalysisOptions { MaximumTrainChunks = 20, Measurement = new MeasurementOptions { Unbiased = true, RieszExponent = 2 } }));
        Assert.True(Collects(new AnalysisOptions { MaximumTrainChunks = 19 }));
        Assert.True(Collects(new AnalysisOptions { MaximumTrainChunks = 20, Measurement = new MeasurementOptions { MinimumSamples = 4 } }));
        using var other = new GptNeo(model.Configuration, CPU, seed: 6);
        var otherCollects = false;
        Analyse(other, "again", new AnalysisOptions { MaximumTrainChunks = 20, Measurement = new MeasurementOptions { MinimumSamples = 4 } }, progress => otherCollects |= progress.Phase == AnalysisPhase.Collecting);
        Assert.True(otherCollects);
    }

    private static void Near(Tensor expected, Tensor actual, double tolerance)
    {
        foreach (var (one, other) in TensorMemory.ToDoubles(expected).Zip(TensorMemory.ToDoubles(actual))) Assert.Equal(one, other, tolerance);
    }

    private sealed class AbandonedException : Exception;

    private sealed class Reporter(Action<AnalysisProgress> report) : IProgress<AnalysisProgress>
    {
        public void Report(AnalysisProgress value) => report(value);
    }
}
