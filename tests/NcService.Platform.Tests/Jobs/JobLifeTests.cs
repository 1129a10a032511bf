using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Jobs;
using NcService.Platform.Store;

namespace NcService.Platform.Tests.Jobs;

/// <summary>What decides when a job runs: turns, priorities, pauses; and what it is charged.</summary>
[Collection(PostgreSqlTests.Name)]
public sealed class JobLifeTests(PostgreSqlServer server)
{
    [Theory, EachStore]
    public async Task A_study_that_comes_late_alternates_with_one_that_has_many_jobs_waiting(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        await AddAsync(platform, study: 1, count: 6);
        Assert.Equal([1, 1], await RunAsync(platform, 2));
        await AddAsync(platform, study: 2, count: 3);
        // A job of nobody's study, such as one that a pipeline asks for, is a third party.
        await AddAsync(platform, study: null, count: 1);
        Assert.Equal([1, 2, null, 1, 2, 1, 2, 1], await RunAsync(platform, 8));
    }

    [Theory, EachStore]
    public async Task A_study_that_was_idle_has_saved_up_nothing(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        await AddAsync(platform, study: 1, count: 1);
        await AddAsync(platform, study: 2, count: 5);
        await RunAsync(platform, 6);
        await AddAsync(platform, study: 2, count: 2);
        await AddAsync(platform, study: 1, count: 4);
        Assert.Equal([2, 1, 2, 1, 1, 1], await RunAsync(platform, 6));
    }

    [Theory, EachStore]
    public async Task Priority_goes_before_turns_and_can_be_changed_while_a_job_waits(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        await AddAsync(platform, study: 1, count: 2);
        await AddAsync(platform, study: 2, count: 2);
        var queue = platform.Get<JobQueue>();
        Assert.Equal(2, await queue.PrioritiseAsync(job => job.StudyId == 2, 5, default));
        Assert.Equal([2, 2, 1, 1], await RunAsync(platform, 4));
        await Assert.ThrowsAsync<InputException>(() => queue.PrioritiseAsync(job => job.StudyId == 2, 11, default));
    }

    [Theory, EachStore]
    public async Task What_is_paused_is_not_taken_until_it_is_resumed(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        await AddAsync(platform, study: 1, count: 2);
        var queue = platform.Get<JobQueue>();
        Assert.Equal(2, await queue.PauseAsync(job => job.StudyId == 1, default));
        Assert.Equal(0, await queue.PauseAsync(job => job.StudyId == 1, default));
        Assert.Empty(await RunAsync(platform, 1));
        Assert.Equal(2, await queue.ResumeAsync(job => job.StudyId == 1, default));
        Assert.Equal([1, 1], await RunAsync(platform, 2));
        Assert.Equal(0, await queue.PauseAsync(job => job.StudyId == 1, default));
    }

    [Theory, EachStore]
    public async Task A_job_is_charged_for_all_its_attempts_and_not_for_the_silence_of_a_lost_node(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        await AddAsync(platform, study: null, count: 1);
        var transitions = platform.Get<JobTransitions>();
        var now = DateTime.UtcNow;
        await using var store = platform.OpenStore();
        var jobId = await store.Jobs.Select(job => job.Id).SingleAsync();

        Assert.Equal(1, await transitions.TryTakeAsync(jobId, "node", default));
        await store.Jobs.ExecuteUpdateAsync(set => set.SetProperty(job => job.StartedAt, now.AddHours(-3)).SetProperty(job => job.HeartbeatAt, now.AddHours(-2)));
        await transitions.HandBackAsync(jobId, 1, "lost", default);
        Assert.Equal(2, await transitions.TryTakeAsync(jobId, "node", default));
        await store.Jobs.ExecuteUpdateAsync(set => set.SetProperty(job => job.StartedAt, now.AddHours(-1)).SetProperty(job => job.HeartbeatAt, now));
        await transitions.SucceedAsync(jobId, 2, (_, _) => Task.CompletedTask, default);
        Assert.InRange(await store.Jobs.Select(job => job.RunSeconds).SingleAsync(), 7_200, 7_200 + 60);
    }

    private static async Task AddAsync(TestPlatform platform, long? study, int count)
    {
        await using var store = platform.OpenStore();
        for (var i = 0; i < count; i++)
        {
            platform.Get<JobQueue>().Add(store, new JobRequest(JobKind.PermutationTest, new JobParameters { PermutationTestId = 1 }) { StudyId = study });
            // As requests come: one by one, or many together.
            if (i % 2 == 0) await store.SaveChangesAsync();
        }
        await store.SaveChangesAsync();
    }

    /// <summary>Takes and ends jobs as one node with one device does; returns their studies.</summary>
    private static async Task<List<long?>> RunAsync(TestPlatform platform, int count)
    {
        var transitions = platform.Get<JobTransitions>();
        var studies = new List<long?>();
        for (var i = 0; i < count; i++)
        {
            await using var store = platform.OpenStore();
            if (await JobTransitions.InOrder(JobTransitions.Ready(store, DateTime.UtcNow)).AsNoTracking().FirstOrDefaultAsync() is not { } next) break;
            var attempt = await transitions.TryTakeAsync(next.Id, "node", default);
            await transitions.SucceedAsync(next.Id, attempt!.Value, (_, _) => Task.CompletedTask, default);
            studies.Add(next.StudyId);
        }
        return studies;
    }
}
