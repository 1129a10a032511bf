using Microsoft.EntityFrameworkCore;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using NcService.Platform.Tests.Node;

namespace NcService.Platform.Tests.Jobs;

/// <summary>What only a cluster has: nodes beside each other, and one that sleeps while it holds a lock of the database.</summary>
[Collection(PostgreSqlTests.Name)]
public sealed class PostgreSqlJobTests(PostgreSqlServer server)
{
    [PostgreSqlFact]
    public async Task A_process_that_sleeps_in_the_middle_of_a_write_keeps_its_locks_no_longer_than_its_leases()
    {
        await using var platform = await server.CreatePlatformAsync(StoreKind.PostgreSql, options => options.LeaseSeconds = 0.1);
        var report = await PermutationJobs.RequestAsync(platform);
        await using var sleeper = platform.OpenStore();
        await using var transaction = await sleeper.Database.BeginTransactionAsync();
        Assert.Equal(1, await sleeper.Jobs.ExecuteUpdateAsync(set => set.SetProperty(job => job.Progress, 0.5)));
        Assert.Equal(1, await platform.Get<JobTransitions>().TryTakeAsync(report.JobId!.Value, "other", default));
        var late = await Assert.ThrowsAnyAsync<Exception>(() => sleeper.Jobs.ExecuteUpdateAsync(set => set.SetProperty(job => job.Progress, 0.75)));
        // What it does then is to begin again.
        Assert.True(StoreRetry.IsTransient(late), late.ToString());
        Assert.Equal(0, (await PermutationJobs.JobAsync(platform, report.JobId)).Progress);
    }

    [PostgreSqlFact]
    public async Task A_job_beats_while_its_results_are_written()
    {
        await using var platform = await server.CreatePlatformAsync(StoreKind.PostgreSql);
        var (jobId, transitions) = ((await PermutationJobs.RequestAsync(platform)).JobId!.Value, platform.Get<JobTransitions>());
        await transitions.TryTakeAsync(jobId, "node", default);
        Assert.True(await transitions.SucceedAsync(jobId, 1, async (context, token) =>
        {
            context.Studies.Add(new Study { Name = "a result", CreatedAt = DateTime.UtcNow });
            await context.SaveChangesAsync(token);
            Assert.True(await transitions.BeatAsync(jobId, 1, token).WaitAsync(TimeSpan.FromSeconds(20), token));
        }, default));
        Assert.Equal(JobState.Succeeded, (await PermutationJobs.JobAsync(platform, jobId)).State);
    }

    [PostgreSqlFact]
    public async Task An_attempt_that_loses_its_job_while_it_writes_its_results_takes_them_back()
    {
        await using var platform = await server.CreatePlatformAsync(StoreKind.PostgreSql);
        var (jobId, transitions) = ((await PermutationJobs.RequestAsync(platform)).JobId!.Value, platform.Get<JobTransitions>());
        await transitions.TryTakeAsync(jobId, "late", default);
        Assert.False(await transitions.SucceedAsync(jobId, 1, async (context, token) =>
        {
            context.Studies.Add(new Study { Name = "a late result", CreatedAt = DateTime.UtcNow });
            await context.SaveChangesAsync(token);
            await transitions.HandBackAsync(jobId, 1, "its lease ended", token);
            Assert.Equal(2, await transitions.TryTakeAsync(jobId, "other", token));
        }, default));
        await using var store = platform.OpenStore();
        Assert.False(await store.Studies.AnyAsync(study => study.Name == "a late result"));
        var job = await PermutationJobs.JobAsync(platform, jobId);
        Assert.Equal((JobState.Running, 2, "other"), (job.State, job.Attempt, job.WorkerName));
    }

    [PostgreSqlFact]
    public async Task Two_nodes_of_a_cluster_run_each_job_once()
    {
        await using var platform = await server.CreatePlatformAsync(StoreKind.PostgreSql);
        var reports = new List<PermutationTestReport>();
        for (var i = 0; i < 4; i++) reports.Add(await PermutationJobs.RequestAsync(platform));
        using var first = await NodeTests.StartNodeAsync(platform);
        using var second = await NodeTests.StartNodeAsync(platform);
        foreach (var report in reports)
        {
            var job = await PermutationJobs.WaitAsync(platform, report.JobId, job => job.State == JobState.Succeeded);
            Assert.Equal((1, 0), (job.Attempt, job.ProcessDeaths));
        }
        await Task.WhenAll(first.StopAsync(), second.StopAsync());
    }
}
