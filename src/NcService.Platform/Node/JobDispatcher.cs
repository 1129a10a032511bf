using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using Quartz;

namespace NcService.Platform.Node;

/// <summary>
/// Hands queued jobs that nothing holds back to Quartz, one trigger an attempt. It reads the store twice a second, so a job needs no word from
/// whoever queued it (the command line, another web process) and a crash between queueing and scheduling loses nothing. On a cluster
/// every node does so; the trigger's name lets one through.
/// </summary>
public sealed class JobDispatcher(IDbContextFactory<NcServiceContext> contexts, ISchedulerFactory schedulers, TimeProvider time, ILogger<JobDispatcher> logger) : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan CheckAgain = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(long JobId, int Attempt), long> scheduled = [];

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await DispatchAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogWarning(exception, "Jobs could not be dispatched; to be tried again");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task DispatchAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var ready = await JobTransitions.Ready(context)
            .OrderByDescending(job => job.Priority).ThenBy(job => job.Id)
            .Select(job => new { job.Id, job.Kind, job.Priority, job.Attempt })
            .Take(Batch).ToListAsync(cancellationToken);
        var current = ready.Select(job => (job.Id, job.Attempt)).ToHashSet();
        foreach (var gone in scheduled.Keys.Where(key => !current.Contains(key)).ToList()) scheduled.Remove(gone);

        IScheduler? scheduler = null;
        foreach (var job in ready)
        {
            var key = (job.Id, job.Attempt);
            if (scheduled.TryGetValue(key, out var since) && time.GetElapsedTime(since) < CheckAgain) continue;
            scheduler ??= await schedulers.GetScheduler(cancellationToken);
            await ScheduleAsync(scheduler, job.Id, job.Attempt, job.Kind, job.Priority, cancellationToken);
            scheduled[key] = time.GetTimestamp();
        }
    }

    private static async Task ScheduleAsync(IScheduler scheduler, long jobId, int attempt, JobKind kind, int priority, CancellationToken cancellationToken)
    {
        var group = JobOrder.Group(kind);
        var key = new TriggerKey($"job-{jobId}-{attempt}", group);
        // It waits for its turn, or fires just now.
        if (await scheduler.Exists(key, cancellationToken)) return;
        var trigger = TriggerBuilder.Create()
            .WithIdentity(key)
            .ForJob(ExecuteJob.Key)
            .WithExecutionGroup(group)
            .UsingJobData(ExecuteJob.JobId, jobId.ToString())
            .StartAt(JobOrder.StartTime(priority, jobId))
            .WithSimpleSchedule(schedule => schedule.WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires))
            .Build();
        try
        {
            await scheduler.ScheduleJob(trigger, cancellationToken: cancellationToken);
        }
        catch (ObjectAlreadyExistsException)
        {
            // Another node was quicker.
        }
    }
}
