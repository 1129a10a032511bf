using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs;

/// <summary>Queues again what runs in the store and nowhere else: its node's lease has ended, or its node was a process of this machine that is gone.</summary>
public sealed class LostJobs(
    IDbContextFactory<NcServiceContext> contexts, JobTransitions transitions, WorkerRegistry registry, NcServiceOptions options, TimeProvider time, ILogger<LostJobs> logger)
{
    private static readonly TimeSpan KeepDeadWorkers = TimeSpan.FromHours(1);

    /// <summary>Looks once.</summary>
    /// <param name="answersFor">
    /// How long the store has answered without a break. While it did not, nobody could beat: leases count only when every node has had the time to beat again.
    /// </param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many jobs were queued again.</returns>
    public async Task<int> RecoverAsync(TimeSpan answersFor, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var running = await context.Jobs.AsNoTracking().Where(job => job.State == JobState.Running).ToListAsync(cancellationToken);
        var workers = await context.Workers.AsNoTracking().ToListAsync(cancellationToken);
        var dead = workers.Where(registry.IsDeadHere).Select(worker => worker.Name).ToHashSet();
        var now = time.GetUtcNow().UtcDateTime;
        var lease = TimeSpan.FromSeconds(options.LeaseSeconds);
        var leaseBegin = now - lease;

        var recovered = 0;
        foreach (var job in running)
        {
            if (job.WorkerName == registry.Name && registry.RunningJobs.Contains(job.Id)) continue;
            var gone = job.WorkerName is { } name && dead.Contains(name);
            if (!gone && (answersFor < lease || job.HeartbeatAt >= leaseBegin)) continue;
            var why = $"its node {job.WorkerName} was lost; to be continued";
            if (!await transitions.HandBackAsync(job.Id, job.Attempt, why, cancellationToken)) continue;
            logger.LogWarning("Job {JobId}, attempt {Attempt}: {Why}", job.Id, job.Attempt, why);
            recovered++;
        }

        var others = dead.Where(name => name != registry.Name).ToList();
        var old = now - KeepDeadWorkers;
        await context.Workers.Where(worker => others.Contains(worker.Name) || worker.HeartbeatAt < old).ExecuteDeleteAsync(cancellationToken);
        return recovered;
    }
}
