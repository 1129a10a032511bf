using System.CommandLine;
using System.Text.Json.Nodes;
using NcService.Cli.Remote;
using NcService.Core;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>ncctl wait: until a job, or all of a study's jobs, have ended; the exit status says how.</summary>
internal static class WaitVerb
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>A server that restarts is waited for this long.</summary>
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromSeconds(60);

    public static Command Create()
    {
        var job = new Option<long?>("--job") { Description = "The job to wait for", HelpName = "ID" };
        var study = new Option<long?>("--study") { Description = "The study whose jobs to wait for", HelpName = "ID" };
        var timeout = new Option<double?>("--timeout") { Description = "Give up after so many seconds, with exit status 124", HelpName = "SECONDS" };
        var server = ServerOptions.Server();
        var command = new Command("wait", "Wait for a job or a study: exit 0 succeeded, 3 failed, 4 cancelled, 124 timed out") { job, study, timeout, server };
        return command.Runs(async (verb, ct) =>
        {
            var (kind, id) = (verb.Get(job), verb.Get(study)) switch
            {
                ({ } jobId, null) => ("job", jobId),
                (null, { } studyId) => ("study", studyId),
                _ => throw new InputException("exactly one of --job ID and --study ID is needed"),
            };
            if (verb.Get(timeout) is <= 0) throw new InputException($"--timeout {verb.Get(timeout)} must be above 0");
            using var client = new ServerClient(verb.Get(server));
            var deadline = verb.Get(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
            var status = await ProgressDisplay.ShowAsync(verb, display => FollowAsync(client, kind, id, deadline, display, ct));
            verb.Print(status.Json(kind, id), () => People(kind, id, status));
            if (status.Error is { } error) verb.Remark(error);
            return status.State switch
            {
                "succeeded" => ExitCode.Done,
                "failed" => ExitCode.JobFailed,
                "cancelled" => ExitCode.Cancelled,
                _ => ExitCode.TimedOut,
            };
        });
    }

    private static async Task<Status> FollowAsync(ServerClient client, string kind, long id, TimeSpan? deadline, ProgressDisplay display, CancellationToken ct)
    {
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        var lastAnswer = start;
        var latest = new Status("unknown", 0, null, null);
        using var timer = new PeriodicTimer(s_interval, time);
        while (true)
        {
            try
            {
                latest = Status.From(kind, await client.GetAsync(kind == "job" ? $"jobs/{id}" : $"studies/{id}", ct));
                lastAnswer = time.GetTimestamp();
            }
            catch (ServerUnreachableException) when (latest.State != "unknown" && time.GetElapsedTime(lastAnswer) < s_longestSilence)
            {
                display.Report(latest.State, latest.Progress, "the server does not answer");
            }
            if (latest.Ended) return latest;
            display.Report(latest.State, latest.Progress, latest.Text ?? "");
            if (deadline is { } limit && time.GetElapsedTime(start) >= limit) return latest;
            await timer.WaitForNextTickAsync(ct);
        }
    }

    private static Table People(string kind, long id, Status status)
    {
        var table = new Table().AddColumns(kind, $"{id}");
        table.AddRow("state", Markup.Escape(status.Ended ? status.State : $"{status.State} (gave up waiting)"));
        table.AddRow("progress", $"{100 * status.Progress:F0} %");
        if (status.Text is { } text) table.AddRow("", Markup.Escape(text));
        return table;
    }

    private sealed record Status(string State, double Progress, string? Text, string? Error)
    {
        public bool Ended => State is "succeeded" or "failed" or "cancelled";

        public static Status From(string kind, JsonNode answer)
        {
            if (kind == "job")
            {
                return new Status(
                    (string?)answer["state"] ?? "unknown", (double?)answer["progress"] ?? 0, (string?)answer["progressText"], (string?)answer["error"]);
            }
            var study = answer["study"]!;
            var jobs = study["jobs"]!;
            int Count(string state) => (int?)jobs[state] ?? 0;
            var ended = Count("succeeded") + Count("failed") + Count("cancelled");
            var total = ended + Count("queued") + Count("running");
            var failed = Count("failed");
            return new Status(
                (string?)study["state"] ?? "unknown",
                total == 0 ? 1 : (double)ended / total,
                $"{ended} of {total} jobs ended, {Count("running")} running",
                failed > 0 ? $"{failed} jobs failed" : null);
        }

        public JsonObject Json(string kind, long id) => new()
        {
            ["kind"] = kind,
            ["id"] = id,
            ["state"] = State,
            ["progress"] = Numbers.Json(Progress),
            ["error"] = Error,
        };
    }
}
