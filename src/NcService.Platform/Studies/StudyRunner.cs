using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NcService.Core;
using NcService.Platform.Jobs;
using NcService.Platform.Store;

namespace NcService.Platform.Studies;

/// <summary>How a study's jobs stand, as of one look.</summary>
/// <param name="Jobs">The study's jobs, in the order they were queued.</param>
public sealed record StudyProgress(IReadOnlyList<Job> Jobs)
{
    /// <summary>How many jobs are in a state.</summary>
    public int Count(JobState state) => Jobs.Count(job => job.State == state);

    /// <summary>True where no job will change any more.</summary>
    public bool HasEnded => Jobs.All(job => job.State is JobState.Succeeded or JobState.Failed or JobState.Cancelled);
}

/// <summary>
/// Runs the jobs of one study from the command line, without a node. It takes each job as a node does, so a node at work on the same store and
/// this may share a study: no job runs twice.
/// </summary>
public sealed class StudyRunner(
    IDbContextFactory<NcServiceContext> contexts, ChildRunner children, JobRunner runner, JobTransitions transitions, WorkerRegistry registry,
    LostJobs lostJobs, TimeProvider time, ILogger<StudyRunner> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(5);

    /// <summary>Runs until every job of the study has ended.</summary>
    /// <param name="studyId">The study.</param>
    /// <param name="parallelism">Child processes at a time, which share the cores; 0 runs the jobs one by one in this process.</param>
    /// <param name="progress">Told twice a second.</param>
    /// <param name="cancellationToken">Hands running jobs back to the queue and stops.</param>
    /// <returns>How the jobs ended.</returns>
    /// <exception cref="InputException">There is no such study, or it has no jobs.</exception>
    public async Task<StudyProgress> RunAsync(long studyId, int parallelism, IProgress<StudyProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(parallelism);
        var running = new Dictionary<long, Task>();
        long? lastBeat = null;
        var start = time.GetTimestamp();
        try
        {
            while (true)
            {
                if (lastBeat is null || time.GetElapsedTime(lastBeat.Value) > BeatInterval)
                {
                    await lostJobs.RecoverAsync(time.GetElapsedTime(start), cancellationToken);
                    await registry.BeatAsync(cancellationToken);
                    lastBeat = time.GetTimestamp();
                }
                await CollectAsync(running);
                var (status, ready) = await LookAsync(studyId, cancellationToken);
                progress?.Report(status);
                if (status.HasEnded && running.Count == 0) return status;
                var next = ready.Where(id => !running.ContainsKey(id)).Take(Math.Max(1, parallelism) - running.Count).ToList();
                // What runs alone, such as the preparation that all else waits for, gets every core.
                var share = Math.Max(1, Environment.ProcessorCount / Math.Clamp(next.Count + running.Count, 1, Math.Max(1, parallelism)));
                foreach (var id in next) running[id] = StartAsync(id, parallelism, share, cancellationToken);
                await Task.WhenAny([.. running.Values, Task.Delay(Interval, time, cancellationToken)]);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            // Cancelled or faulty: each child is on its way out with its job handed back.
            await Task.WhenAll(running.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await registry.LeaveAsync(CancellationToken.None);
        }
    }

    private static async Task CollectAsync(Dictionary<long, Task> running)
    {
        foreach (var (id, task) in running.Where(pair => pair.Value.IsCompleted).ToList())
        {
            running.Remove(id);
            await task;
        }
    }

    private Task StartAsync(long jobId, int parallelism, int threads, CancellationToken cancellationToken) => parallelism > 0
        ? Task.Run(() => children.RunAsync(jobId, threads, cancellationToken), CancellationToken.None)
        : Task.Run(() => RunHereAsync(jobId, cancellationToken), CancellationToken.None);

    private async Task RunHereAsync(long jobId, CancellationToken cancellationToken)
    {
        if (await transitions.TryTakeAsync(jobId, registry.Name, cancellationToken) is not { } attempt) return;
        using var ended = new CancellationTokenSource();
        var beating = BeatAsync(jobId, attempt, ended.Token);
        try
        {
            await runner.ExecuteAsync(jobId, attempt, cancellationToken);
        }
        finally
        {
            await ended.CancelAsync();
            await beating;
        }
    }

    private async Task BeatAsync(long jobId, int attempt, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BeatInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken)) await transitions.BeatAsync(jobId, attempt, cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception exception)
        {
            logger.LogWarning(exception, "Job {JobId} could not say that it lives", jobId);
        }
    }

    /// <summary>The study's jobs and those they wait for, and which of them can start, first come first.</summary>
    private async Task<(StudyProgress Status, List<long> Ready)> LookAsync(long studyId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var jobs = await context.Jobs.AsNoTracking()
            .Where(job => job.StudyId == studyId
                || context.JobDependencies.Any(edge => edge.DependsOnJobId == job.Id && context.Jobs.Any(waiting => waiting.Id == edge.JobId && waiting.StudyId == studyId)))
            .OrderBy(job => job.Id).ToListAsync(cancellationToken);
        if (jobs.Count == 0) throw new InputException($"Study {studyId} has no jobs to run.");
        var ids = jobs.Select(job => job.Id).ToHashSet();
        var ready = await JobTransitions.InOrder(JobTransitions.Ready(context, time.GetUtcNow().UtcDateTime)).Select(job => job.Id).ToListAsync(cancellationToken);
        return (new StudyProgress(jobs), [.. ready.Where(ids.Contains)]);
    }
}
