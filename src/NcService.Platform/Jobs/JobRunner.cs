using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NcService.Core;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs;

/// <summary>Executes a taken job in this process and ends it in the store.</summary>
public sealed class JobRunner(
    IDbContextFactory<NcServiceContext> contexts, JobTransitions transitions, IEnumerable<IJobExecutor> executors, ArtifactStore artifacts, Uploads uploads, TimeProvider time,
    ILogger<JobRunner> logger)
{
    /// <summary>
    /// Does the work of the job's kind and writes how it ended. <paramref name="cancellationToken"/> stops the process: the job is handed back to
    /// the queue and continues elsewhere; to cancel the job itself is the queue's business.
    /// </summary>
    /// <param name="jobId">The job.</param>
    /// <param name="attempt">The fencing token that taking the job gave.</param>
    /// <param name="cancellationToken">Asks the execution to stop.</param>
    /// <returns>The job's state afterwards; null where this attempt had lost it and it has been deleted since.</returns>
    /// <exception cref="InputException">There is no such job, or this attempt does not hold it.</exception>
    public async Task<JobState?> ExecuteAsync(long jobId, int attempt, CancellationToken cancellationToken)
    {
        var job = await LoadAsync(jobId, attempt, cancellationToken);
        logger.LogInformation("Job {JobId} ({Kind}), attempt {Attempt}, process {ProcessId}", job.Id, job.Kind, attempt, Environment.ProcessId);
        await using var execution = new JobExecution(contexts, time, logger, jobId, attempt, cancellationToken);
        // Whoever asks the process to stop still wants the outcome written, so what follows the work has no token.
        var mine = await EndAsync(job, attempt, execution);
        if (!mine)
        {
            logger.LogWarning("Job {JobId} was given to another attempt while attempt {Attempt} worked on it; nothing was written.", jobId, attempt);
            if (JobFolder.RootOf(job) is { } folder) artifacts.AbandonFolder(folder, attempt);
        }
        var state = await StoreRetry.RunAsync(() => StateAsync(jobId), time, CancellationToken.None);
        if (state == JobState.Succeeded) uploads.Delete(job);
        logger.LogInformation("Job {JobId} is {State}", jobId, state?.ToString() ?? "deleted");
        return state;
    }

    private async Task<bool> EndAsync(Job job, int attempt, JobExecution execution)
    {
        try
        {
            var executor = executors.SingleOrDefault(executor => executor.Kind == job.Kind)
                ?? throw new InputException($"This version of NcService cannot do jobs of kind {job.Kind}.");
            if (JobFolder.RootOf(job) is { } folder && !artifacts.ClaimFolder(folder, attempt)) return false;
            var write = await executor.ExecuteAsync(job, execution, execution.Token);
            return await transitions.SucceedAsync(job.Id, attempt, write, CancellationToken.None);
        }
        catch (OperationCanceledException) when (execution.Token.IsCancellationRequested)
        {
            return execution.Reason switch
            {
                StopReason.Cancelled => await transitions.CancelAsync(job.Id, attempt, CancellationToken.None),
                StopReason.Lost => false,
                StopReason.Paused => await transitions.HandBackAsync(job.Id, attempt, "paused", CancellationToken.None),
                _ => await transitions.HandBackAsync(job.Id, attempt, "handed back: its node stopped", CancellationToken.None),
            };
        }
        catch (Exception exception) when (Surroundings.AreToBlame(exception))
        {
            logger.LogWarning("Job {JobId} is handed back, to be tried again: {Reason}", job.Id, exception.Message);
            return await transitions.TryAgainLaterAsync(job.Id, attempt, Describe(exception), CancellationToken.None);
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "Job {JobId} failed", job.Id);
            return await transitions.FailAsync(job.Id, attempt, Describe(exception), CancellationToken.None);
        }
    }

    private async Task<JobState?> StateAsync(long jobId)
    {
        await using var context = await contexts.CreateDbContextAsync();
        return await context.Jobs.Where(row => row.Id == jobId).Select(row => (JobState?)row.State).SingleOrDefaultAsync();
    }

    private async Task<Job?> FindAsync(long jobId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.Id == jobId, cancellationToken);
    }

    private async Task<Job> LoadAsync(long jobId, int attempt, CancellationToken cancellationToken)
    {
        var job = await StoreRetry.RunAsync(() => FindAsync(jobId, cancellationToken), time, cancellationToken)
            ?? throw new InputException($"There is no job {jobId}.");
        return job.State == JobState.Running && job.Attempt == attempt
            ? job
            : throw new InputException($"Job {jobId} is {job.State.ToString().ToLowerInvariant()} at attempt {job.Attempt}: attempt {attempt} does not hold it.");
    }

    /// <summary>One message for people. Exceptions made for users speak for themselves; others need their type.</summary>
    private static string Describe(Exception exception) =>
        StoreRetry.IsTransient(exception) ? $"The store did not answer: {exception.Message}"
        // It says no more than "see the inner exception".
        : exception is DbUpdateException { InnerException: { } refusal } ? Describe(refusal)
        : exception is InputException || exception.GetType().Namespace?.StartsWith("NcService.", StringComparison.Ordinal) == true
            ? exception.Message
            : $"{exception.GetType().Name}: {exception.Message}";
}
