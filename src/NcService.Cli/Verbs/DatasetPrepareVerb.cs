using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core.Text;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>ncctl dataset prepare: from text to chunks of token ids.</summary>
internal static class DatasetPrepareVerb
{
    public static Command Create() => new("dataset", "Prepare datasets") { Prepare() };

    private static Command Prepare()
    {
        var options = new DatasetOptions();
        var output = new Option<DirectoryInfo>("--output", "-o") { Description = "Folder to write; it appears when it is whole", HelpName = "DIR", Required = true };
        var command = new Command("prepare", "Tokenise a corpus and pack it into chunks of T tokens, split into training and validation by document") { output };
        options.AddTo(command);
        return command.Runs(async (verb, ct) =>
        {
            var specification = options.Read(verb);
            var directory = verb.Require(output).FullName;
            var manifest = await ProgressDisplay.ShowAsync(verb, display => DatasetPreparation.PrepareAsync(
                specification, directory, new ReportTo<DatasetProgress>(progress => Report(display, progress)), ct));
            verb.Print(Json(directory, manifest), () => People(directory, manifest));
            return ExitCode.Done;
        });
    }

    private static void Report(ProgressDisplay display, DatasetProgress progress) =>
        display.Report(progress.Stage, progress.Fraction, $"{progress.Documents:N0} documents, {progress.Tokens:N0} tokens");

    private static JsonObject Json(string directory, DatasetManifest manifest) => new()
    {
        ["directory"] = directory,
        ["hash"] = manifest.Hash,
        ["vocabulary_size"] = manifest.VocabularySize,
        ["context_length"] = manifest.ContextLength,
        ["documents"] = manifest.DocumentCount,
        ["train_chunks"] = manifest.TrainChunks,
        ["train_tokens"] = manifest.TrainTokens,
        ["validation_chunks"] = manifest.ValidationChunks,
        ["validation_tokens"] = manifest.ValidationTokens,
    };

    private static Table People(string directory, DatasetManifest manifest)
    {
        var table = new Table().AddColumns("dataset", Markup.Escape(directory));
        table.AddRow("documents", $"{manifest.DocumentCount:N0}");
        table.AddRow("vocabulary", $"{manifest.VocabularySize:N0} tokens");
        table.AddRow("chunks of T =", $"{manifest.ContextLength:N0} tokens");
        table.AddRow("training", $"{manifest.TrainChunks:N0} chunks, {manifest.TrainTokens:N0} tokens");
        table.AddRow("validation", $"{manifest.ValidationChunks:N0} chunks, {manifest.ValidationTokens:N0} tokens");
        table.AddRow("hash", manifest.Hash);
        return table;
    }
}
