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

    private readonly Dictionary<ReadyJob, long> scheduled = [];

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
        var ready = await JobTransitions.InOrder(JobTransitions.Ready(context))
            .Select(job => new ReadyJob(job.Id, job.Attempt, job.Kind, job.Priority, job.Turn))
            .Take(Batch).ToListAsync(cancellationToken);
        foreach (var gone in scheduled.Keys.Except(ready).ToList()) scheduled.Remove(gone);

        IScheduler? scheduler = null;
        foreach (var job in ready)
        {
            if (scheduled.TryGetValue(job, out var since) && time.GetElapsedTime(since) < CheckAgain) continue;
            scheduler ??= await schedulers.GetScheduler(cancellationToken);
            await ScheduleAsync(scheduler, job, cancellationToken);
            scheduled[job] = time.GetTimestamp();
        }
    }

    private static async Task ScheduleAsync(IScheduler scheduler, ReadyJob job, CancellationToken cancellationToken)
    {
        var group = JobOrder.Group(job.Kind);
        var trigger = TriggerBuilder.Create()
            .WithIdentity($"job-{job.Id}-{job.Attempt}", group)
            .ForJob(ExecuteJob.Key)
            .WithExecutionGroup(group)
            .UsingJobData(ExecuteJob.JobId, job.Id.ToString())
            .StartAt(JobOrder.StartTime(job.Priority, job.Turn, job.Id))
            .WithSimpleSchedule(schedule => schedule.WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires))
            .Build();
        if (await scheduler.GetTrigger(trigger.Key, cancellationToken) is { } existing)
        {
            // It waits for its turn, or fires just now. A changed priority gives it another place.
            if (existing.StartTimeUtc != trigger.StartTimeUtc) await scheduler.RescheduleJob(trigger.Key, trigger, cancellationToken);
            return;
        }
        try
        {
            await scheduler.ScheduleJob(trigger, cancellationToken: cancellationToken);
        }
        catch (ObjectAlreadyExistsException)
        {
            // Another node was quicker.
        }
    }

    /// <summary>A job that can start, and what decides where it stands in the queue.</summary>
    private sealed record ReadyJob(long Id, int Attempt, JobKind Kind, int Priority, long Turn);
}
