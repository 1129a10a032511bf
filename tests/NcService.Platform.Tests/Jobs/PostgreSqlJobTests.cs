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
