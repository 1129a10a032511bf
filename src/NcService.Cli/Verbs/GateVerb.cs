using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using NcService.Cli.Remote;
using NcService.Core;
using NcService.Core.Statistics;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>ncctl gate: passes or fails a CI job on a model's measurements.</summary>
internal static class GateVerb
{
    public static Command Create()
    {
        var run = new Option<long?>("--run") { Description = "The run on the server whose latest analysis is looked at", HelpName = "ID" };
        var input = new Option<FileInfo?>("--input", "-i") { Description = "Instead of a run: the JSON that measure or analyse printed", HelpName = "METRICS.json" };
        var require = new Option<string[]>("--require")
        {
            Description = "A condition over measurements, such as 'val_loss <= 2.5' or 'ncc_agreement > 0.3'; several must all hold",
            HelpName = "CONDITION",
            Required = true,
        };
        var server = ServerOptions.Server();
        var command = new Command("gate", "Exit 0 where a model's measurements meet every condition, else 1") { run, input, require, server };
        return command.Runs(async (verb, ct) =>
        {
            var conditions = verb.Require(require).Select(Condition.Parse).ToArray();
            var measurements = Table((verb.Get(run), verb.Get(input)) switch
            {
                ({ } id, null) => await FromServerAsync(verb.Get(server), id, ct),
                (null, { } file) => FromFile(file.FullName),
                _ => throw new InputException("exactly one of --run ID and --input METRICS.json is needed"),
            });
            var results = conditions.Select(condition => (condition, condition.Check(measurements))).ToArray();
            var met = results.All(result => result.Item2.Met);
            verb.Print(Json(met, results), () => People(results));
            return met ? ExitCode.Done : ExitCode.GateNotMet;
        });
    }

    private static async Task<Dictionary<string, double>> FromServerAsync(string? server, long run, CancellationToken ct)
    {
        using var client = new ServerClient(server);
        var page = await client.GetAsync($"runs/{run}/analyses?pageSize=200", ct);
        var analysis = page["items"]!.AsArray().Where(item => (string?)item!["state"] == "succeeded").MaxBy(item => (long)item!["id"]!)
            ?? throw new InputException($"run {run} has no finished analysis");
        return analysis["measurements"]!.AsArray().ToDictionary(row => (string)row!["name"]!, row => (double?)row!["value"] ?? double.NaN, StringComparer.Ordinal);
    }

    private static Dictionary<string, double> FromFile(string path)
    {
        try
        {
            var metrics = JsonNode.Parse(File.ReadAllText(path))?["metrics"] as JsonObject
                ?? throw new InputException($"{path} has no object 'metrics', as measure and analyse print it");
            return metrics.ToDictionary(pair => pair.Key, pair => (double?)pair.Value ?? double.NaN, StringComparer.Ordinal);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException)
        {
            throw new InputException($"cannot read {path}: {fault.Message}", fault);
        }
    }

    /// <summary>One row, so that conditions are evaluated as expressions over columns are.</summary>
    private static DataTable Table(Dictionary<string, double> measurements)
    {
        static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        var header = string.Join(',', measurements.Keys.Prepend("model").Select(Quote));
        var values = string.Join(',', measurements.Values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)).Prepend("model"));
        using var reader = new StringReader($"{header}\n{values}\n");
        return DataTable.ReadCsv(reader, "the measurements");
    }

    private static JsonObject Json(bool met, IEnumerable<(Condition Condition, (double Left, double Right, bool Met) Result)> results) => new()
    {
        ["met"] = met,
        ["conditions"] = new JsonArray([.. results.Select(row => new JsonObject
        {
            ["condition"] = row.Condition.Text,
            ["left"] = Numbers.Json(row.Result.Left),
            ["right"] = Numbers.Json(row.Result.Right),
            ["met"] = row.Result.Met,
        })]),
    };

    private static Table People(IEnumerable<(Condition Condition, (double Left, double Right, bool Met) Result)> results)
    {
        var table = new Table().AddColumns("condition", "left", "right", "met");
        foreach (var (condition, result) in results)
            table.AddRow(Markup.Escape(condition.Text), Numbers.Text(result.Left), Numbers.Text(result.Right), result.Met ? "yes" : "NO");
        return table;
    }
}
