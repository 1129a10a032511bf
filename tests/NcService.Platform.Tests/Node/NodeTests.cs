using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NcService.Core;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using NcService.Platform.Tests.Jobs;

namespace NcService.Platform.Tests.Node;

/// <summary>A whole node in this process: Quartz on SQLite, real children.</summary>
[Collection(PostgreSqlTests.Name)]
public sealed class NodeTests(PostgreSqlServer server)
{
    [Theory, EachStore]
    public async Task A_node_runs_what_is_queued_one_of_a_group_at_a_time_by_priority_then_age(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var reports = new List<PermutationTestReport>();
        for (var i = 0; i < 3; i++) reports.Add(await PermutationJobs.RequestAsync(platform));
        await using (var store = platform.OpenStore())
            await store.Jobs.Where(job => job.Id == reports[2].JobId).ExecuteUpdateAsync(set => set.SetProperty(job => job.Priority, 5));

        using var host = await StartNodeAsync(platform);
        foreach (var report in reports) await PermutationJobs.WaitAsync(platform, report.JobId, job => job.State == JobState.Succeeded);
        await host.StopAsync();

        await using var again = platform.OpenStore();
        var jobs = await again.Jobs.OrderBy(job => job.StartedAt).ToListAsync();
        Assert.Equal([reports[2].JobId, reports[0].JobId, reports[1].JobId], jobs.Select(job => (long?)job.Id));
        Assert.All(jobs, job => Assert.Equal(1, job.Attempt));
        for (var i = 1; i < jobs.Count; i++) Assert.True(jobs[i].StartedAt >= jobs[i - 1].FinishedAt, "Two jobs of one group ran at once.");
        Assert.Empty(await again.Workers.ToListAsync());
    }

    [Theory, EachStore]
    public async Task A_node_that_stops_hands_its_job_back_and_the_next_one_runs_it(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var report = await PermutationJobs.RequestAsync(platform, PermutationJobs.Endless);
        using (var first = await StartNodeAsync(platform))
        {
            await PermutationJobs.WaitAsync(platform, report.JobId, job => job.ProgressText?.Contains("permutations", StringComparison.Ordinal) == true);
            await first.StopAsync();
        }
        Assert.Equal(JobState.Queued, (await PermutationJobs.JobAsync(platform, report.JobId)).State);
        await PermutationJobs.ShortenAsync(platform, report);

        using var second = await StartNodeAsync(platform);
        var job = await PermutationJobs.WaitAsync(platform, report.JobId, job => job.State == JobState.Succeeded);
        Assert.Equal((2, 0), (job.Attempt, job.ProcessDeaths));
        await second.StopAsync();
    }

    [Theory, EachStore]
    public async Task A_node_leaves_to_others_what_they_have_taken(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var taken = await PermutationJobs.RequestAsync(platform);
        var free = await PermutationJobs.RequestAsync(platform);
        await platform.Get<JobTransitions>().TryTakeAsync(taken.JobId!.Value, "elsewhere", default);
        using var host = await StartNodeAsync(platform);
        await PermutationJobs.WaitAsync(platform, free.JobId, job => job.State == JobState.Succeeded);
        await host.StopAsync();
        var job = await PermutationJobs.JobAsync(platform, taken.JobId);
        Assert.Equal((JobState.Running, 1, "elsewhere"), (job.State, job.Attempt, job.WorkerName));
    }

    [Fact]
    public void An_execution_group_that_does_not_exist_is_named()
    {
        var services = new ServiceCollection().AddNcServicePlatform(new NcServiceOptions { Queues = "gpu,tpu" });
        Assert.Contains("gpu,tpu", Assert.Throws<InputException>(() => services.AddNcServiceNode()).Message, StringComparison.Ordinal);
    }

    internal static async Task<IHost> StartNodeAsync(TestPlatform platform)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddNcServicePlatform(new NcServiceOptions
        {
            DataDirectory = platform.Options.DataDirectory,
            ConnectionString = platform.Options.ConnectionString,
            Device = "cpu",
            Threads = 1,
            NodeName = $"node-{Guid.NewGuid():N}",
        });
        builder.Services.AddNcServiceNode();
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
