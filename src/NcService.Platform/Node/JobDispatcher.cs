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

    /// <summary>New triggers at one look: more than start until the next, and few enough that nodes which come upon many jobs together find most of each other's done.</summary>
    private const int NewTriggers = 50;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan CheckAgain = TimeSpan.FromSeconds(30);

    private readonly Dictionary<TriggerKey, Place> scheduled = [];

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
        var ready = await JobTransitions.InOrder(JobTransitions.Ready(context, time.GetUtcNow().UtcDateTime))
            .Select(job => new ReadyJob(job.Id, job.Attempt, job.Kind, job.Priority, job.Turn))
            .Take(Batch).ToListAsync(cancellationToken);
        var unseen = ready.Where(job => !scheduled.TryGetValue(job.Key, out var known) || known.StartTime != job.StartTime || time.GetElapsedTime(known.Since) > CheckAgain).Take(NewTriggers).ToList();
        if (unseen.Count > 0)
        {
            var scheduler = await schedulers.GetScheduler(cancellationToken);
            // One look for all of them: on a cluster most were scheduled by another node.
            var stored = (await scheduler.GetTriggerKeys(GroupMatcher<TriggerKey>.AnyGroup(), cancellationToken)).ToHashSet();
            foreach (var job in unseen)
            {
                var moved = scheduled.TryGetValue(job.Key, out var known) && known.StartTime != job.StartTime;
                if (!stored.Contains(job.Key)) await ScheduleAsync(scheduler, job, cancellationToken);
                // It waits for its turn, or fires just now. A changed priority gives it another place.
                else if (moved) await scheduler.RescheduleJob(job.Key, TriggerOf(job), cancellationToken);
                scheduled[job.Key] = new Place(job.StartTime, time.GetTimestamp());
            }
        }
        foreach (var gone in scheduled.Keys.Except(ready.Select(job => job.Key)).ToList()) scheduled.Remove(gone);
    }

    private static async Task ScheduleAsync(IScheduler scheduler, ReadyJob job, CancellationToken cancellationToken)
    {
        try
        {
            await scheduler.ScheduleJob(TriggerOf(job), cancellationToken: cancellationToken);
        }
        catch (ObjectAlreadyExistsException)
        {
            // Another node was quicker.
        }
    }

    private static ITrigger TriggerOf(ReadyJob job) => TriggerBuilder.Create()
        .WithIdentity(job.Key)
        .ForJob(ExecuteJob.Key)
        .WithExecutionGroup(job.Key.Group)
        .UsingJobData(ExecuteJob.JobId, job.Id.ToString())
        .StartAt(job.StartTime)
        .WithSimpleSchedule(schedule => schedule.WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires))
        .Build();

    /// <summary>A job that can start, and what decides where it stands in the queue.</summary>
    private sealed record ReadyJob(long Id, int Attempt, JobKind Kind, int Priority, long Turn)
    {
        /// <summary>One trigger an attempt, whoever schedules it.</summary>
        public TriggerKey Key { get; } = new($"job-{Id}-{Attempt}", JobOrder.Group(Kind));

        public DateTimeOffset StartTime { get; } = JobOrder.StartTime(Priority, Turn, Id);
    }

    /// <summary>Where this node has seen a trigger stand, and when it looked.</summary>
    private readonly record struct Place(DateTimeOffset StartTime, long Since);
}
