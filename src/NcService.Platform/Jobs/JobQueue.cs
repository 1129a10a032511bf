using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs;

/// <summary>Puts jobs into the queue and takes requests about them. What is queued here is found and run by a node, or by a study run from the command line.</summary>
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "It is a queue, if not a collection.")]
public sealed class JobQueue(IDbContextFactory<NcServiceContext> contexts, NcServiceOptions options, TimeProvider time)
{
    /// <summary>Largest priority either way.</summary>
    public const int MaximumPriority = 10;

    /// <summary>Queues a job, or finds the one that the same key queued before.</summary>
    /// <exception cref="InputException">The priority is out of range, or the key belongs to another request.</exception>
    public async Task<Job> EnqueueAsync(JobRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await FindAsync(context, request, cancellationToken) is { } existing) return existing;
        var job = Add(context, request);
        try
        {
            await context.SaveChangesAsync(cancellationToken);
            return job;
        }
        catch (DbUpdateException) when (request.IdempotencyKey is not null)
        {
            // The same request at the same moment: the unique key let one in.
            await using var again = await contexts.CreateDbContextAsync(cancellationToken);
            return await FindAsync(again, request, cancellationToken) ?? throw new InputException("The job could not be queued.");
        }
    }

    /// <summary>The job that the same key queued before; null for none.</summary>
    /// <exception cref="InputException">The key belongs to another request.</exception>
    public async Task<Job?> FindAsync(JobRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await FindAsync(context, request, cancellationToken);
    }

    /// <summary>The job that the same request queued before, known by key and digest; null for none, or without a key.</summary>
    /// <exception cref="InputException">The key belongs to another request.</exception>
    public async Task<Job?> FindAsync(JobKind kind, RequestOrigin origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(origin);
        if (origin.IdempotencyKey is not { } key) return null;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var job = await context.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.IdempotencyKey == key, cancellationToken);
        if (job is not null && (job.Kind != kind || JobParameters.FromJson(job.Parameters).RequestDigest != origin.Digest)) throw UsedBefore(key);
        return job;
    }

    /// <summary>Adds a job to the caller's unit of work, so that it appears together with the rows it works on.</summary>
    /// <exception cref="InputException">The priority is out of range.</exception>
    public Job Add(NcServiceContext context, JobRequest request)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(request);
        CheckPriority(request.Priority);
        var job = new Job
        {
            Kind = request.Kind,
            Parameters = request.Parameters.ToJson(),
            StudyId = request.StudyId,
            Priority = request.Priority,
            RequestedBy = request.RequestedBy,
            IdempotencyKey = request.IdempotencyKey,
            MaximumTries = options.Retry.For(request.Kind).Attempts,
            CreatedAt = time.GetUtcNow().UtcDateTime,
        };
        // A job of the same unit of work has no id yet.
        job.DependsOn.AddRange(request.DependsOn.Select(dependency =>
            dependency.Id == 0 ? new JobDependency { DependsOnJob = dependency } : new JobDependency { DependsOnJobId = dependency.Id }));
        context.Jobs.Add(job);
        return job;
    }

    /// <summary>
    /// Cancels a job: at once where it is queued; where it runs, its process notices within one training step, and is killed if it does not.
    /// The jobs that wait for it are cancelled with it. A job that has ended stays as it is.
    /// </summary>
    /// <returns>The state right after the request; <see cref="JobState.Running"/> means that it is being stopped.</returns>
    /// <exception cref="InputException">There is no such job.</exception>
    public async Task<JobState> CancelAsync(long jobId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var state = await CancelAsync(context, jobId, time.GetUtcNow().UtcDateTime, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return state;
    }

    /// <summary>
    /// Holds jobs back: what is queued does not start, what runs saves its state within one training step and waits in the queue. Jobs that have
    /// ended stay as they are.
    /// </summary>
    /// <param name="jobs">Chooses the jobs, such as one by its id or all of a study.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many jobs are held back now and were not before.</returns>
    public Task<int> PauseAsync(Expression<Func<Job, bool>> jobs, CancellationToken cancellationToken) => SetPausedAsync(jobs, true, cancellationToken);

    /// <summary>Lets jobs that were held back take their turn again.</summary>
    /// <returns>How many were held back.</returns>
    public Task<int> ResumeAsync(Expression<Func<Job, bool>> jobs, CancellationToken cancellationToken) => SetPausedAsync(jobs, false, cancellationToken);

    /// <summary>Gives jobs that have not started another priority.</summary>
    /// <exception cref="InputException">The priority is out of range.</exception>
    public async Task<int> PrioritiseAsync(Expression<Func<Job, bool>> jobs, int priority, CancellationToken cancellationToken)
    {
        CheckPriority(priority);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Jobs.Where(jobs).Where(job => job.State == JobState.Queued && job.Priority != priority)
            .ExecuteUpdateAsync(set => set.SetProperty(job => job.Priority, priority), cancellationToken);
    }

    /// <summary>
    /// Queues a failed or cancelled job again, together with what it depends on and has not succeeded either, and with the jobs that never
    /// started because of it. One that waits for its next try is tried now.
    /// </summary>
    /// <exception cref="InputException">There is no such job, or it has neither failed nor been cancelled, nor waits for its next try.</exception>
    public async Task RetryAsync(long jobId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var job = await context.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.Id == jobId, cancellationToken)
            ?? throw new InputException($"There is no job {jobId}.");
        if (job.State == JobState.Queued && job.NextTryAt is not null)
        {
            await context.Jobs.Where(other => other.Id == jobId && other.State == JobState.Queued)
                .ExecuteUpdateAsync(set => set.SetProperty(other => other.NextTryAt, (DateTime?)null), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return;
        }
        if (job.State is not (JobState.Failed or JobState.Cancelled))
            throw new InputException($"Job {jobId} is {job.State.ToString().ToLowerInvariant()}; only a failed or cancelled job can be retried.");

        var again = new List<long> { jobId };
        for (var i = 0; i < again.Count; i++)
        {
            var id = again[i];
            var ended = context.Jobs.Where(other => other.State == JobState.Failed || other.State == JobState.Cancelled);
            var needed = await ended.Where(other => context.JobDependencies.Any(edge => edge.JobId == id && edge.DependsOnJobId == other.Id)).Select(other => other.Id).ToListAsync(cancellationToken);
            var held = await ended.Where(other => other.StartedAt == null && other.DependsOn.Any(edge => edge.DependsOnJobId == id)).Select(other => other.Id).ToListAsync(cancellationToken);
            again.AddRange(needed.Concat(held).Except(again));
        }
        await context.Jobs.Where(other => again.Contains(other.Id)).ExecuteUpdateAsync(set => set
            .SetProperty(other => other.State, JobState.Queued)
            .SetProperty(other => other.CancelRequested, false)
            .SetProperty(other => other.Paused, false)
            .SetProperty(other => other.ProcessDeaths, 0)
            .SetProperty(other => other.FailedTries, 0)
            .SetProperty(other => other.NextTryAt, (DateTime?)null)
            .SetProperty(other => other.Error, (string?)null)
            .SetProperty(other => other.FinishedAt, (DateTime?)null), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    internal static async Task<JobState> CancelAsync(NcServiceContext context, long jobId, DateTime now, CancellationToken cancellationToken)
    {
        var queued = await context.Jobs.Where(job => job.Id == jobId && job.State == JobState.Queued).ExecuteUpdateAsync(set => set
            .SetProperty(job => job.State, JobState.Cancelled)
            .SetProperty(job => job.CancelRequested, true)
            .SetProperty(job => job.NextTryAt, (DateTime?)null)
            .SetProperty(job => job.FinishedAt, now), cancellationToken);
        if (queued == 1)
        {
            await JobDependents.EndAsync(context, jobId, JobState.Cancelled, now, cancellationToken);
            return JobState.Cancelled;
        }
        await context.Jobs.Where(job => job.Id == jobId && job.State == JobState.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(job => job.CancelRequested, true), cancellationToken);
        var state = await context.Jobs.Where(job => job.Id == jobId).Select(job => (JobState?)job.State).SingleOrDefaultAsync(cancellationToken);
        return state ?? throw new InputException($"There is no job {jobId}.");
    }

    private static void CheckPriority(int priority)
    {
        if (Math.Abs((long)priority) > MaximumPriority)
            throw new InputException($"Priority {priority} is out of range: {-MaximumPriority} to {MaximumPriority}.");
    }

    private async Task<int> SetPausedAsync(Expression<Func<Job, bool>> jobs, bool paused, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Jobs.Where(jobs).Where(job => (job.State == JobState.Queued || job.State == JobState.Running) && job.Paused != paused)
            .ExecuteUpdateAsync(set => set.SetProperty(job => job.Paused, paused), cancellationToken);
    }

    private static async Task<Job?> FindAsync(NcServiceContext context, JobRequest request, CancellationToken cancellationToken)
    {
        if (request.IdempotencyKey is null) return null;
        var job = await context.Jobs.SingleOrDefaultAsync(job => job.IdempotencyKey == request.IdempotencyKey, cancellationToken);
        if (job is not null && (job.Kind != request.Kind || job.Parameters != request.Parameters.ToJson()))
            throw UsedBefore(request.IdempotencyKey);
        return job;
    }

    private static InputException UsedBefore(string key) => new($"Idempotency key '{key}' was used before, for another request.");
}
