using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NcService.Platform.Jobs;

namespace NcService.Platform.Node;

/// <summary>Keeps this node's row fresh and looks for jobs that lost theirs.</summary>
public sealed class NodeHeartbeat(WorkerRegistry registry, LostJobs lostJobs, TimeProvider time, ILogger<NodeHeartbeat> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await registry.LeaveAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                // In this order: before the first beat the row still describes the process that had this node's name before.
                await lostJobs.RecoverAsync(stoppingToken);
                await registry.BeatAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogWarning(exception, "This node could not say that it lives; to be tried again");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
