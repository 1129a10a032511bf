using System.Globalization;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs;

/// <summary>
/// Every change of a job's state by whoever executes it. Each is one transaction, conditional on the state it leaves and (once taken) on the
/// attempt, so that of two that try one wins, and an execution that lost its job changes nothing.
/// </summary>
public sealed class JobTransitions(IDbContextFactory<NcServiceContext> contexts, NcServiceOptions options, TimeProvider time)
{
    /// <summary>A job whose process died so often is failed: the next attempt would hardly end otherwise.</summary>
    public const int MaximumProcessDeaths = 2;

    /// <summary>What an attempt is charged after its last sign of life, at most.</summary>
    private static readonly TimeSpan LongestBeatInterval = TimeSpan.FromSeconds(30);

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>queued → running. Returns the attempt, which is the taker's fencing token, or null where there is nothing to take.</summary>
    public Task<int?> TryTakeAsync(long jobId, string workerName, CancellationToken cancellationToken) =>
        WriteAsync<int?>(async context =>
        {
            var now = Now;
            // 1. A crash before this commit leaves the job queued. 2. One after it leaves it running without a heartbeat: it is
            // queued again when its lease has ended, and whoever held attempt n writes nothing once n + 1 is taken.
            var taken = await Ready(context, now).Where(job => job.Id == jobId).ExecuteUpdateAsync(set => set
                .SetProperty(job => job.State, JobState.Running)
                .SetProperty(job => job.Attempt, job => job.Attempt + 1)
                .SetProperty(job => job.WorkerName, workerName)
                .SetProperty(job => job.StartedAt, now)
                .SetProperty(job => job.FinishedAt, (DateTime?)null)
                .SetProperty(job => job.HeartbeatAt, now)
                .SetProperty(job => job.ProgressAt, now)
                .SetProperty(job => job.ProgressText, "starting")
                .SetProperty(job => job.NextTryAt, (DateTime?)null)
                .SetProperty(job => job.Error, (string?)null), cancellationToken);
            return taken == 0 ? null : await context.Jobs.Where(job => job.Id == jobId).Select(job => job.Attempt).SingleAsync(cancellationToken);
        }, cancellationToken);

    /// <summary>Says that the process which executes the job lives. False: the job is no longer the caller's.</summary>
    public Task<bool> BeatAsync(long jobId, int attempt, CancellationToken cancellationToken) =>
        WriteAsync(async context =>
            await Mine(context, jobId, attempt).ExecuteUpdateAsync(set => set.SetProperty(job => job.HeartbeatAt, Now), cancellationToken) == 1,
            cancellationToken);

