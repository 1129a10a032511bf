using Microsoft.EntityFrameworkCore;
using NcService.Platform;
using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Data;

/// <summary>How fast this installation has been.</summary>
/// <param name="Training">Cost of training a token; null before the first run has ended.</param>
/// <param name="Analysis">Cost of analysing a token; null before the first analysis has ended.</param>
/// <param name="Workers">Workers that live now; at least 1, as the server works itself where no other does.</param>
public sealed record Throughput(SpeedLaw? Training, SpeedLaw? Analysis, int Workers);

/// <summary>What the dashboard reads about speed.</summary>
public sealed class ThroughputQueries(IDbContextFactory<NcServiceContext> contexts, NcServiceOptions options, TimeProvider time)
{
    // Older runs may be of another machine.
    private const int Latest = 60;

    /// <summary>Speed of the latest runs and analyses.</summary>
    public async Task<Throughput> ReadAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var trained = await context.Runs.Where(run => run.TokensSeen > 0 && run.TrainingSeconds > 0).OrderByDescending(run => run.Id).Take(Latest)
            .Select(run => new { run.ParameterCount, Tokens = run.TokensSeen!.Value, Seconds = run.TrainingSeconds!.Value }).ToListAsync(cancellationToken);
        var analysed = await context.Analyses.Where(analysis => analysis.SampleCount > 0 && analysis.Job!.StartedAt != null && analysis.Job.FinishedAt != null)
            .OrderByDescending(analysis => analysis.Id).Take(Latest)
            .Select(analysis => new { analysis.Run!.ParameterCount, Tokens = analysis.SampleCount!.Value, analysis.Job!.StartedAt, analysis.Job.FinishedAt }).ToListAsync(cancellationToken);
        var oldest = time.GetUtcNow().UtcDateTime.AddSeconds(-options.LeaseSeconds);
        var workers = await context.Workers.CountAsync(worker => worker.HeartbeatAt >= oldest, cancellationToken);
        return new Throughput(
            SpeedLaw.Fit([.. trained.Select(run => ((double)run.ParameterCount, run.Seconds / run.Tokens))]),
            SpeedLaw.Fit([.. analysed.Select(run => ((double)run.ParameterCount, (run.FinishedAt!.Value - run.StartedAt!.Value).TotalSeconds / run.Tokens))]),
            Math.Max(1, workers));
    }
}
