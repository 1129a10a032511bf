using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NcService.Platform.Jobs;

namespace NcService.Platform.Node;

/// <summary>Keeps this node's row fresh and looks for jobs that lost theirs.</summary>
public sealed class NodeHeartbeat(WorkerRegistry registry, LostJobs lostJobs, NcServiceOptions options, TimeProvider time, ILogger<NodeHeartbeat> logger) : BackgroundService
{
    private const double LongestInterval = 5;

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await registry.LeaveAsync(cancellationToken);
        }
        catch (Exception exception) when (StoreRetry.IsTransient(exception))
        {
            // Its row stays until its lease ends; stopping in good order does not wait for a store that is gone.
            logger.LogWarning("This node could not say that it leaves: {Reason}", exception.Message);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Min(LongestInterval, options.LeaseSeconds / 4)), time);
        long? answersSince = null;
        do
        {
            try
            {
                // In this order: before the first beat the row still describes the process that had this node's name before.
                answersSince ??= time.GetTimestamp();
                await lostJobs.RecoverAsync(time.GetElapsedTime(answersSince.Value), stoppingToken);
                await registry.BeatAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                answersSince = null;
                logger.LogWarning(exception, "This node could not say that it lives; to be tried again");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
