using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NcService.Platform.Deleting;
using NcService.Platform.Jobs;

namespace NcService.Platform.Node;

/// <summary>Sweeps uploads that no job will read any more, and the files of what was deleted, at the start and every hour.</summary>
public sealed class ArtifactSweep(Uploads uploads, DeletedArtifacts artifacts, TimeProvider time, ILogger<ArtifactSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                var deleted = await uploads.SweepAsync(stoppingToken);
                if (deleted > 0) logger.LogInformation("{Count} uploads that no job will read were deleted", deleted);
                var found = await artifacts.SweepAsync(stoppingToken);
                if (found > 0) logger.LogInformation("{Count} folders of what had been deleted were taken away", found);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogWarning(exception, "Artifacts could not be swept; to be tried again");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
