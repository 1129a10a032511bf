using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs;

/// <summary>Takes a job, runs it in a child process, and sees to it that the job has a true state when the child is gone, however it went.</summary>
public sealed class ChildRunner(
    IDbContextFactory<NcServiceContext> contexts, JobTransitions transitions, ArtifactStore artifacts, NcServiceOptions options,
    WorkerRegistry registry, TimeProvider time, ILogger<ChildRunner> logger)
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    /// <summary>Runs the job, if it is still there to be taken.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="threads">Compute threads of the child; 0 for the configured number.</param>
    /// <param name="cancellationToken">Asks the child to stop and hand the job back; it is killed when it does not in time.</param>
    /// <returns>False where somebody else took the job.</returns>
    public async Task<bool> RunAsync(long jobId, int threads, CancellationToken cancellationToken)
    {
        var run = await StoreRetry.RunAsync(() => RunOfAsync(jobId, cancellationToken), time, cancellationToken);
        if (await transitions.TryTakeAsync(jobId, registry.Name, cancellationToken) is not { } attempt) return false;
        try
        {
            using var child = ChildProcess.Start(options, artifacts, time, jobId, attempt, threads > 0 ? threads : options.Threads);
            logger.LogInformation("Job {JobId}, run {RunId}, attempt {Attempt}: process {ProcessId}", jobId, run?.ToString() ?? "none", attempt, child.Id);
            registry.Add(jobId, child);
            try
            {
                await WatchAsync(child, jobId, attempt, cancellationToken);
                await SettleAsync(jobId, attempt, await child.WaitAsync(), stopped: cancellationToken.IsCancellationRequested);
            }
            finally
            {
                registry.Remove(jobId);
            }
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or IOException or Core.InputException)
        {
            var error = $"Its process could not be started: {exception.Message}";
            if (Surroundings.AreToBlame(exception)) await transitions.TryAgainLaterAsync(jobId, attempt, error, CancellationToken.None);
            // No other node would fare better for lack of a program.
            else await transitions.FailAsync(jobId, attempt, error, CancellationToken.None);
        }
        return true;
    }

    /// <summary>The run that a job trains, takes in or analyses; null for other work.</summary>
    private async Task<long?> RunOfAsync(long jobId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Runs.Where(run => run.JobId == jobId).Select(run => (long?)run.Id)
            .Concat(context.Analyses.Where(analysis => analysis.JobId == jobId).Select(analysis => analysis.RunId)).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Beats for the child until it has ended; stops or kills it where that is due.</summary>
    private async Task WatchAsync(ChildProcess child, long jobId, int attempt, CancellationToken cancellationToken)
    {
        var exit = child.WaitAsync();
        var grace = TimeSpan.FromSeconds(options.StopGraceSeconds);
        var beatEvery = TimeSpan.FromSeconds(options.LeaseSeconds / 6);
        long? stopSince = null;
        var lastBeat = time.GetTimestamp();
        while (await Task.WhenAny(exit, DelayAsync(stopSince is null ? cancellationToken : default)) != exit)
        {
            if (cancellationToken.IsCancellationRequested && stopSince is null)
            {
                stopSince = time.GetTimestamp();
                child.AskToStop();
            }
            if (stopSince is { } since && time.GetElapsedTime(since) > grace)
            {
                logger.LogWarning("Job {JobId}: process {ProcessId} did not stop within {Grace} and is killed", jobId, child.Id, grace);
                child.Kill();
            }
            try
            {
                if (time.GetElapsedTime(lastBeat) >= beatEvery)
                {
                    await transitions.BeatAsync(jobId, attempt, CancellationToken.None);
                    lastBeat = time.GetTimestamp();
                }
                if (stopSince is null && await ShouldEndAsync(jobId, attempt)) stopSince = time.GetTimestamp();
            }
            catch (Exception exception) when (StoreRetry.IsTransient(exception))
            {
                logger.LogWarning("The store did not answer ({Reason}); job {JobId} goes on.", exception.Message, jobId);
            }
        }
    }

    /// <summary>Cancelled, paused, or no longer this attempt's: the child notices by itself and gets the grace time to do so.</summary>
    private async Task<bool> ShouldEndAsync(long jobId, int attempt)
    {
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        return !await JobTransitions.Mine(context, jobId, attempt).AnyAsync(job => !job.CancelRequested && !job.Paused);
    }

    private async Task SettleAsync(long jobId, int attempt, ChildExit exit, bool stopped)
    {
        // Only the row says how the job ended. If it is still running under this attempt, the process went without a word.
        var job = await StoreRetry.RunAsync(() => FindMineAsync(jobId, attempt), time, CancellationToken.None);
        if (job is null) return;
        if (stopped || job.Paused)
        {
            await transitions.HandBackAsync(jobId, attempt, stopped ? "handed back: its node stopped" : "paused", CancellationToken.None);
            return;
        }
        if (exit.ExitCode == WorkerExit.StoreUnreachable)
        {
            await transitions.TryAgainLaterAsync(jobId, attempt, "The store did not answer.", CancellationToken.None);
            return;
        }
        logger.LogWarning("Job {JobId}, attempt {Attempt}: its process was {Exit}", jobId, attempt, exit);
        await transitions.RecordProcessDeathAsync(jobId, attempt, exit.ToString(), CancellationToken.None);
    }

    private async Task<Job?> FindMineAsync(long jobId, int attempt)
    {
        await using var context = await contexts.CreateDbContextAsync();
        return await JobTransitions.Mine(context, jobId, attempt).AsNoTracking().SingleOrDefaultAsync();
    }

    private async Task DelayAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(WatchInterval, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Asked to stop: act on it now.
        }
    }
}
