using NcService.Core;
using NcService.Platform.Jobs;
using NcService.Platform.Store;

namespace NcService.Platform.Tests.Jobs;

/// <summary>What is tried again, when, and how often.</summary>
[Collection(PostgreSqlTests.Name)]
public sealed class JobRetryTests(PostgreSqlServer server)
{
    private const string DiskFull = "IOException: No space left on device";
    private readonly TestClock clock = new();

    [Theory, EachStore]
    public async Task A_job_that_its_surroundings_fail_waits_longer_before_each_try_and_is_failed_after_the_last(StoreKind kind)
    {
        await using var platform = await CreateAsync(kind, new RetryPolicy { Attempts = 5, FirstDelaySeconds = 10, Factor = 3, LongestDelaySeconds = 60 });
        var transitions = platform.Get<JobTransitions>();
        var id = await EnqueueAsync(platform);
        var waits = new List<double>();
        foreach (var longest in new[] { 10, 30, 60, 60 })
        {
            var attempt = (await transitions.TryTakeAsync(id, "node", default))!.Value;
            Assert.True(await transitions.TryAgainLaterAsync(id, attempt, DiskFull, default));
            var job = await PermutationJobs.JobAsync(platform, id);
            Assert.Equal((JobState.Queued, attempt, 5, (string?)null), (job.State, job.FailedTries, job.MaximumTries, job.Error));
            Assert.Equal($"try {attempt + 1} of 5 at {job.NextTryAt:HH:mm:ss} UTC: {DiskFull}", job.ProgressText);
            var wait = (job.NextTryAt!.Value - clock.Now).TotalSeconds;
            Assert.InRange(wait, longest / 2.0, longest);
            waits.Add(wait / longest);

            clock.MoveTo(job.NextTryAt.Value.AddMilliseconds(-1));
            Assert.Null(await transitions.TryTakeAsync(id, "early", default));
            clock.MoveTo(job.NextTryAt.Value);
        }
        // Jitter: no two jobs that one fault struck come back in the same moment.
        Assert.Equal(waits.Count, waits.Distinct().Count());

        Assert.Equal(5, await transitions.TryTakeAsync(id, "node", default));
        Assert.Null((await PermutationJobs.JobAsync(platform, id)).NextTryAt);
        await transitions.TryAgainLaterAsync(id, 5, DiskFull, default);
        var failed = await PermutationJobs.JobAsync(platform, id);
        Assert.Equal((JobState.Failed, $"{DiskFull}\nIt was tried 5 times."), (failed.State, failed.Error));

        // Asked for by a person, it begins anew.
        await platform.Get<JobQueue>().RetryAsync(id, default);
        Assert.Equal(6, await transitions.TryTakeAsync(id, "node", default));
        await transitions.TryAgainLaterAsync(id, 6, DiskFull, default);
        Assert.Equal((JobState.Queued, 1), (await PermutationJobs.JobAsync(platform, id)) is var again ? (again.State, again.FailedTries) : default);
    }

    [Theory, EachStore]
    public async Task A_job_that_is_handed_back_starts_again_at_once_and_loses_no_try(StoreKind kind)
    {
        await using var platform = await CreateAsync(kind, new RetryPolicy { Attempts = 1 });
        var transitions = platform.Get<JobTransitions>();
        var id = await EnqueueAsync(platform);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            Assert.Equal(attempt, await transitions.TryTakeAsync(id, "node", default));
            await transitions.HandBackAsync(id, attempt, "its node stopped", default);
        }
        Assert.Equal((0, (DateTime?)null), (await PermutationJobs.JobAsync(platform, id)) is var job ? (job.FailedTries, job.NextTryAt) : default);
    }

    [Theory, EachStore]
    public async Task A_process_that_died_is_waited_for_and_the_second_death_ends_the_job_whatever_its_policy(StoreKind kind)
    {
        await using var platform = await CreateAsync(kind, new RetryPolicy { Attempts = 9, FirstDelaySeconds = 20 });
        var transitions = platform.Get<JobTransitions>();
        var id = await EnqueueAsync(platform);
        await transitions.TryTakeAsync(id, "node", default);
        await transitions.RecordProcessDeathAsync(id, 1, "killed by signal 9.", default);
        var job = await PermutationJobs.JobAsync(platform, id);
        Assert.InRange((job.NextTryAt!.Value - clock.Now).TotalSeconds, 10, 20);
        Assert.Contains("Its process was killed by signal 9.", job.ProgressText!, StringComparison.Ordinal);
        clock.MoveTo(job.NextTryAt.Value);
        Assert.Equal(2, await transitions.TryTakeAsync(id, "node", default));
        await transitions.RecordProcessDeathAsync(id, 2, "killed by signal 9.", default);
        job = await PermutationJobs.JobAsync(platform, id);
        Assert.Equal((JobState.Failed, 2), (job.State, job.ProcessDeaths));
        Assert.StartsWith("Its process died 2 times", job.Error, StringComparison.Ordinal);
    }

    [Theory, EachStore]
    public async Task A_job_that_waits_can_be_tried_now_or_cancelled(StoreKind kind)
    {
        await using var platform = await CreateAsync(kind, new RetryPolicy());
        var (transitions, queue) = (platform.Get<JobTransitions>(), platform.Get<JobQueue>());
        var id = await EnqueueAsync(platform);
        await transitions.TryTakeAsync(id, "node", default);
        await transitions.TryAgainLaterAsync(id, 1, DiskFull, default);
        await queue.RetryAsync(id, default);
        Assert.Equal(2, await transitions.TryTakeAsync(id, "node", default));
        await transitions.TryAgainLaterAsync(id, 2, DiskFull, default);
        Assert.Equal(JobState.Cancelled, await queue.CancelAsync(id, default));
        Assert.Null((await PermutationJobs.JobAsync(platform, id)).NextTryAt);

        var untouched = await EnqueueAsync(platform);
        await Assert.ThrowsAsync<InputException>(() => queue.RetryAsync(untouched, default));
    }

    private Task<TestPlatform> CreateAsync(StoreKind kind, RetryPolicy policy) => server.CreatePlatformAsync(kind, options =>
    {
        var own = options.Retry.Add(JobKind.PermutationTest);
        (own.Attempts, own.FirstDelaySeconds, own.Factor, own.LongestDelaySeconds) = (policy.Attempts, policy.FirstDelaySeconds, policy.Factor, policy.LongestDelaySeconds);
    }, clock);

    private static async Task<long> EnqueueAsync(TestPlatform platform) =>
        (await platform.Get<JobQueue>().EnqueueAsync(new JobRequest(JobKind.PermutationTest, new JobParameters { PermutationTestId = 1 }), default)).Id;
}
