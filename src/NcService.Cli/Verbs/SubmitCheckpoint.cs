using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using NcService.Cli.Gates;
using NcService.Cli.Remote;
using NcService.Core;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>ncctl submit --checkpoint: what a pipeline runs. Sends a model, has it analysed, waits, and passes or fails on the result.</summary>
internal static class SubmitCheckpoint
{
    // What the common systems call the branch and the commit that a pipeline runs for.
    private static readonly string[] s_branchVariables = ["GITHUB_REF_NAME", "CI_COMMIT_REF_NAME", "BUILDKITE_BRANCH", "BRANCH_NAME"];
    private static readonly string[] s_commitVariables = ["GITHUB_SHA", "CI_COMMIT_SHA", "BUILDKITE_COMMIT", "GIT_COMMIT"];

    /// <summary>Adds the options and the action to the verb submit.</summary>
    public static void AddTo(Command command)
    {
        var checkpoint = new Option<string?>("--checkpoint") { Description = "A GPT-Neo checkpoint in Hugging Face's layout: a folder, or the http(s) address of one", HelpName = "DIR|URL" };
        var dataset = new Option<string?>("--dataset") { Description = "The server's dataset to measure it on, by name", HelpName = "NAME" };
        var study = new Option<string>("--study") { Description = "The study that keeps this project's checkpoints", DefaultValueFactory = _ => "checkpoints", HelpName = "NAME" };
        var name = new Option<string?>("--name") { Description = "Name of the run; branch, commit and time unless given", HelpName = "NAME" };
        var tags = new Option<string[]>("--tag") { Description = "A tag of the run, which latest:TAG finds; the branch unless given", HelpName = "TAG" };
        var chunks = new Option<int?>("--chunks") { Description = "Collect only so many training chunks", HelpName = "COUNT" };
        var maximumBytes = new Option<long>("--max-bytes") { Description = "Fetch at most so many bytes from an address; 16 GiB unless given", DefaultValueFactory = _ => CheckpointSource.MaximumBytes, HelpName = "COUNT" };
        var key = new Option<string?>("--idempotency-key") { Description = "The same request with the same key makes one run", HelpName = "KEY" };
        var wait = new Option<bool>("--wait") { Description = "Wait for the measurements; a gate needs it" };
        var timeout = new Option<double?>("--timeout") { Description = "Give up waiting after so many seconds, with exit status 124", HelpName = "SECONDS" };
        var asked = new GateOptions("--gate");
        var server = ServerOptions.Server();
        foreach (var option in new Option[] { checkpoint, dataset, study, name, tags, chunks, maximumBytes, key, wait, timeout }) command.Add(option);
        asked.AddTo(command);
        command.Add(server);
        command.Runs(async (verb, ct) =>
        {
            var gate = asked.Read(verb);
            if (verb.Get(checkpoint) is not { } place) throw new InputException("--checkpoint DIR|URL is needed, or one of: submit study, submit dataset, submit permutation-test");
            if (verb.Get(dataset) is not { } data) throw new InputException("--dataset NAME is needed: what the checkpoint is measured on");
            if (!gate.IsEmpty && !verb.Get(wait)) throw new InputException("--gate and --max-regression need --wait");
            if (verb.Get(timeout) is <= 0) throw new InputException($"--timeout {verb.Get(timeout)} must be above 0");
            if (verb.Get(maximumBytes) < 1) throw new InputException($"--max-bytes {verb.Get(maximumBytes)} must be above 0");
            using var client = new ServerClient(verb.Get(server));
            var branch = Variable(s_branchVariables);
            var labels = verb.Get(tags) is { Length: > 0 } given ? given : branch is null ? [] : [branch];
            var run = await ProgressDisplay.ShowAsync(verb, display => SendAsync(
                client, place, verb.Get(maximumBytes), display, Query(verb.Require(study), verb.Get(name) ?? DefaultName(branch), data, labels, verb.Get(chunks)), verb.Get(key), ct));
            return verb.Get(wait) ? await WaitAsync(verb, client, run, gate, asked, verb.Get(timeout), ct) : Submitted(verb, run);
        });
    }

    private static async Task<JsonNode> SendAsync(ServerClient client, string place, long maximumBytes, ProgressDisplay display, string query, string? key, CancellationToken ct)
    {
        using var source = await CheckpointSource.OpenAsync(place, maximumBytes, text => display.Report("checkpoint", null, text), ct);
        display.Report("checkpoint", null, "sending");
        return await client.PostAsync($"checkpoints/upload?{query}", source.ToContent, key, ct);
    }

    private static async Task<int> WaitAsync(VerbInvocation verb, ServerClient client, JsonNode run, Gate gate, GateOptions asked, double? timeout, CancellationToken ct)
    {
        var job = (long)run["analysisJobId"]!;
        var deadline = timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        var status = await ProgressDisplay.ShowAsync(verb, display => JobWatch.FollowAsync(client, "job", job, deadline, display, ct));
        if (status.ExitCode != ExitCode.Done)
        {
            verb.Print(status.Json("job", job), () => new Text($"run {run["runId"]}: {status.State}\n"));
            if (status.Error is { } error) verb.Remark(error);
            return status.ExitCode;
        }
        var report = await gate.CheckAsync(await MeasuredRun.FromServerAsync(client, (long)run["runId"]!, ct), client, ct);
        asked.Write(verb, report);
        if (gate.Baseline is { } baseline && report.Baseline is null) verb.Remark($"there is no earlier run for --baseline {baseline}: nothing to regress from");
        verb.Print(report.Json(), report.People);
        return report.Met ? ExitCode.Done : ExitCode.GateNotMet;
    }

    private static int Submitted(VerbInvocation verb, JsonNode run)
    {
        verb.Print(
            new JsonObject { ["kind"] = "checkpoint", ["run_id"] = (long)run["runId"]!, ["job_id"] = (long)run["analysisJobId"]! },
            () => new Text($"run {run["runId"]} submitted; ncctl wait --job {run["analysisJobId"]} waits for its measurements\n"));
        return ExitCode.Done;
    }

    private static string Query(string study, string name, string dataset, IEnumerable<string> tags, int? chunks)
    {
        var parts = new List<(string Name, string Value)> { ("study", study), ("name", name), ("dataset", dataset) };
        parts.AddRange(tags.Select(tag => ("tag", tag)));
        if (chunks is { } count) parts.Add(("analysisChunks", count.ToString(CultureInfo.InvariantCulture)));
        return string.Join('&', parts.Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value)}"));
    }

    private static string DefaultName(string? branch)
    {
        var commit = Variable(s_commitVariables) is { Length: >= 8 } hash ? hash[..8] : null;
        return string.Join(' ', new[] { branch ?? "checkpoint", commit, DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) }.OfType<string>());
    }

    private static string? Variable(IEnumerable<string> names) => names.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));
}
