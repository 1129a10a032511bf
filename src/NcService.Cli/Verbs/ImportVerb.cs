using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using NcService.Cli.Remote;
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
        var data = new Option<DirectoryInfo?>("--data") { Description = "Folder of a local store to import into, with no server", HelpName = "DIR" };
        var server = ServerOptions.Server();
        var command = new Command("import", "Import a table of results as a study, to a server or into a local store") { table, name, data, server };
        return command.Runs(async (verb, ct) =>
        {
            var path = verb.Require(table).FullName;
            if (verb.Get(data) is not { } folder) return await SendAsync(verb, path, verb.Get(name), verb.Get(server), ct);
            if (verb.Get(server) is not null) throw new InputException("--data and --server exclude each other");
            await using var store = await LocalStore.OpenAsync(folder.FullName, verb, null, ct);
            using var reader = Open(path);
            var study = await store.Get<ResultImport>().ImportAsync(reader, path, verb.Get(name), ct);
            var results = await store.Get<StudyResults>().LoadAsync(study.Id, ct);
            verb.Print(Json(study, results), () => People(study, results));
            return ExitCode.Done;
        });
    }

    private static async Task<int> SendAsync(VerbInvocation verb, string path, string? name, string? server, CancellationToken ct)
    {
        using var reader = Open(path);
        var csv = await reader.ReadToEndAsync(ct);
        using var client = new ServerClient(server);
        var query = $"fileName={Uri.EscapeDataString(Path.GetFileName(path))}" + (name is null ? "" : $"&studyName={Uri.EscapeDataString(name)}");
        var answer = await client.PostAsync($"imports?{query}", () => new StringContent(csv, Encoding.UTF8, "text/csv"), null, ct);
        var study = answer["study"]!;
        var (id, called, runs) = ((long)study["id"]!, (string)study["name"]!, (int)study["runs"]!["succeeded"]!);
        verb.Print(
            new JsonObject { ["study_id"] = id, ["name"] = called, ["runs"] = runs },
            () => new Table().AddColumns("study", Markup.Escape($"{called} (number {id})")).AddRow("runs", $"{runs:N0}"));
        return ExitCode.Done;
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
