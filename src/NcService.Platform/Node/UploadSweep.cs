using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NcService.Platform.Jobs;

namespace NcService.Platform.Node;

/// <summary>Sweeps uploads that no job will read any more, at the start and every hour.</summary>
public sealed class UploadSweep(Uploads uploads, TimeProvider time, ILogger<UploadSweep> logger) : BackgroundService
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
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogWarning(exception, "Uploads could not be swept; to be tried again");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
