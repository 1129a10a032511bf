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
        var name = (await cluster.JobAsync(work.JobId)).WorkerName!;
        await cluster.Nodes[name].KillAsync();
        await AnotherAttemptAsync(cluster, work);
        await cluster.StartNodeAsync(name);
        return "the other worker took over";
    });

    public static Fault WebKilled { get; } = new("kill -9 the web process", async (cluster, _) =>
    {
        await cluster.KillWebAsync();
        await cluster.StartWebAsync();
        return "the job went on";
    });

    public static Fault NodeTerminated { get; } = new("SIGTERM to the worker", async (cluster, work) =>
    {
        var name = (await cluster.JobAsync(work.JobId)).WorkerName!;
        Assert.Equal(0, await cluster.Nodes[name].TerminateAsync());
        await AnotherAttemptAsync(cluster, work);
        await cluster.StartNodeAsync(name);
        return "handed back, the other worker took over";
    });

    public static Fault NodeSuspended { get; } = new("SIGSTOP the worker past its lease", async (cluster, work) =>
    {
        var node = await cluster.NodeOfAsync(work.JobId);
        var sleepers = node.Suspend();
        try
        {
            await AnotherAttemptAsync(cluster, work);
        }
        finally
        {
            node.Wake(sleepers);
        }
        // It notices by itself, and goes.
        await UntilAsync(() => !sleepers.Any(ServiceProcess.IsAlive), "the process that lost its job goes on");
        return "the other worker took over; the late one wrote nothing";
    });

    public static Fault KilledTwice { get; } = new("kill -9 the job's process, twice", async (cluster, work) =>
    {
        KillChildren(await cluster.NodeOfAsync(work.JobId));
        await AnotherAttemptAsync(cluster, work);
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
            await UntilAsync(async () => (await cluster.JobAsync(work.JobId)).State is JobState.Failed or JobState.Succeeded, "the job did not end");
        }
        var job = await cluster.JobAsync(work.JobId);
        if (job.State == JobState.Succeeded) return "succeeded: it needs no disk";
        Assert.Contains("No space left", job.Error, StringComparison.Ordinal);
        await RetryAsync(cluster, work);
        return "failed with that reason; retried";
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

    private static async Task AnotherAttemptAsync(ServiceCluster cluster, Work work)
    {
        var attempt = (await cluster.JobAsync(work.JobId)).Attempt;
        await UntilAsync(async () => (await cluster.JobAsync(work.JobId)) is var job && (job.Attempt > attempt || job.State is not (JobState.Running or JobState.Queued)), "no other attempt");
    }

    private static Task UntilAsync(Func<bool> condition, string otherwise) => UntilAsync(() => Task.FromResult(condition()), otherwise);

    private static async Task UntilAsync(Func<Task<bool>> condition, string otherwise)
    {
        for (var clock = Stopwatch.StartNew(); !await condition(); await Task.Delay(50)) Assert.True(clock.Elapsed < s_longest, otherwise);
    }
}
