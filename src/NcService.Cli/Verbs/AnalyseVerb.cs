using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core.Collapse;
using NcService.Core.Models;
using NcService.Core.Text;
using NcService.Core.Training;
using Spectre.Console;
using Spectre.Console.Rendering;
using static TorchSharp.torch;

namespace NcService.Cli.Verbs;

/// <summary>ncctl analyse: a checkpoint's neural collapse on a dataset.</summary>
internal static class AnalyseVerb
{
    public static Command Create()
    {
        var checkpoint = new Option<DirectoryInfo>("--checkpoint") { Description = "Folder with config.json and model.safetensors", HelpName = "DIR", Required = true };
        var dataset = new Option<DirectoryInfo>("--dataset") { Description = "A prepared dataset with the checkpoint's tokenizer", HelpName = "DIR", Required = true };
        var output = new Option<DirectoryInfo?>("--output", "-o")
        {
            Description = "Folder that keeps the class statistics (safetensors) and, until they are done, partial results: several calls given the same folder share the work, and a call that was cut off goes on. Nothing is kept unless given",
            HelpName = "DIR",
        };
        var other = new Option<DirectoryInfo?>("--other-dataset") { Description = "A prepared dataset of another corpus, for ood_orthogonality", HelpName = "DIR" };
        var trainChunks = new Option<int?>("--train-chunks") { Description = "Collect at most so many training chunks", HelpName = "N" };
        var validationChunks = new Option<int?>("--validation-chunks") { Description = "Decide at most so many validation chunks", HelpName = "N" };
        var trainLoss = new Option<bool>("--train-loss") { Description = "Also loss and accuracy on the training chunks: a second pass over them" };
        var batchSize = new Option<int>("--batch-size") { Description = "Chunks in one forward pass", DefaultValueFactory = _ => new AnalysisOptions().BatchSize };
        var sample = new Option<bool>("--sample") { Description = "With --train-chunks or --validation-chunks: a seeded sample of chunks instead of the first ones" };
        var seed = new Option<int>("--seed") { Description = "Seed of that sample" };
        var layers = new Option<bool>("--layers") { Description = "Measure the output of every block as well, in the same forward pass" };
        var layerEmbedding = EnumOption.Of("--layer-embedding", "What is measured of a block: the final LayerNorm of its output, or the residual stream itself", LayerEmbedding.Normalised);
        var shardChunks = new Option<int?>("--shard-chunks") { Description = "Training chunks between two saved partial results, from which a call that was cut off goes on", HelpName = "N" };
        var classes = new Option<FileInfo?>("--classes") { Description = "Write the per-class table: count, norm, variance, self-duality, agreement, nearest classes", HelpName = "FILE.csv" };
        var nearest = new Option<int>("--nearest") { Description = "Nearest classes that the table lists", DefaultValueFactory = _ => new AnalysisOptions().NearestClasses };
        var conventions = new MeasurementOptionSet();
        var precision = EnumOption.Of("--precision", "Arithmetic of the forward pass", Precision.Float32);
        var deviceName = DeviceOption.Create();
        var command = new Command("analyse", "Measure a checkpoint's neural collapse on a dataset")
        {
            checkpoint, dataset, output, other, trainChunks, validationChunks, trainLoss, batchSize, sample, seed, layers, layerEmbedding, shardChunks, classes, nearest,
            precision, deviceName,
        };
        conventions.AddTo(command);
        return command.Runs((verb, ct) =>
        {
            var options = new AnalysisOptions
            {
                BatchSize = verb.Get(batchSize),
                MaximumTrainChunks = verb.Get(trainChunks),
                MaximumValidationChunks = verb.Get(validationChunks),
                SampleChunks = verb.Get(sample),
                Seed = verb.Get(seed),
                TrainLoss = verb.Get(trainLoss),
                Layers = verb.Get(layers),
                LayerEmbedding = verb.Get(layerEmbedding),
                ShardChunks = verb.Get(shardChunks),
                NearestClasses = verb.Get(nearest),
                OutOfDistributionDirectory = verb.Get(other)?.FullName,
                Measurement = conventions.Read(verb),
            };
            options.Validate();
            using var model = ModelCheckpoint.Load(verb.Require(checkpoint).FullName, device(DeviceOption.Resolve(verb.Require(deviceName))));
            model.Precision = verb.Get(precision);
            using var data = TokenDataset.Open(verb.Require(dataset).FullName);
            var result = Analyse(verb, model, data, options, verb.Get(output), ct);
            if (verb.Get(classes) is { } table) ClassTableCsv.Write(result.Classes, table.FullName);
            verb.Print(Json(result), () => People(result));
            return ExitCode.Done;
        });
    }

    private static AnalysisResult Analyse(VerbInvocation verb, GptNeo model, TokenDataset data, AnalysisOptions options, DirectoryInfo? output, CancellationToken ct)
    {
        var folder = output ?? Directory.CreateTempSubdirectory("ncctl-analyse-");
        try
        {
            return ProgressDisplay.Show(verb, display => CheckpointAnalysis.Analyse(
                model, data, options, folder.FullName, new ReportTo<AnalysisProgress>(progress => Report(display, progress)), ct));
        }
        finally
        {
            if (output is null) folder.Delete(recursive: true);
        }
    }

    private static void Report(ProgressDisplay display, AnalysisProgress progress) => display.Report(
        EnumOption.Name(progress.Phase),
        progress.TotalSamples > 0 ? (double)progress.Samples / progress.TotalSamples : null,
        $"{progress.Samples:N0} of {progress.TotalSamples:N0} samples, {progress.SamplesPerSecond:N0} a second");

    private static JsonObject Json(AnalysisResult result)
    {
        var json = MeasurementTable.Json(result.Measurements);
        json["train_samples"] = result.TrainSamples;
        json["validation_samples"] = result.ValidationSamples;
        json["classes"] = result.KeptClasses;
        json["validation_counts"] = MeasurementTable.Counts(result.Decisions);
        if (result.Layers.Count > 0)
        {
            json["layers"] = new JsonArray([.. result.Layers.Select(layer =>
            {
                var measured = MeasurementTable.Json(layer.Measurements);
                measured.Insert(0, "layer", layer.Layer);
                return measured;
            })]);
        }
        MeasurementTable.AddIntervals(json, result.Details);
        json["seconds"] = Numbers.Json(result.Elapsed.TotalSeconds);
        return json;
    }

    private static Rows People(AnalysisResult result)
    {
        var rows = new List<IRenderable> { MeasurementTable.Of(result.Measurements) };
        if (result.Layers.Count > 0) rows.Add(MeasurementTable.ByLayer(result.Layers));
        rows.Add(new Text($"{result.TrainSamples:N0} training samples of {result.KeptClasses:N0} classes, {result.ValidationSamples:N0} validation samples, {result.Elapsed.TotalSeconds:F1} s"));
        return new Rows(rows);
    }
}
