using System.Diagnostics;
using NcService.Platform.Store;

namespace NcService.EndToEnd.Tests.Faults;

/// <summary>Something that goes wrong in the middle of a job, and what follows until all is as before.</summary>
/// <param name="Name">In words.</param>
/// <param name="StrikeAsync">Does it to the job that is in the middle of its work; ends when the cluster is whole again. Tells what became of the job.</param>
internal sealed record Fault(string Name, Func<ServiceCluster, Work, Task<string>> StrikeAsync)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(2);

    public static Fault ChildKilled { get; } = new("kill -9 the job's process", async (cluster, work) =>
    {
        KillChildren(await cluster.NodeOfAsync(work.JobId));
        return "another attempt";
    });

    public static Fault NodeKilled { get; } = new("kill -9 the worker", async (cluster, work) =>
    {
        var job = await cluster.JobAsync(work.JobId);
        await cluster.Nodes[job.WorkerName!].KillAsync();
        var outcome = await AnotherAttemptAsync(cluster, job);
        await cluster.StartNodeAsync(job.WorkerName!);
        return outcome;
    });

    public static Fault WebKilled { get; } = new("kill -9 the web process", async (cluster, _) =>
    {
        await cluster.KillWebAsync();
        await cluster.StartWebAsync();
        return "the job went on";
    });

    public static Fault NodeTerminated { get; } = new("SIGTERM to the worker", async (cluster, work) =>
    {
        var job = await cluster.JobAsync(work.JobId);
        Assert.Equal(0, await cluster.Nodes[job.WorkerName!].TerminateAsync());
        var outcome = await AnotherAttemptAsync(cluster, job);
        await cluster.StartNodeAsync(job.WorkerName!);
        return $"the worker stopped in order; {outcome}";
    });

    public static Fault NodeSuspended { get; } = new("SIGSTOP the worker past its lease", async (cluster, work) =>
    {
        var job = await cluster.JobAsync(work.JobId);
        var node = cluster.Nodes[job.WorkerName!];
        var sleepers = node.Suspend();
        string outcome;
        try
        {
            outcome = await AnotherAttemptAsync(cluster, job);
        }
        finally
        {
            node.Wake(sleepers);
        }
        // It notices by itself, and goes.
        await UntilAsync(() => !sleepers.Any(ServiceProcess.IsAlive), "the process that lost its job goes on");
        return $"{outcome}; the late process ended and wrote nothing";
    });

    public static Fault KilledTwice { get; } = new("kill -9 the job's process, twice", async (cluster, work) =>
    {
        var first = await cluster.JobAsync(work.JobId);
        KillChildren(cluster.Nodes[first.WorkerName!]);
        await AnotherAttemptAsync(cluster, first);
        // Its second process may be another's child, and has to be there first.
        await UntilAsync(async () => (await cluster.JobAsync(work.JobId)) is { State: JobState.Running } job && cluster.Nodes[job.WorkerName!].Children.Count > 0, "no second process");
        KillChildren(await cluster.NodeOfAsync(work.JobId));
        await UntilAsync(async () => (await cluster.JobAsync(work.JobId)).State == JobState.Failed, "the job did not fail");
        Assert.Contains("died 2 times", (await cluster.JobAsync(work.JobId)).Error, StringComparison.Ordinal);
        await RetryAsync(cluster, work);
        return "failed with that reason; retried";
    });

    public static Fault DiskFull { get; } = new("artifact disk full", async (cluster, work) =>
    {
        using (cluster.FillDisk())
        {
            // What writes at its end only is not struck while it works.
            Job? job = null;
            await UntilAsync(async () => (job = await cluster.JobAsync(work.JobId)) is { State: JobState.Succeeded } or { State: JobState.Queued, NextTryAt: not null }, "the job neither ended nor waited for its next try");
            if (job!.State == JobState.Succeeded) return "succeeded: it needs no disk";
            Assert.Contains("No space left", job.ProgressText, StringComparison.Ordinal);
        }
        return "waited with that reason, and went on by itself when there was room";
    });

    public static Fault DatabaseStopped(int seconds) => new($"PostgreSQL stopped for {seconds} s", async (cluster, work) =>
    {
        await cluster.Database.StopAsync("immediate");
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        await cluster.Database.StartAsync();
        Npgsql.NpgsqlConnection.ClearAllPools();
        return "the job waited for the store";
    });

    private static void KillChildren(ServiceProcess node)
    {
        foreach (var child in node.Children) ServiceProcess.Signal("KILL", child);
    }

    private static async Task RetryAsync(ServiceCluster cluster, Work work)
    {
        using var nothing = new StringContent("");
        await cluster.PostAsync($"/api/v1/jobs/{work.JobId}/retry", nothing);
    }

    /// <summary>Waits for an attempt after the one that was struck, which has to be read before it is: the other node may be quicker than a process is to end.</summary>
    private static async Task<string> AnotherAttemptAsync(ServiceCluster cluster, Job struck)
    {
        var job = struck;
        await UntilAsync(async () => (job = await cluster.JobAsync(struck.Id)).Attempt > struck.Attempt || job.State is not (JobState.Running or JobState.Queued), "no other attempt");
        return job.Attempt == struck.Attempt ? "its process had all and ended the work" : job.WorkerName == struck.WorkerName ? "another attempt" : "the other worker took over";
    }

    private static Task UntilAsync(Func<bool> condition, string otherwise) => UntilAsync(() => Task.FromResult(condition()), otherwise);

    private static async Task UntilAsync(Func<Task<bool>> condition, string otherwise)
    {
        for (var clock = Stopwatch.StartNew(); !await condition(); await Task.Delay(50)) Assert.True(clock.Elapsed < s_longest, otherwise);
    }
}
