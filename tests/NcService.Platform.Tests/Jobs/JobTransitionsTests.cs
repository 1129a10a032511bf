using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Jobs;
using NcService.Platform.Store;

namespace NcService.Platform.Tests.Jobs;

[Collection(PostgreSqlTests.Name)]
public sealed class JobTransitionsTests(PostgreSqlServer server)
{
    [Theory, EachStore]
    public async Task Of_many_that_take_a_job_at_once_one_gets_it(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var job = await EnqueueAsync(platform);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => platform.Get<JobTransitions>().TryTakeAsync(job.Id, $"node-{i}", default))));
        Assert.Equal(1, Assert.Single(taken, attempt => attempt is not null));
        Assert.Equal((JobState.Running, 1), await StateAsync(platform, job));
    }

    [Theory, EachStore]
    public async Task A_job_is_taken_only_after_all_it_depends_on_succeeded(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var transitions = platform.Get<JobTransitions>();
        var first = await EnqueueAsync(platform);
        var second = await EnqueueAsync(platform);
        var last = await EnqueueAsync(platform, dependsOn: [first, second]);
        Assert.Null(await transitions.TryTakeAsync(last.Id, "node", default));
        await SucceedAsync(platform, first);
        Assert.Null(await transitions.TryTakeAsync(last.Id, "node", default));
        await SucceedAsync(platform, second);
        Assert.Equal(1, await transitions.TryTakeAsync(last.Id, "node", default));
    }

    [Theory, EachStore]
    public async Task A_failure_fails_all_that_wait_for_it_with_that_reason_and_a_retry_queues_them_again(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var first = await EnqueueAsync(platform);
        var second = await EnqueueAsync(platform, dependsOn: [first]);
        var third = await EnqueueAsync(platform, dependsOn: [second]);
        var other = await EnqueueAsync(platform);
        await TakeAsync(platform, first);
        Assert.True(await platform.Get<JobTransitions>().FailAsync(first.Id, 1, "diverged", default));

        await using (var store = platform.OpenStore())
        {
            var jobs = await store.Jobs.OrderBy(job => job.Id).ToListAsync();
            Assert.Equal([JobState.Failed, JobState.Failed, JobState.Failed, JobState.Queued], jobs.Select(job => job.State));
            Assert.Equal("diverged", jobs[0].Error);
            Assert.Equal($"What it depended on failed: job {first.Id}.", jobs[1].Error);
            Assert.Equal($"What it depended on failed: job {first.Id}.", jobs[2].Error);
            Assert.Null(jobs[3].Error);
        }

        // Asked of the last, it reaches back to the one that failed.
        await platform.Get<JobQueue>().RetryAsync(third.Id, default);
        foreach (var job in new[] { first, second, third, other }) Assert.Equal(JobState.Queued, (await StateAsync(platform, job)).State);
    }

    [Theory, EachStore]
    public async Task Cancelling_a_queued_job_ends_it_and_all_that_wait_for_it_at_once(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var first = await EnqueueAsync(platform);
        var second = await EnqueueAsync(platform, dependsOn: [first]);
        Assert.Equal(JobState.Cancelled, await platform.Get<JobQueue>().CancelAsync(first.Id, default));
        Assert.Equal(JobState.Cancelled, (await StateAsync(platform, second)).State);
        Assert.Null(await platform.Get<JobTransitions>().TryTakeAsync(first.Id, "node", default));
    }

    [Theory, EachStore]
    public async Task Cancelling_a_running_job_asks_it_to_stop_and_an_ended_one_stays(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var job = await EnqueueAsync(platform);
        await TakeAsync(platform, job);
        Assert.Equal(JobState.Running, await platform.Get<JobQueue>().CancelAsync(job.Id, default));
        // Whoever hands it back now ends it: nobody wants it any more.
        Assert.True(await platform.Get<JobTransitions>().HandBackAsync(job.Id, 1, "stopping", default));
        Assert.Equal(JobState.Cancelled, await platform.Get<JobQueue>().CancelAsync(job.Id, default));
        await Assert.ThrowsAsync<InputException>(() => platform.Get<JobQueue>().CancelAsync(999, default));
    }

    [Theory, EachStore]
    public async Task An_attempt_that_lost_its_job_writes_nothing(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var transitions = platform.Get<JobTransitions>();
        var job = await EnqueueAsync(platform);
        await TakeAsync(platform, job);
        await transitions.HandBackAsync(job.Id, 1, "lost", default);
        Assert.Equal(2, await transitions.TryTakeAsync(job.Id, "other", default));

        var wrote = false;
        Assert.False(await transitions.BeatAsync(job.Id, 1, default));
        Assert.False(await transitions.SucceedAsync(job.Id, 1, (_, _) => { wrote = true; return Task.CompletedTask; }, default));
        Assert.False(await transitions.FailAsync(job.Id, 1, "late", default));
        Assert.False(await transitions.CancelAsync(job.Id, 1, default));
        Assert.False(await transitions.HandBackAsync(job.Id, 1, "late", default));
        Assert.False(await transitions.RecordProcessDeathAsync(job.Id, 1, "late", default));
        Assert.False(wrote);
        Assert.Equal((JobState.Running, 2), await StateAsync(platform, job));
    }

    [Theory, EachStore]
    public async Task Results_and_state_are_written_together_or_not_at_all(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var job = await EnqueueAsync(platform);
        await TakeAsync(platform, job);
        await Assert.ThrowsAsync<DbUpdateException>(() => platform.Get<JobTransitions>().SucceedAsync(job.Id, 1, (store, _) =>
        {
            store.Studies.Add(new Study { Name = "half" });
            store.Runs.Add(new Run { Name = "of no study", StudyId = 12345 });
            return Task.CompletedTask;
        }, default));
        Assert.Equal((JobState.Running, 1), await StateAsync(platform, job));
        await using var store = platform.OpenStore();
        Assert.Equal(0, await store.Studies.CountAsync());
    }

    [Theory, EachStore]
    public async Task A_job_that_ended_its_process_twice_fails_with_that_reason(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var transitions = platform.Get<JobTransitions>();
        var job = await EnqueueAsync(platform);
        await TakeAsync(platform, job);
        await transitions.RecordProcessDeathAsync(job.Id, 1, "killed by signal 9.", default);
        Assert.Equal((JobState.Queued, 1), await StateAsync(platform, job));
        await transitions.TryTakeAsync(job.Id, "node", default);
        await transitions.RecordProcessDeathAsync(job.Id, 2, "killed by signal 11.", default);
        Assert.Equal((JobState.Failed, 2), await StateAsync(platform, job));
        await using var store = platform.OpenStore();
        Assert.Equal("Its process died 2 times, so it is not tried again. The last one was killed by signal 11.", (await store.Jobs.SingleAsync()).Error);
    }

    [Theory, EachStore]
    public async Task The_same_request_with_the_same_key_makes_one_job(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var queue = platform.Get<JobQueue>();
        var request = new JobRequest(JobKind.PermutationTest, new JobParameters { PermutationTestId = 1 }) { IdempotencyKey = "key" };
        var jobs = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => queue.EnqueueAsync(request, default))));
        Assert.Single(jobs.Select(job => job.Id).Distinct());
        await Assert.ThrowsAsync<InputException>(() => queue.EnqueueAsync(request with { Kind = JobKind.TrainRun }, default));
    }

    [Theory, EachStore]
    public async Task A_job_without_heartbeat_for_longer_than_its_lease_is_queued_again_and_a_fresh_one_is_not(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var stale = await EnqueueAsync(platform);
        var fresh = await EnqueueAsync(platform);
        await TakeAsync(platform, stale);
        await TakeAsync(platform, fresh);
        await using (var store = platform.OpenStore())
            await store.Jobs.Where(job => job.Id == stale.Id).ExecuteUpdateAsync(set => set.SetProperty(job => job.HeartbeatAt, DateTime.UtcNow.AddMinutes(-1)));
        Assert.Equal(1, await platform.Get<LostJobs>().RecoverAsync(TimeSpan.FromMinutes(5), default));
        Assert.Equal(JobState.Queued, (await StateAsync(platform, stale)).State);
        Assert.Equal(JobState.Running, (await StateAsync(platform, fresh)).State);
    }

    [Theory, EachStore]
    public async Task The_jobs_of_a_process_of_this_machine_that_is_gone_are_queued_again_at_once(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var job = await EnqueueAsync(platform);
        await platform.Get<JobTransitions>().TryTakeAsync(job.Id, "gone", default);
        using var process = System.Diagnostics.Process.Start("true");
        await process.WaitForExitAsync();
        await using (var store = platform.OpenStore())
        {
            store.Workers.Add(new Worker { Name = "gone", Host = Environment.MachineName, ProcessId = process.Id, Device = "cpu", StartedAt = DateTime.UtcNow, HeartbeatAt = DateTime.UtcNow });
            await store.SaveChangesAsync();
        }
        Assert.Equal(1, await platform.Get<LostJobs>().RecoverAsync(TimeSpan.FromMinutes(5), default));
        Assert.Equal((JobState.Queued, 1), await StateAsync(platform, job));
    }

    private static Task<Job> EnqueueAsync(TestPlatform platform, params IReadOnlyList<Job> dependsOn) =>
        platform.Get<JobQueue>().EnqueueAsync(new JobRequest(JobKind.PermutationTest, new JobParameters { PermutationTestId = 1 }) { DependsOn = dependsOn }, default);

    private static async Task TakeAsync(TestPlatform platform, Job job) =>
        Assert.NotNull(await platform.Get<JobTransitions>().TryTakeAsync(job.Id, "node", default));

    private static async Task SucceedAsync(TestPlatform platform, Job job)
    {
        await TakeAsync(platform, job);
        Assert.True(await platform.Get<JobTransitions>().SucceedAsync(job.Id, 1, (_, _) => Task.CompletedTask, default));
    }

    private static async Task<(JobState State, int Attempt)> StateAsync(TestPlatform platform, Job job)
    {
        await using var store = platform.OpenStore();
        var row = await store.Jobs.SingleAsync(row => row.Id == job.Id);
        return (row.State, row.Attempt);
    }
}
