using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core.Collapse;
using NcService.Core.Models;
using NcService.Core.Text;
using NcService.Core.Training;
using Spectre.Console;
using static TorchSharp.torch;

namespace NcService.Cli.Verbs;

/// <summary>ncctl train: one GPT-Neo on one dataset, in this process.</summary>
internal static class TrainVerb
{
    public static Command Create()
    {
        var dataset = new Option<DirectoryInfo>("--dataset") { Description = "A prepared dataset", HelpName = "DIR", Required = true };
        var output = new Option<DirectoryInfo>("--output", "-o")
        {
            Description = "Folder for checkpoint, losses and state; a run that was interrupted there goes on",
            HelpName = "DIR",
            Required = true,
        };
        var width = new Option<int>("--width") { Description = "d, the dimension of embeddings", HelpName = "d", Required = true };
        var depth = new Option<int>("--depth") { Description = "L, the number of layers", HelpName = "L", Required = true };
        var probeInterval = new Option<int?>("--probe-interval") { Description = "Measure neural collapse on the same few chunks every so many steps, into probe.jsonl", HelpName = "N" };
        var probeChunks = new Option<int>("--probe-chunks") { Description = "Training chunks that are probed", DefaultValueFactory = _ => 64 };
        var probeLayers = new Option<bool>("--probe-layers") { Description = "Probe the output of every block as well" };
        var options = new TrainingOptionSet();
        var command = new Command("train", "Train a GPT-Neo from scratch") { dataset, output, width, depth, probeInterval, probeChunks, probeLayers };
        options.AddTo(command);
        return command.Runs((verb, ct) =>
        {
            var training = options.Read(verb);
            using var data = TokenDataset.Open(verb.Require(dataset).FullName);
            var configuration = GptNeoConfiguration.Create(verb.Get(width), verb.Get(depth), data.Manifest.VocabularySize, data.Manifest.ContextLength);
            using var model = new GptNeo(configuration, device(training.Device), training.Seed);
            Directory.CreateDirectory(verb.Require(output).FullName);
            var probe = verb.Get(probeInterval) is not { } interval ? null : new CollapseProbe(
                data, new ProbeOptions { Interval = interval, TrainChunks = verb.Get(probeChunks), Layers = verb.Get(probeLayers) },
                Path.Combine(verb.Require(output).FullName, CollapseProbe.FileName));
            var trainer = new Trainer(model, data, training, verb.Require(output).FullName)
            {
                AfterStep = probe is null ? null : (step, token) => probe.Observe(model, step, token),
            };
            verb.Remark($"takes {trainer.Memory}");
            var result = ProgressDisplay.Show(verb, display => trainer.Run(new ReportTo<TrainingProgress>(progress => Report(display, progress)), ct));
            var checkpoint = Path.Combine(verb.Require(output).FullName, "checkpoint");
            verb.Print(Json(result, configuration, checkpoint), () => People(result, configuration, checkpoint));
            return ExitCode.Done;
        });
    }

    private static void Report(ProgressDisplay display, TrainingProgress progress) => display.Report(
        "training",
        (double)progress.Step / progress.TotalSteps,
        $"step {progress.Step:N0} of {progress.TotalSteps:N0}, loss {Numbers.Text(progress.Loss, 4)}"
        + (progress.ValidationLoss is { } loss ? $", validation {Numbers.Text(loss, 4)}" : "")
        + $", {progress.TokensPerSecond:N0} tokens/s");

    private static JsonObject Json(TrainingResult result, GptNeoConfiguration configuration, string checkpoint) => new()
    {
        ["checkpoint"] = checkpoint,
        ["parameters"] = configuration.ParameterCount,
        ["steps"] = result.Steps,
        ["tokens"] = result.TokensSeen,
        ["initial_val_loss"] = Numbers.Json(result.InitialValidationLoss),
        ["val_loss"] = Numbers.Json(result.ValidationLoss),
        ["val_accuracy"] = Numbers.Json(result.ValidationAccuracy),
        ["perplexity"] = Numbers.Json(result.Perplexity),
        ["train_loss"] = Numbers.Json(result.TrainLoss),
        ["train_accuracy"] = Numbers.Json(result.TrainAccuracy),
        ["seconds"] = Numbers.Json(result.Elapsed.TotalSeconds),
    };

    private static Table People(TrainingResult result, GptNeoConfiguration configuration, string checkpoint)
    {
        var table = new Table().AddColumns("quantity", "value");
        table.AddRow("checkpoint", Markup.Escape(checkpoint));
        table.AddRow("parameters", $"{configuration.ParameterCount:N0}");
        table.AddRow("steps", $"{result.Steps:N0}");
        table.AddRow("tokens", $"{result.TokensSeen:N0}");
        table.AddRow("validation loss before, nats", Numbers.Text(result.InitialValidationLoss));
        table.AddRow("validation loss, nats", Numbers.Text(result.ValidationLoss));
        table.AddRow("validation accuracy", Numbers.Text(result.ValidationAccuracy, 4));
        table.AddRow("perplexity", Numbers.Text(result.Perplexity));
        table.AddRow("training loss, nats", Numbers.Text(result.TrainLoss));
        table.AddRow("time", $"{result.Elapsed:hh\\:mm\\:ss}");
        return table;
    }
}
