using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Core;
using NcService.Platform.Results;
using NcService.Platform.Store;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>ncctl import: results computed elsewhere become a study like any other, marked as imported.</summary>
internal static class ImportVerb
{
    public static Command Create()
    {
        var table = new Argument<FileInfo>("TABLE.csv") { Description = "One row per model: a column of names, val_loss, and measurements by name; or one of the study's published tables" };
        var name = new Option<string?>("--name") { Description = "Name of the study; the file's name unless given" };
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder of the store to import into", HelpName = "DIR", DefaultValueFactory = _ => new DirectoryInfo("data") };
        var command = new Command("import", "Import a table of results as a study") { table, name, data };
        return command.Runs(async (verb, ct) =>
        {
            var path = verb.Require(table).FullName;
            await using var store = await LocalStore.OpenAsync(verb.Require(data).FullName, verb, null, ct);
            using var reader = Open(path);
            var study = await store.Get<ResultImport>().ImportAsync(reader, path, verb.Get(name), ct);
            var results = await store.Get<StudyResults>().LoadAsync(study.Id, ct);
            verb.Print(Json(study, results), () => People(study, results));
            return ExitCode.Done;
        });
    }

    private static StreamReader Open(string path)
    {
        try
        {
            return new StreamReader(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read {path}: {fault.Message}", fault);
        }
    }

    private static JsonObject Json(Study study, ResultTable results) => new()
    {
        ["study_id"] = study.Id,
        ["name"] = study.Name,
        ["runs"] = results.Rows.Count,
        ["measurements"] = new JsonArray([.. results.Measurements.Select(name => JsonValue.Create(name))]),
        ["outcomes"] = new JsonArray([.. results.Outcomes.Select(name => JsonValue.Create(name))]),
    };

    private static Table People(Study study, ResultTable results)
    {
        var table = new Table().AddColumns("study", Markup.Escape($"{study.Name} (number {study.Id})"));
        table.AddRow("runs", $"{results.Rows.Count:N0}");
        table.AddRow("measurements", Markup.Escape(string.Join(", ", results.Measurements)));
        table.AddRow("outcomes", Markup.Escape(string.Join(", ", results.Outcomes)));
        foreach (var group in StudyResults.SeedGroups(results)) table.AddRow("seed group", Markup.Escape(group.Description));
        return table;
    }
}
