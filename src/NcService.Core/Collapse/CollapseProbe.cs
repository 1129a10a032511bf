using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using NcService.Core.Models;
using NcService.Core.Text;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// Measures a model every so many steps of its training on the same few chunks, and appends each result as a line to a file: neural collapse as a curve. A
/// training that goes on from a saved state takes its steps again with the same numbers: a step that the file has is not measured twice.
/// </summary>
public sealed class CollapseProbe
{
    /// <summary>Name of the file in a training folder.</summary>
    public const string FileName = "probe.jsonl";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly TokenDataset dataset;
    private readonly ProbeOptions options;
    private readonly string path;
    private readonly HashSet<long> steps;

    /// <summary>A probe that writes to a file, which may hold the lines of a training that was cut off.</summary>
    /// <exception cref="InputException">An option has no meaning.</exception>
    public CollapseProbe(TokenDataset dataset, ProbeOptions options, string path)
    {
        options.Validate();
        (this.dataset, this.options, this.path) = (dataset, options, path);
        DropTornLine();
        steps = [.. Read(path).Select(point => point.Step)];
    }

    /// <summary>Measures where that step is due: the first, every <see cref="ProbeOptions.Interval"/>-th.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was written.</exception>
    public void Observe(GptNeo model, long step, CancellationToken cancellationToken)
    {
        if (step % options.Interval != 0 || !steps.Add(step)) return;
        try
        {
            Append(Measure(model, step, cancellationToken));
        }
        catch
        {
            steps.Remove(step);
            throw;
        }
    }

    /// <summary>The lines of a file in order of their steps; a last line that is being written is left out.</summary>
    public static IReadOnlyList<ProbePoint> Read(string path)
    {
        if (!File.Exists(path)) return [];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        var points = new SortedDictionary<long, ProbePoint>();
        while (reader.ReadLine() is { } line)
        {
            if (Parse(line) is { } point) points[point.Step] = point;
        }
        return [.. points.Values];
    }

    private ProbePoint Measure(GptNeo model, long step, CancellationToken cancellationToken)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var layers = options.Layers ? model.Configuration.NumLayers : 0;
        var statistics = Collect(model, layers, cancellationToken);
        try
        {
            var decisions = Decide(model, statistics, cancellationToken);
            var measured = statistics.Select((part, layer) => Values(part, model, decisions[layer], cancellationToken)).ToArray();
            return new ProbePoint(step, statistics[0].SampleCount, decisions[0].KeptClasses, measured[0], layers == 0 ? null : measured[1..]);
        }
        finally
        {
            foreach (var part in statistics) part.Dispose();
        }
    }

    private ClassStatistics[] Collect(GptNeo model, int layers, CancellationToken cancellationToken)
    {
        var chunks = ChunkChoice.Choose(dataset.Train.ChunkCount, options.TrainChunks, sample: false, seed: 0);
        var minimum = options.Measurement.MinimumSamples;
        var kept = minimum <= 2 ? null
            : Array.ConvertAll(ChunkChoice.LabelCounts(dataset.Train, chunks, model.Configuration.VocabSize, cancellationToken), count => count >= minimum);
        var accumulators = Enumerable.Range(0, layers + 1)
            .Select(_ => new ClassStatisticsAccumulator(model.Configuration.VocabSize, model.Configuration.HiddenSize, model.Device, kept)).ToArray();
        try
        {
            new EmbeddingStream(model, dataset.Train, options.BatchSize).Run(
                chunks, accumulators[0].Add, _ => { }, cancellationToken, BlockOutputs.Take(model, layers, options.LayerEmbedding, (layer, features, labels) => accumulators[layer].Add(features, labels)));
            return Array.ConvertAll(accumulators, accumulator => accumulator.Finish());
        }
        finally
        {
            foreach (var accumulator in accumulators) accumulator.Dispose();
        }
    }

    private DecisionCounts[] Decide(GptNeo model, ClassStatistics[] statistics, CancellationToken cancellationToken)
    {
        var chunks = ChunkChoice.Choose(dataset.Validation.ChunkCount, options.ValidationChunks, sample: false, seed: 0);
        var accumulators = Array.ConvertAll(statistics, part => new DecisionAccumulator(
            part, model.Classifier, new DecisionOptions { MinimumSamples = options.Measurement.MinimumSamples, Loss = true }));
        try
        {
            new EmbeddingStream(model, dataset.Validation, options.BatchSize).Run(
                chunks, accumulators[0].Add, _ => { }, cancellationToken,
                BlockOutputs.Take(model, statistics.Length - 1, options.LayerEmbedding, (layer, features, labels) => accumulators[layer].Add(features, labels)));
            return Array.ConvertAll(accumulators, accumulator => accumulator.Finish());
        }
        finally
        {
            foreach (var accumulator in accumulators) accumulator.Dispose();
        }
    }

    private Dictionary<string, double?> Values(ClassStatistics statistics, GptNeo model, DecisionCounts decisions, CancellationToken cancellationToken) =>
        CollapseMeasurements.Measure(statistics, model.Classifier.detach(), decisions, options: options.Measurement, cancellationToken: cancellationToken)
            .Concat(DecisionMeasurements.Generalisation(decisions, train: null))
            .ToDictionary(measurement => measurement.Name, measurement => measurement.Value, StringComparer.Ordinal);

    private void Append(ProbePoint point)
    {
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(point, Format), (byte)'\n']);
    }

    /// <summary>A process that was killed while it wrote leaves half a line, to which the next would be glued.</summary>
    private void DropTornLine()
    {
        if (!File.Exists(path)) return;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        using var reader = new StreamReader(stream, new UTF8Encoding(false), false, -1, leaveOpen: true);
        var text = reader.ReadToEnd();
        stream.SetLength(Encoding.UTF8.GetByteCount(text.AsSpan(0, text.LastIndexOf('\n') + 1)));
    }

    private static ProbePoint? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<ProbePoint>(line, Format);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>When and on what a training is probed.</summary>
