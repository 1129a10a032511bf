using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core.Models;
using NcService.Core.Text;
using Spectre.Console;
using static TorchSharp.torch;

namespace NcService.Cli.Verbs;

/// <summary>ncctl sample: text that a checkpoint writes.</summary>
internal static class SampleVerb
{
    private static readonly SamplingOptions s_default = new();

    public static Command Create()
    {
        var checkpoint = new Option<DirectoryInfo>("--checkpoint")
        {
            Description = "Folder with model and tokenizer, in Hugging Face's layout",
            HelpName = "DIR",
            Required = true,
        };
        var prompt = new Option<string>("--prompt") { Description = "How the text begins", DefaultValueFactory = _ => "", HelpName = "TEXT" };
        var count = TrainingOptionSet.Of("--count", "Texts to draw; text i has seed + i", 1);
        var maximumTokens = TrainingOptionSet.Of("--maximum-tokens", "Tokens to draw at most for each", s_default.MaximumTokens);
        var temperature = TrainingOptionSet.Of("--temperature", "Below 1 likelier tokens become likelier still; 0 takes the likeliest", s_default.Temperature);
        var topK = TrainingOptionSet.Of("--top-k", "Draw from so many of the likeliest tokens; 0 draws from all", s_default.TopK);
        var seed = TrainingOptionSet.Of("--seed", "The same seed gives the same text", s_default.Seed);
        var deviceName = DeviceOption.Create();
        var command = new Command("sample", "Let a checkpoint write text") { checkpoint, prompt, count, maximumTokens, temperature, topK, seed, deviceName };
        return command.Runs((verb, ct) =>
        {
            var options = new SamplingOptions { MaximumTokens = verb.Get(maximumTokens), Temperature = verb.Get(temperature), TopK = verb.Get(topK) };
            options.Check();
            var folder = verb.Require(checkpoint).FullName;
            using var model = ModelCheckpoint.Load(folder, device(DeviceOption.Resolve(verb.Require(deviceName))));
            var tokenizer = ByteLevelTokenizer.Load(folder);
            var texts = Enumerable.Range(0, verb.Get(count))
                .Select(i => TextSampler.Continue(model, tokenizer, verb.Require(prompt), options with { Seed = unchecked(verb.Get(seed) + i) }, ct)).ToArray();
            verb.Print(new JsonArray([.. texts.Select(text => (JsonNode)text)]), () => new Rows(texts.Select(text => new Text(text + "\n"))));
            return ExitCode.Done;
        });
    }
}
