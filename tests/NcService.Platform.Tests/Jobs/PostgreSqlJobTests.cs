using NcService.Platform.Jobs;
using NcService.Platform.Store;
using NcService.Platform.Tests.Node;

namespace NcService.Platform.Tests.Jobs;

/// <summary>What jobs lean on in the database, on PostgreSQL: one taker of many, fencing, and nodes of a cluster.</summary>
[Collection(PostgreSqlTests.Name)]
public sealed class PostgreSqlJobTests(PostgreSqlServer server)
{
    [PostgreSqlFact]
    public async Task Of_many_that_take_a_job_at_once_one_gets_it()
    {
        await using var platform = await CreateAsync();
        var report = await PermutationJobs.RequestAsync(platform);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => platform.Get<JobTransitions>().TryTakeAsync(report.JobId!.Value, $"node-{i}", default))));
        Assert.Equal(1, Assert.Single(taken, attempt => attempt is not null));
    }

    [PostgreSqlFact]
    public async Task An_attempt_that_lost_its_job_writes_nothing()
    {
        await using var platform = await CreateAsync();
        var transitions = platform.Get<JobTransitions>();
        var report = await PermutationJobs.RequestAsync(platform);
        var jobId = report.JobId!.Value;
        await transitions.TryTakeAsync(jobId, "first", default);
        await transitions.HandBackAsync(jobId, 1, "lost", default);
        Assert.Equal(2, await transitions.TryTakeAsync(jobId, "second", default));
        Assert.False(await transitions.SucceedAsync(jobId, 1, (_, _) => Task.CompletedTask, default));
        Assert.False(await transitions.FailAsync(jobId, 1, "late", default));
        Assert.True(await transitions.SucceedAsync(jobId, 2, (_, _) => Task.CompletedTask, default));
    }

    [PostgreSqlFact]
    public async Task Two_nodes_of_a_cluster_run_each_job_once()
    {
        await using var platform = await CreateAsync();
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

    private async Task<TestPlatform> CreateAsync()
    {
        var connection = await server.CreateDatabaseAsync();
        return await TestPlatform.CreateAsync(options => options.ConnectionString = connection);
    }
}
