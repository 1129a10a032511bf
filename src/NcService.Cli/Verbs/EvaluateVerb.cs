using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core;
using NcService.Core.Models;
using NcService.Core.Text;
using NcService.Core.Training;
using Spectre.Console;
using static TorchSharp.torch;

namespace NcService.Cli.Verbs;

/// <summary>ncctl evaluate: a checkpoint's loss on a dataset or on given token ids.</summary>
internal static class EvaluateVerb
{
    private const int BatchSize = 16;

    public static Command Create()
    {
        var checkpoint = new Option<DirectoryInfo>("--checkpoint")
        {
            Description = "Folder with config.json and model.safetensors, in Hugging Face's layout",
            HelpName = "DIR",
            Required = true,
        };
        var tokens = new Option<FileInfo>("--tokens") { Description = "A JSON array of arrays of token ids", HelpName = "IDS.json" };
        var dataset = new Option<DirectoryInfo>("--dataset") { Description = "A prepared dataset: its whole validation split, and a fixed sample of its training chunks", HelpName = "DIR" };
        var deviceName = DeviceOption.Create();
        var command = new Command("evaluate", "Next-token losses of a checkpoint on a dataset or on given token ids, in nats, float32") { checkpoint, dataset, tokens, deviceName };
        return command.Runs((verb, ct) =>
        {
            if ((verb.Get(tokens) is null) == (verb.Get(dataset) is null)) throw new InputException("give either --dataset or --tokens");
            var sequences = verb.Get(tokens) is { } file ? TokenIdFile.Read(file.FullName) : null;
            using var model = ModelCheckpoint.Load(verb.Require(checkpoint).FullName, device(DeviceOption.Resolve(verb.Require(deviceName))));
            if (sequences is null)
            {
                using var data = TokenDataset.Open(verb.Require(dataset).FullName);
                var validation = Evaluator.Evaluate(model, data.Validation, BatchSize, ct);
                var sample = Evaluator.EvaluateSample(model, data.Train, new TrainingOptions().TrainSampleChunks, BatchSize, ct);
                verb.Print(Json(validation, sample), () => People(validation, sample));
                return ExitCode.Done;
            }
            var losses = Evaluator.LossPerToken(model, sequences, ct);
            var mean = losses.SelectMany(sequence => sequence).Average(loss => (double)loss);
            verb.Print(Json(mean, losses), () => People(mean, losses));
            return ExitCode.Done;
        });
    }

    private static JsonObject Json(EvaluationResult validation, EvaluationResult sample) => new()
    {
        ["val_loss"] = Numbers.Json(validation.Loss),
        ["val_accuracy"] = Numbers.Json(validation.Accuracy),
        ["perplexity"] = Numbers.Json(validation.Perplexity),
        ["val_samples"] = validation.Samples,
        ["train_loss"] = Numbers.Json(sample.Loss),
        ["train_accuracy"] = Numbers.Json(sample.Accuracy),
        ["train_samples"] = sample.Samples,
    };

    private static Table People(EvaluationResult validation, EvaluationResult sample)
    {
        var table = new Table().AddColumns("split", "samples", "loss, nats", "accuracy", "perplexity");
        void Row(string name, EvaluationResult result) =>
            table.AddRow(name, $"{result.Samples:N0}", Numbers.Text(result.Loss), Numbers.Text(result.Accuracy, 4), Numbers.Text(result.Perplexity));
        Row("validation", validation);
        Row("training (sample)", sample);
        return table;
    }

    private static JsonObject Json(double mean, float[][] losses) => new()
    {
        ["mean_loss"] = Numbers.Json(mean),
        ["loss_per_token"] = new JsonArray([.. losses.Select(sequence => new JsonArray([.. sequence.Select(loss => Numbers.Json(loss))]))]),
    };

    private static Table People(double mean, float[][] losses)
    {
        var table = new Table().AddColumns("sequence", "predicted tokens", "mean loss, nats", "perplexity");
        void Row(string name, int count, double loss) => table.AddRow(name, $"{count:N0}", Numbers.Text(loss), Numbers.Text(Math.Exp(loss)));
        for (var i = 0; i < losses.Length; i++) Row($"{i}", losses[i].Length, losses[i].Average(loss => (double)loss));
        Row("all", losses.Sum(sequence => sequence.Length), mean);
        return table;
    }
}