    /// <summary>
    /// running → succeeded, with the job's results, in one transaction. False: the job is no longer the caller's, and nothing was written.
    /// </summary>
    public Task<bool> SucceedAsync(long jobId, int attempt, ResultWriter write, CancellationToken cancellationToken) =>
        WriteAsync(async context =>
        {
            // 3. Files are complete before this transaction, rows are in it: a crash before the commit leaves files that the next
            // attempt replaces, and no row that speaks of them; one after it leaves the job done.
            if (!await Mine(context, jobId, attempt).AnyAsync(cancellationToken)) return false;
            await write(context, cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            // The job's row comes last: its lock would hold up the heartbeat for as long as a large result takes to write, until the node counted as lost.
            if (await EndAsync(context, jobId, attempt, JobState.Succeeded, null, cancellationToken) == 1) return true;
            await context.Database.RollbackTransactionAsync(cancellationToken);
            return false;
        }, cancellationToken);

    /// <summary>running → failed; the jobs that wait for it fail with it.</summary>
    public Task<bool> FailAsync(long jobId, int attempt, string error, CancellationToken cancellationToken) =>
        WriteAsync(context => FailAsync(context, jobId, attempt, error, cancellationToken), cancellationToken);

    /// <summary>Its surroundings failed it: running → queued until the next try is due, or → failed after the last one that its policy allows.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="attempt">The attempt that was struck.</param>
    /// <param name="fault">What happened, such as <c>IOException: No space left on device</c>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<bool> TryAgainLaterAsync(long jobId, int attempt, string fault, CancellationToken cancellationToken) =>
        WriteAsync(async context => await CountFailedTryAsync(context, jobId, attempt, processDeaths: 0, cancellationToken) is { } job
            && await TryAgainLaterAsync(context, job, fault, cancellationToken), cancellationToken);

    /// <summary>running → cancelled; the jobs that wait for it are cancelled with it.</summary>
    public Task<bool> CancelAsync(long jobId, int attempt, CancellationToken cancellationToken) =>
        WriteAsync(async context =>
        {
            if (await EndAsync(context, jobId, attempt, JobState.Cancelled, null, cancellationToken) == 0) return false;
            await JobDependents.EndAsync(context, jobId, JobState.Cancelled, Now, cancellationToken);
            return true;
        }, cancellationToken);

    /// <summary>running → queued, to start again at once: its node stops, or was lost. A job that someone asked to cancel ends cancelled instead.</summary>
    public Task<bool> HandBackAsync(long jobId, int attempt, string why, CancellationToken cancellationToken) =>
        WriteAsync(context => QueueAgainAsync(context, jobId, attempt, why, nextTryAt: null, cancellationToken), cancellationToken);

    /// <summary>Its process ended without ending the job: running → queued until the next try is due, or → failed at the second time.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="attempt">The attempt whose process died.</param>
    /// <param name="how">How it ended and what it last said, such as <c>killed by signal 9 (…)</c>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<bool> RecordProcessDeathAsync(long jobId, int attempt, string how, CancellationToken cancellationToken) =>
        WriteAsync(async context =>
        {
            // 4. A node that crashes before this commit counts no death: its lease ends and the job is queued again.
            if (await CountFailedTryAsync(context, jobId, attempt, processDeaths: 1, cancellationToken) is not { } job) return false;
            return job.CancelRequested || job.ProcessDeaths < MaximumProcessDeaths
                ? await TryAgainLaterAsync(context, job, $"Its process was {how}", cancellationToken)
                : await FailAsync(context, jobId, attempt, $"Its process died {job.ProcessDeaths} times, so it is not tried again. The last one was {how}", cancellationToken);
        }, cancellationToken);

    /// <summary>Queued jobs that nothing holds back any more.</summary>
    internal static IQueryable<Job> Ready(NcServiceContext context, DateTime now) =>
        context.Jobs.Where(job => job.State == JobState.Queued && !job.CancelRequested && !job.Paused && (job.NextTryAt == null || job.NextTryAt <= now)
            && !job.DependsOn.Any(dependency => context.Jobs.Any(other => other.Id == dependency.DependsOnJobId && other.State != JobState.Succeeded)));

    /// <summary>First comes what starts first.</summary>
    internal static IQueryable<Job> InOrder(IQueryable<Job> jobs) => jobs.OrderByDescending(job => job.Priority).ThenBy(job => job.Turn).ThenBy(job => job.Id);

    /// <summary>The job, if this attempt still holds it.</summary>
    internal static IQueryable<Job> Mine(NcServiceContext context, long jobId, int attempt) =>
        context.Jobs.Where(job => job.Id == jobId && job.Attempt == attempt && job.State == JobState.Running);

    /// <summary>The job with one more failed try; null where it is no longer this attempt's.</summary>
    private static async Task<Job?> CountFailedTryAsync(NcServiceContext context, long jobId, int attempt, int processDeaths, CancellationToken cancellationToken)
    {
        var mine = await Mine(context, jobId, attempt).ExecuteUpdateAsync(set => set
            .SetProperty(job => job.ProcessDeaths, job => job.ProcessDeaths + processDeaths)
            .SetProperty(job => job.FailedTries, job => job.FailedTries + 1), cancellationToken);
        return mine == 0 ? null : await context.Jobs.AsNoTracking().SingleAsync(job => job.Id == jobId, cancellationToken);
    }

    private async Task<bool> TryAgainLaterAsync(NcServiceContext context, Job job, string fault, CancellationToken cancellationToken)
    {
        if (!job.CancelRequested && job.FailedTries >= job.MaximumTries)
            return await FailAsync(context, job.Id, job.Attempt, job.FailedTries == 1 ? fault : $"{fault}\nIt was tried {job.FailedTries} times.", cancellationToken);
        var due = Now + options.Retry.For(job.Kind).DelayAfter(job.FailedTries, Random.Shared.NextDouble());
        var why = string.Create(CultureInfo.InvariantCulture, $"try {job.FailedTries + 1} of {job.MaximumTries} at {due:HH:mm:ss} UTC: {fault}");
        return await QueueAgainAsync(context, job.Id, job.Attempt, why, due, cancellationToken);
    }

    private async Task<bool> FailAsync(NcServiceContext context, long jobId, int attempt, string error, CancellationToken cancellationToken)
    {
        if (await EndAsync(context, jobId, attempt, JobState.Failed, error, cancellationToken) == 0) return false;
        await JobDependents.EndAsync(context, jobId, JobState.Failed, Now, cancellationToken);
        return true;
    }

    private async Task<bool> QueueAgainAsync(NcServiceContext context, long jobId, int attempt, string why, DateTime? nextTryAt, CancellationToken cancellationToken)
    {
        var cancelled = await Mine(context, jobId, attempt).AnyAsync(job => job.CancelRequested, cancellationToken);
        if (cancelled)
        {
            await EndAsync(context, jobId, attempt, JobState.Cancelled, null, cancellationToken);
            await JobDependents.EndAsync(context, jobId, JobState.Cancelled, Now, cancellationToken);
            return true;
        }
        var seconds = await HeldSecondsAsync(context, jobId, attempt, cancellationToken);
        return await Mine(context, jobId, attempt).ExecuteUpdateAsync(set => set
            .SetProperty(job => job.State, JobState.Queued)
            .SetProperty(job => job.RunSeconds, job => job.RunSeconds + seconds)
            .SetProperty(job => job.ProgressText, why)
            .SetProperty(job => job.NextTryAt, nextTryAt)
            .SetProperty(job => job.TokensPerSecond, (double?)null)
            .SetProperty(job => job.ExpectedAt, (DateTime?)null)
            .SetProperty(job => job.HeartbeatAt, (DateTime?)null), cancellationToken) == 1;
    }

    private async Task<int> EndAsync(NcServiceContext context, long jobId, int attempt, JobState state, string? error, CancellationToken cancellationToken)
    {
        var now = Now;
        var seconds = await HeldSecondsAsync(context, jobId, attempt, cancellationToken);
        return await Mine(context, jobId, attempt).ExecuteUpdateAsync(set => set
            .SetProperty(job => job.State, state)
            .SetProperty(job => job.Paused, false)
            .SetProperty(job => job.RunSeconds, job => job.RunSeconds + seconds)
            .SetProperty(job => job.Error, error)
            .SetProperty(job => job.Progress, job => state == JobState.Succeeded ? 1 : job.Progress)
            .SetProperty(job => job.ExpectedAt, (DateTime?)null)
            .SetProperty(job => job.FinishedAt, now), cancellationToken);
    }

    /// <summary>How long this attempt has held its slot: until now, or until soon after its last sign of life where its node was lost.</summary>
    private async Task<double> HeldSecondsAsync(NcServiceContext context, long jobId, int attempt, CancellationToken cancellationToken)
    {
        var held = await Mine(context, jobId, attempt).Select(job => new { job.StartedAt, job.HeartbeatAt }).SingleOrDefaultAsync(cancellationToken);
        if (held?.StartedAt is not { } start) return 0;
        var now = Now;
        var end = held.HeartbeatAt is { } beat && beat + LongestBeatInterval < now ? beat + LongestBeatInterval : now;
        return Math.Max(0, (end - start).TotalSeconds);
    }

    private Task<T> WriteAsync<T>(Func<NcServiceContext, Task<T>> write, CancellationToken cancellationToken) =>
        StoreRetry.RunAsync(async () =>
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            var result = await write(context);
            // Unless the write itself took all back.
            if (context.Database.CurrentTransaction is not null) await transaction.CommitAsync(cancellationToken);
            return result;
        }, time, cancellationToken);
}

/// <summary>Adds the rows a job results in; the caller saves and commits them together with the job's state.</summary>
public delegate Task ResultWriter(NcServiceContext context, CancellationToken cancellationToken);
