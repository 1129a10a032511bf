using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core.Models;
using NcService.Core.Training;
using Spectre.Console;
using static TorchSharp.torch;

namespace NcService.Cli.Verbs;

/// <summary>ncctl evaluate: a checkpoint's loss on given token ids.</summary>
internal static class EvaluateVerb
{
    public static Command Create()
    {
        var checkpoint = new Option<DirectoryInfo>("--checkpoint")
        {
            Description = "Folder with config.json and model.safetensors, in Hugging Face's layout",
            HelpName = "DIR",
            Required = true,
        };
        var tokens = new Option<FileInfo>("--tokens") { Description = "A JSON array of arrays of token ids", HelpName = "IDS.json", Required = true };
        var deviceName = DeviceOption.Create();
        var command = new Command("evaluate", "Next-token losses of a checkpoint on given token ids, in nats, float32") { checkpoint, tokens, deviceName };
        return command.Runs((verb, ct) =>
        {
            var sequences = TokenIdFile.Read(verb.Require(tokens).FullName);
            using var model = ModelCheckpoint.Load(verb.Require(checkpoint).FullName, device(DeviceOption.Resolve(verb.Require(deviceName))));
            var losses = Evaluator.LossPerToken(model, sequences, ct);
            var mean = losses.SelectMany(sequence => sequence).Average(loss => (double)loss);
            verb.Print(Json(mean, losses), () => People(mean, losses));
            return ExitCode.Done;
        });
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
