using NcService.Core.Models;
using NcService.Core.Text;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// The passes over a dataset that an analysis needs, cut into shards: partial class statistics of ranges of training chunks, merged; with them, decisions on
/// ranges of validation chunks, added up. Every finished shard is a file, so that a collection that was cut off goes on at the last one, and any
/// number of processes given the same folder share the shards. Shards are merged in their order: the result is the same whoever collected what.
/// </summary>
internal sealed class CheckpointCollection(
    GptNeo model, TokenDataset dataset, TokenDataset? elsewhere, AnalysisOptions options, ShardFolder folder, AnalysisTracker tracker, CancellationToken cancellationToken)
{
    private const int MostShards = 32;
    private const int FewestSamples = 1 << 16;
    private const string Merged = "statistics";

    private readonly int layers = options.Layers ? model.Configuration.NumLayers : 0;

    /// <summary>Samples of all passes.</summary>
    public static long SamplesOf(TokenDataset dataset, TokenDataset? elsewhere, AnalysisOptions options)
    {
        static long Samples(TokenSplit split, int chunks) => (long)chunks * (split.ContextLength - 1);
        return (Samples(dataset.Train, ChunkCount(dataset.Train, options.MaximumTrainChunks)) * (options.TrainLoss ? 2 : 1))
            + Samples(dataset.Validation, ChunkCount(dataset.Validation, options.MaximumValidationChunks))
            + (elsewhere is null ? 0 : Samples(elsewhere.Validation, ChunkCount(elsewhere.Validation, options.MaximumValidationChunks)));
    }

    /// <summary>Collects; item 0 is the model itself, item l the output of block l.</summary>
    public IReadOnlyList<CollapseInputs> Collect()
    {
        var train = Pass(dataset.Train, options.MaximumTrainChunks, "train");
        var statistics = CollectStatistics(train);
        var decisions = folder with { Fingerprint = $"{folder.Fingerprint} {CheckedTensors.StatedDigest(folder.FileOf(Merged))}" };
        var validation = Decide(decisions, Pass(dataset.Validation, options.MaximumValidationChunks, "validation"), AnalysisPhase.Deciding, statistics);
        var trained = options.TrainLoss ? Decide(decisions, train with { Name = "train-decisions" }, AnalysisPhase.TrainLoss, statistics) : null;
        var means = elsewhere is null ? null : Means(Pass(elsewhere.Validation, options.MaximumValidationChunks, "elsewhere"));
        return [.. statistics.Select((part, layer) => new CollapseInputs(part)
        {
            Classifier = model.Classifier.detach().cpu().alias().DetachFromDisposeScope(),
            OutOfDistributionMean = means?[layer],
            Validation = validation[layer].Counts,
            ValidationByClass = validation[layer].ByClass,
            Train = trained?[layer].Counts,
            Fingerprint = folder.Fingerprint,
        })];
    }

    private static int ChunkCount(TokenSplit split, int? maximum) => Math.Min(split.ChunkCount, maximum ?? int.MaxValue);

    private ShardedPass Pass(TokenSplit split, int? maximum, string name)
    {
        var chunks = ChunkChoice.Choose(split.ChunkCount, maximum, options.SampleChunks, options.Seed);
        var samplesOfChunk = split.ContextLength - 1;
        var size = options.ShardChunks
            ?? Math.Max((chunks.Length + MostShards - 1) / MostShards, (FewestSamples + samplesOfChunk - 1) / samplesOfChunk);
        // Whole batches: the same batches go through the model, and so the same embeddings come out, however the shards are cut.
        size = (size + options.BatchSize - 1) / options.BatchSize * options.BatchSize;
        return new ShardedPass(name, new EmbeddingStream(model, split, options.BatchSize), [.. chunks.Chunk(size)], split, chunks);
    }

    private ClassStatistics[] CollectStatistics(ShardedPass pass)
    {
        // Classes of one sample add nothing to the scatter matrix, so that only a higher minimum must be known before.
        var minimum = options.Measurement.MinimumSamples;
        var kept = minimum <= 2 ? null
            : Array.ConvertAll(ChunkChoice.LabelCounts(pass.Split, pass.Chunks, model.Configuration.VocabSize, cancellationToken), count => count >= minimum);
        ClassStatisticsAccumulator Empty() => new(model.Configuration.VocabSize, model.Configuration.HiddenSize, model.Device, kept);
        Run(folder, pass, AnalysisPhase.Collecting, (shard, name, report) =>
        {
            var accumulators = Enumerable.Range(0, layers + 1).Select(_ => Empty()).ToArray();
            try
            {
                pass.Stream.Run(shard, accumulators[0].Add, report, cancellationToken, LayerAction((layer, features, labels) => accumulators[layer].Add(features, labels)));
                for (var layer = 0; layer <= layers; layer++)
                {
                    using var part = accumulators[layer].Finish();
                    Write(name + Suffix(layer), part);
                }
            }
            finally
            {
                foreach (var accumulator in accumulators) accumulator.Dispose();
            }
        }, Suffixes);
        foreach (var suffix in Suffixes)
        {
            folder.Finish([Merged + suffix], _ => Merge(pass, suffix, Empty), _ => { }, cancellationToken);
        }
        return [.. Suffixes.Select(suffix => Statistics(Merged + suffix))];
    }

    private void Merge(ShardedPass pass, string suffix, Func<ClassStatisticsAccumulator> empty)
    {
        using var accumulator = empty();
        foreach (var name in pass.Names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var part = Statistics(name + suffix);
            accumulator.Merge(part);
        }
        using var merged = accumulator.Finish();
        Write(Merged + suffix, merged);
    }

    private (DecisionCounts Counts, ClassDecisions ByClass)[] Decide(ShardFolder decisions, ShardedPass pass, AnalysisPhase phase, ClassStatistics[] statistics)
    {
        Run(decisions, pass, phase, (shard, name, report) =>
        {
            var accumulators = Array.ConvertAll(statistics, part => new DecisionAccumulator(
                part, model.Classifier, new DecisionOptions { MinimumSamples = options.Measurement.MinimumSamples, Loss = true }));
            try
            {
                pass.Stream.Run(shard, accumulators[0].Add, report, cancellationToken, LayerAction((layer, features, labels) => accumulators[layer].Add(features, labels)));
                using var scope = NewDisposeScope();
                decisions.Write(name, [.. accumulators.SelectMany((accumulator, layer) => DecisionShard.Parts(LayerName(layer), accumulator.Finish(), accumulator.ByClass))]);
            }
            finally
            {
                foreach (var accumulator in accumulators) accumulator.Dispose();
            }
        });
        return [.. statistics.Select((_, layer) => AddUp(decisions, pass.Names, LayerName(layer)))];
    }

    private static (DecisionCounts Counts, ClassDecisions ByClass) AddUp(ShardFolder decisions, IReadOnlyList<string> names, string layer)
    {
        (DecisionCounts Counts, ClassDecisions ByClass)? total = null;
        foreach (var name in names)
        {
            using var content = decisions.Read(name);
            var part = DecisionShard.Read(content, layer);
            if (total is not { } sum)
            {
                total = part;
                continue;
            }
            sum.ByClass.Merge(part.ByClass);
            total = (sum.Counts.Merge(part.Counts), sum.ByClass);
        }
        return total ?? throw new InputException("The split to decide on has no chunks.");
    }

    /// <summary>The mean embedding of another corpus at each layer: [d] float64.</summary>
    private Tensor[] Means(ShardedPass pass)
    {
        Tensor[] Zeros() => [.. Enumerable.Range(0, layers + 1).Select(_ => zeros(model.Configuration.HiddenSize, dtype: ScalarType.Float64))];
        Run(folder, pass, AnalysisPhase.OutOfDistribution, (shard, name, report) =>
        {
            using var scope = NewDisposeScope();
            var sums = Zeros();
            void Add(int layer, Tensor embeddings) => sums[layer].add_(embeddings.to(ScalarType.Float64).sum(0L).cpu());
            pass.Stream.Run(shard, (embeddings, _) => Add(0, embeddings), report, cancellationToken, LayerAction((layer, embeddings, _) => Add(layer, embeddings)));
            folder.Write(name, [.. sums.Select((sum, layer) => KeyValuePair.Create(LayerName(layer), sum))]);
        });
        var totals = Zeros();
        foreach (var name in pass.Names)
        {
            using var content = folder.Read(name);
            for (var layer = 0; layer <= layers; layer++) totals[layer].add_(content.Tensors[LayerName(layer)]);
        }
        return Array.ConvertAll(totals, total => total.div(pass.Stream.SamplesOf(pass.Chunks.Length)).DetachFromDisposeScope());
    }

    private void Run(
        ShardFolder shards, ShardedPass pass, AnalysisPhase phase, Action<int[], string, Action<long>> collect, IReadOnlyList<string>? parts = null)
    {
        var progress = tracker.Begin(phase, pass.Stream.SamplesOf(pass.Chunks.Length));
        shards.Finish(
            pass.Names,
            i =>
            {
                collect(pass.Shards[i], pass.Names[i], progress.Report);
                progress.Finish(pass.Stream.SamplesOf(pass.Shards[i].Length));
            },
            i => progress.Find(pass.Stream.SamplesOf(pass.Shards[i].Length)),
            cancellationToken,
            parts);
    }

    private Action<int, Tensor, Tensor>? LayerAction(Action<int, Tensor, Tensor> take) => BlockOutputs.Take(model, layers, options.LayerEmbedding, take);

    private void Write(string name, ClassStatistics statistics)
    {
        using var scope = NewDisposeScope();
        folder.Write(name, [.. statistics.Parts()], statistics.Metadata());
    }

    private ClassStatistics Statistics(string name)
    {
        using var content = folder.Read(name);
        return ClassStatistics.From(content, folder.FileOf(name));
    }

    private IReadOnlyList<string> Suffixes => [.. Enumerable.Range(0, layers + 1).Select(Suffix)];

    private static string LayerName(int layer) => layer == 0 ? "model" : $"layer-{layer:00}";

    private static string Suffix(int layer) => layer == 0 ? "" : $".layer-{layer:00}";

    /// <summary>A pass over some chunks in shards.</summary>
    private sealed record ShardedPass(string Name, EmbeddingStream Stream, IReadOnlyList<int[]> Shards, TokenSplit Split, int[] Chunks)
    {
        public IReadOnlyList<string> Names => [.. Enumerable.Range(0, Shards.Count).Select(i => $"{Name}-{i:00000}")];
    }
}
