using System.Text.Json.Nodes;

namespace NcService.Cli.Remote;

/// <summary>Waiting for what a server does.</summary>
internal static class JobWatch
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>A server that restarts is waited for this long.</summary>
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromSeconds(60);

    /// <summary>Follows a job or a study until it has ended, the time is over, or the server has been silent for too long.</summary>
    public static async Task<JobStatus> FollowAsync(ServerClient client, string kind, long id, TimeSpan? deadline, ProgressDisplay display, CancellationToken ct)
    {
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        var lastAnswer = start;
        var latest = new JobStatus("unknown", 0, null, null);
        using var timer = new PeriodicTimer(s_interval, time);
        while (true)
        {
            try
            {
                latest = JobStatus.From(kind, await client.GetAsync(kind == "job" ? $"jobs/{id}" : $"studies/{id}", ct));
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
}

/// <summary>How a job or study stands, as of one look.</summary>
internal sealed record JobStatus(string State, double Progress, string? Text, string? Error)
{
    /// <summary>The exit status of a verb that waited for it.</summary>
    public int ExitCode => State switch
    {
        "succeeded" => Cli.ExitCode.Done,
        "failed" => Cli.ExitCode.JobFailed,
        "cancelled" => Cli.ExitCode.Cancelled,
        _ => Cli.ExitCode.TimedOut,
    };

    public bool Ended => State is "succeeded" or "failed" or "cancelled";

    public static JobStatus From(string kind, JsonNode answer)
    {
        if (kind == "job")
        {
            return new JobStatus(
                (string?)answer["state"] ?? "unknown", (double?)answer["progress"] ?? 0, (string?)answer["progressText"], (string?)answer["error"]);
        }
        var study = answer["study"]!;
        var jobs = study["jobs"]!;
        int Count(string state) => (int?)jobs[state] ?? 0;
        var ended = Count("succeeded") + Count("failed") + Count("cancelled");
        var total = ended + Count("queued") + Count("running");
        var failed = Count("failed");
        return new JobStatus(
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
