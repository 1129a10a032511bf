using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core.Collapse;
using NcService.Core.Models;
using NcService.Core.Text;
using NcService.Core.Training;
using Spectre.Console;
using static TorchSharp.torch;

namespace NcService.Cli.Verbs;

/// <summary>ncctl analyse: a checkpoint's neural collapse on a dataset.</summary>
internal static class AnalyseVerb
{
    public static Command Create()
    {
        var checkpoint = new Option<DirectoryInfo>("--checkpoint") { Description = "Folder with config.json and model.safetensors", HelpName = "DIR", Required = true };
        var dataset = new Option<DirectoryInfo>("--dataset") { Description = "A prepared dataset with the checkpoint's tokenizer", HelpName = "DIR", Required = true };
        var output = new Option<DirectoryInfo?>("--output", "-o") { Description = "Folder that keeps the class statistics (safetensors); not kept unless given", HelpName = "DIR" };
        var other = new Option<DirectoryInfo?>("--other-dataset") { Description = "A prepared dataset of another corpus, for ood_orthogonality", HelpName = "DIR" };
        var trainChunks = new Option<int?>("--train-chunks") { Description = "Collect at most so many training chunks", HelpName = "N" };
        var validationChunks = new Option<int?>("--validation-chunks") { Description = "Decide at most so many validation chunks", HelpName = "N" };
        var trainLoss = new Option<bool>("--train-loss") { Description = "Also loss and accuracy on the training chunks: a second pass over them" };
        var batchSize = new Option<int>("--batch-size") { Description = "Chunks in one forward pass", DefaultValueFactory = _ => new AnalysisOptions().BatchSize };
        var minimumSamples = new Option<int>("--min-samples") { Description = "Classes with fewer training samples are left out", HelpName = "m", DefaultValueFactory = _ => 1 };
        var unbiased = new Option<bool>("--unbiased") { Description = "Variances with 1/(n−1)" };
        var precision = EnumOption.Of("--precision", "Arithmetic of the forward pass", Precision.Float32);
        var deviceName = DeviceOption.Create();
        var command = new Command("analyse", "Measure a checkpoint's neural collapse on a dataset")
        {
            checkpoint, dataset, output, other, trainChunks, validationChunks, trainLoss, batchSize, minimumSamples, unbiased, precision, deviceName,
        };
        return command.Runs((verb, ct) =>
        {
            var options = new AnalysisOptions
            {
                BatchSize = verb.Get(batchSize),
                MaximumTrainChunks = verb.Get(trainChunks),
                MaximumValidationChunks = verb.Get(validationChunks),
                TrainLoss = verb.Get(trainLoss),
                OutOfDistributionDirectory = verb.Get(other)?.FullName,
                Measurement = new MeasurementOptions { MinimumSamples = verb.Get(minimumSamples), Unbiased = verb.Get(unbiased) },
            };
            options.Validate();
            using var model = ModelCheckpoint.Load(verb.Require(checkpoint).FullName, device(DeviceOption.Resolve(verb.Require(deviceName))));
            model.Precision = verb.Get(precision);
            using var data = TokenDataset.Open(verb.Require(dataset).FullName);
            var result = Analyse(verb, model, data, options, verb.Get(output), ct);
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

    private static JsonObject Json(AnalysisResult result) => new()
    {
        ["metrics"] = new JsonObject(result.Measurements.Select(measurement => KeyValuePair.Create(measurement.Name, Numbers.Json(measurement.Value)))),
        ["train_samples"] = result.TrainSamples,
        ["validation_samples"] = result.ValidationSamples,
        ["classes"] = result.KeptClasses,
        ["seconds"] = Numbers.Json(result.Elapsed.TotalSeconds),
    };

    private static Rows People(AnalysisResult result) => new(
        MeasurementTable.Of(result.Measurements),
        new Text($"{result.TrainSamples:N0} training samples of {result.KeptClasses:N0} classes, {result.ValidationSamples:N0} validation samples, {result.Elapsed.TotalSeconds:F1} s"));
}
