using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using NcService.Cli.Remote;
using NcService.Core;
using NcService.Core.Statistics;

namespace NcService.Cli.Gates;

/// <summary>A model's measurements, and what it is called.</summary>
/// <param name="Name">For people.</param>
/// <param name="RunId">The run on the server; null where the measurements come from a file.</param>
/// <param name="Values">By name; NaN where undefined.</param>
internal sealed record MeasuredRun(string Name, long? RunId, IReadOnlyDictionary<string, double> Values)
{
    private const string LatestPrefix = "latest:";
    private const string RunPrefix = "run:";

    /// <summary>The latest finished analysis of a run on the server.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static async Task<MeasuredRun> FromServerAsync(ServerClient client, long run, CancellationToken ct) =>
        await TryFromServerAsync(client, run, $"run {run}", ct) ?? throw new InputException($"run {run} has no finished analysis");

    /// <summary>
    /// What a run is compared with: <c>run:ID</c>, or <c>latest:TAG</c>, the latest earlier run of the same study with that tag and a finished analysis.
    /// Null where there is no such run yet, as in a project's first pipeline.
    /// </summary>
    /// <exception cref="InputException">The text is of neither form.</exception>
    public static async Task<MeasuredRun?> BaselineAsync(ServerClient client, string text, long runId, CancellationToken ct)
    {
        if (text.StartsWith(RunPrefix, StringComparison.Ordinal) && long.TryParse(text.AsSpan(RunPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return await FromServerAsync(client, id, ct);
        if (!text.StartsWith(LatestPrefix, StringComparison.Ordinal) || text.Length == LatestPrefix.Length) throw new InputException($"--baseline '{text}' is neither latest:TAG nor run:ID");
        var tag = Uri.EscapeDataString(text[LatestPrefix.Length..]);
        var study = (long)(await client.GetAsync($"runs/{runId}", ct))["run"]!["studyId"]!;
        var page = await client.GetAsync($"studies/{study}/runs?tag={tag}&state=succeeded&sort=-id&pageSize=50", ct);
        foreach (var run in page["items"]!.AsArray().Where(run => (long)run!["id"]! < runId))
            if (await TryFromServerAsync(client, (long)run!["id"]!, (string)run["name"]!, ct) is { } measured) return measured;
        return null;
    }

    /// <summary>The JSON that measure and analyse print.</summary>
    /// <exception cref="InputException">The file cannot be read, or is another.</exception>
    public static MeasuredRun FromFile(string path)
    {
        try
        {
            var metrics = JsonNode.Parse(File.ReadAllText(path))?["metrics"] as JsonObject
                ?? throw new InputException($"{path} has no object 'metrics', as measure and analyse print it");
            return new MeasuredRun(Path.GetFileName(path), null, metrics.ToDictionary(pair => pair.Key, pair => (double?)pair.Value ?? double.NaN, StringComparer.Ordinal));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException)
        {
            throw new InputException($"cannot read {path}: {fault.Message}", fault);
        }
    }

    /// <summary>One row, so that conditions are evaluated as expressions over columns are.</summary>
    public DataTable ToTable()
    {
        static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        var header = string.Join(',', Values.Keys.Prepend("model").Select(Quote));
        var values = string.Join(',', Values.Values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)).Prepend("model"));
        using var reader = new StringReader($"{header}\n{values}\n");
        return DataTable.ReadCsv(reader, "the measurements");
    }

    private static async Task<MeasuredRun?> TryFromServerAsync(ServerClient client, long run, string name, CancellationToken ct)
    {
        var page = await client.GetAsync($"runs/{run}/analyses?pageSize=200", ct);
        var analysis = page["items"]!.AsArray().Where(item => (string?)item!["state"] == "succeeded").MaxBy(item => (long)item!["id"]!);
        return analysis is null ? null : new MeasuredRun(
            name, run, analysis["measurements"]!.AsArray().ToDictionary(row => (string)row!["name"]!, row => (double?)row!["value"] ?? double.NaN, StringComparer.Ordinal));
    }
}