public sealed record ProbeOptions
{
    /// <summary>Steps between two measurements; the model before its first step is measured too.</summary>
    public required int Interval { get; init; }

    /// <summary>Training chunks, the first ones, whose embeddings make the classes.</summary>
    public int TrainChunks { get; init; } = 64;

    /// <summary>Validation chunks, the first ones, that are decided.</summary>
    public int ValidationChunks { get; init; } = 16;

    /// <summary>Chunks in one forward pass.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Measure the output of every block as well.</summary>
    public bool Layers { get; init; }

    /// <summary>What is taken as a block's embedding where <see cref="Layers"/> is asked for.</summary>
    public LayerEmbedding LayerEmbedding { get; init; }

    /// <summary>Conventions of the measurements.</summary>
    public MeasurementOptions Measurement { get; init; } = new();

    /// <summary>Refuses options that have no meaning.</summary>
    /// <exception cref="InputException">An option is out of its range.</exception>
    public void Validate()
    {
        if (Interval < 1) throw new InputException($"A probe must have at least 1 step between two measurements, not {Interval}.");
        if (TrainChunks < 1 || ValidationChunks < 1) throw new InputException($"A probe needs at least one training and one validation chunk, not {TrainChunks} and {ValidationChunks}.");
        if (BatchSize < 1) throw new InputException($"The batch size must be at least 1, not {BatchSize}.");
        Measurement.Validate();
    }
}

/// <summary>One line of a probe's file.</summary>
/// <param name="Step">Optimizer steps done; 0 is before the first.</param>
/// <param name="Samples">Samples in the class statistics.</param>
/// <param name="Classes">|C|.</param>
/// <param name="Measurements">Values by name; null where undefined.</param>
/// <param name="Layers">The same at the output of each block, in their order; null where they were not asked for.</param>
public sealed record ProbePoint(
    long Step, long Samples, int Classes, IReadOnlyDictionary<string, double?> Measurements, IReadOnlyList<IReadOnlyDictionary<string, double?>>? Layers);
