using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs;

/// <summary>What an executor tells the world while it works. Cheap and safe from any thread.</summary>
public interface IJobProgress
{
    /// <summary>Says how far the work is.</summary>
    /// <param name="share">Share done, 0 to 1.</param>
    /// <param name="text">What it is doing, in words.</param>
    /// <param name="tokensPerSecond">Speed, where it has one.</param>
    void Report(double share, string text, double? tokensPerSecond = null);
}

/// <summary>Why an execution was asked to stop.</summary>
internal enum StopReason
{
    None,
    Cancelled,
    Paused,
    Lost,
}

/// <summary>
/// The connection between a running job and its row: twice a second it writes progress, if there is some, and reads whether the job was
/// cancelled, paused or lost to another attempt, in which case it cancels <see cref="Token"/>.
/// </summary>
internal sealed class JobExecution : IJobProgress, IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly IDbContextFactory<NcServiceContext> contexts;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly long jobId;
    private readonly int attempt;
    private readonly CancellationTokenSource stop;
    private readonly CancellationTokenSource finished = new();
    private readonly Task pump;
    private readonly long startTimestamp;
    private Snapshot? latest;
    private double? firstShare;
    private volatile StopReason reason;

    public JobExecution(IDbContextFactory<NcServiceContext> contexts, TimeProvider time, ILogger logger, long jobId, int attempt, CancellationToken cancellationToken)
    {
        this.contexts = contexts;
        this.time = time;
        this.logger = logger;
        this.jobId = jobId;
        this.attempt = attempt;
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        startTimestamp = time.GetTimestamp();
        pump = Task.Run(PumpAsync, CancellationToken.None);
    }

    /// <summary>Cancelled when the work shall stop, for whatever reason.</summary>
    public CancellationToken Token => stop.Token;

    public StopReason Reason => reason;

    public void Report(double share, string text, double? tokensPerSecond = null)
    {
        share = Math.Clamp(double.IsNaN(share) ? 0 : share, 0, 1);
        firstShare ??= share;
        Volatile.Write(ref latest, new Snapshot(share, text, tokensPerSecond));
    }

    public async ValueTask DisposeAsync()
    {
        await finished.CancelAsync();
        await pump;
        finished.Dispose();
        stop.Dispose();
    }

    private async Task PumpAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(finished.Token))
            {
                try
                {
                    await SynchroniseAsync(finished.Token);
                }
                catch (Exception exception) when (StoreRetry.IsTransient(exception))
                {
                    logger.LogWarning("The store did not answer ({Reason}); the job goes on.", exception.Message);
                }
                if (reason != StopReason.None)
                {
                    await stop.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (finished.IsCancellationRequested)
        {
        }
    }

    private async Task SynchroniseAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var mine = JobTransitions.Mine(context, jobId, attempt);
        if (Interlocked.Exchange(ref latest, null) is { } snapshot)
        {
            var now = time.GetUtcNow().UtcDateTime;
            var expected = ExpectedEnd(snapshot.Share, now);
            await mine.ExecuteUpdateAsync(set => set
                .SetProperty(job => job.Progress, snapshot.Share)
                .SetProperty(job => job.ProgressText, snapshot.Text)
                .SetProperty(job => job.TokensPerSecond, snapshot.TokensPerSecond)
                .SetProperty(job => job.ExpectedAt, expected)
                .SetProperty(job => job.ProgressAt, now), cancellationToken);
        }
        var wish = await mine.Select(job => new { job.CancelRequested, job.Paused }).SingleOrDefaultAsync(cancellationToken);
        reason = wish switch
        {
            null => StopReason.Lost,
            { CancelRequested: true } => StopReason.Cancelled,
            { Paused: true } => StopReason.Paused,
            _ => StopReason.None,
        };
    }

    /// <summary>By the speed of this attempt alone: a resumed job did its first share earlier.</summary>
    private DateTime? ExpectedEnd(double share, DateTime now)
    {
        var done = share - (firstShare ?? share);
        return done < 0.01 ? null : now + (time.GetElapsedTime(startTimestamp) * ((1 - share) / done));
    }

    private sealed record Snapshot(double Share, string Text, double? TokensPerSecond);
}
