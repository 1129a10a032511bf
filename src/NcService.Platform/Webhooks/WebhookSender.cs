using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NcService.Platform.Store;

namespace NcService.Platform.Webhooks;

/// <summary>
/// Tells webhooks of the jobs that have ended, at least once each: what is to be told is rows of the store, found by comparing with the jobs' own rows, so
/// that no crash between a job's end and its message loses one. Failures are repeated with back-off for two days. Any number of processes may do this.
/// </summary>
public sealed class WebhookSender(IDbContextFactory<NcServiceContext> contexts, WebhookClient client, TimeProvider time, ILogger<WebhookSender> logger) : BackgroundService
{
    /// <summary>Sent so often in vain, a message is given up.</summary>
    public const int MaximumAttempts = 12;

    private const int Batch = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(12);
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(1);
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    /// <summary>One round: finds what is to be told, and sends what is due. Returns how many messages arrived.</summary>
    public async Task<int> SendDueAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (!await context.Webhooks.AnyAsync(cancellationToken)) return 0;
        await AddMissingAsync(context, cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        var due = await context.WebhookDeliveries.AsNoTracking().Include(delivery => delivery.Webhook).Include(delivery => delivery.Job)
            .Where(delivery => delivery.NextAttemptAt <= now).OrderBy(delivery => delivery.NextAttemptAt).Take(Batch).ToListAsync(cancellationToken);
        var arrived = 0;
        foreach (var delivery in due)
        {
            // Whoever moves the time first sends; one that dies then leaves it for a minute later.
            var claimed = now + Claim;
            var mine = await context.WebhookDeliveries.Where(row => row.Id == delivery.Id && row.NextAttemptAt == delivery.NextAttemptAt && row.Attempts == delivery.Attempts)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.NextAttemptAt, claimed).SetProperty(row => row.Attempts, delivery.Attempts + 1), cancellationToken);
            if (mine == 1 && await SendAsync(context, delivery, cancellationToken)) arrived++;
        }
        return arrived;
    }

    /// <summary>How long after the given number of vain attempts the next one follows: 5 s, 15 s, 45 s, ... 12 h.</summary>
    public static TimeSpan PauseAfter(int attempts) =>
        TimeSpan.FromTicks((long)Math.Min(LongestPause.Ticks, FirstPause.Ticks * Math.Pow(3, attempts - 1)));

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await SendDueAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogWarning(exception, "Webhooks could not be told; to be tried again");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task AddMissingAsync(NcServiceContext context, CancellationToken cancellationToken)
    {
        var ended =
            from job in context.Jobs
            from webhook in context.Webhooks
            where job.FinishedAt != null && job.FinishedAt >= webhook.CreatedAt
                && (job.State == JobState.Succeeded || job.State == JobState.Failed || job.State == JobState.Cancelled)
                && !context.WebhookDeliveries.Any(row => row.WebhookId == webhook.Id && row.JobId == job.Id && row.FinishedAt == job.FinishedAt)
            orderby job.FinishedAt
            select new { JobId = job.Id, WebhookId = webhook.Id, job.FinishedAt };
        var missing = await ended.Take(Batch).ToListAsync(cancellationToken);
        if (missing.Count == 0) return;
        var now = time.GetUtcNow().UtcDateTime;
        context.WebhookDeliveries.AddRange(missing.Select(end => new WebhookDelivery { WebhookId = end.WebhookId, JobId = end.JobId, FinishedAt = end.FinishedAt!.Value, NextAttemptAt = now }));
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Another process found them at the same moment.
        }
        context.ChangeTracker.Clear();
    }

    private async Task<bool> SendAsync(NcServiceContext context, WebhookDelivery delivery, CancellationToken cancellationToken)
    {
        var job = delivery.Job!;
        var body = JsonSerializer.Serialize(
            new
            {
                @event = "job.ended", deliveryId = delivery.Id, jobId = job.Id, kind = JsonNamingPolicy.CamelCase.ConvertName(job.Kind.ToString()),
                state = JsonNamingPolicy.CamelCase.ConvertName(job.State.ToString()), job.StudyId, job.Error, finishedAt = delivery.FinishedAt,
            },
            Format);
        var now = time.GetUtcNow();
        var error = await client.SendAsync(delivery.Webhook!.Url, body, WebhookSignature.Sign(delivery.Webhook.Secret, now, body), cancellationToken);
        var attempts = delivery.Attempts + 1;
        DateTime? next = error is null || attempts >= MaximumAttempts ? null : time.GetUtcNow().UtcDateTime + PauseAfter(attempts);
        DateTime? delivered = error is null ? time.GetUtcNow().UtcDateTime : null;
        if (error is not null) logger.LogWarning("Webhook {WebhookId} was not told of job {JobId} (attempt {Attempt}): {Reason}", delivery.WebhookId, job.Id, attempts, error);
        await context.WebhookDeliveries.Where(row => row.Id == delivery.Id).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.NextAttemptAt, next).SetProperty(row => row.DeliveredAt, delivered).SetProperty(row => row.LastError, error), cancellationToken);
        return error is null;
    }
}
