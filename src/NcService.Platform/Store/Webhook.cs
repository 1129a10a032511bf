namespace NcService.Platform.Store;

/// <summary>An address that is told when a job has ended.</summary>
public sealed class Webhook
{
    /// <summary>Identity, made by the store.</summary>
    public long Id { get; set; }

    /// <summary>Where the message is sent.</summary>
    public required string Url { get; set; }

    /// <summary>Key of the signature; shown once, to whoever made the webhook.</summary>
    public required string Secret { get; set; }

    /// <summary>Who made it.</summary>
    public string? CreatedBy { get; set; }

    /// <summary>When it was made (UTC); jobs that ended before are not told.</summary>
    public DateTime CreatedAt { get; set; }
}

/// <summary>One end of one job, to be told to one webhook.</summary>
public sealed class WebhookDelivery
{
    /// <summary>Identity, made by the store.</summary>
    public long Id { get; set; }

    /// <summary>The webhook.</summary>
    public long WebhookId { get; set; }

    /// <summary>The webhook.</summary>
    public Webhook? Webhook { get; set; }

    /// <summary>The job.</summary>
    public long JobId { get; set; }

    /// <summary>The job.</summary>
    public Job? Job { get; set; }

    /// <summary>When the job ended (UTC); one that is retried ends again.</summary>
    public DateTime FinishedAt { get; set; }

    /// <summary>How often it was sent.</summary>
    public int Attempts { get; set; }

    /// <summary>When it is sent next (UTC); null when it has arrived or was given up.</summary>
    public DateTime? NextAttemptAt { get; set; }

    /// <summary>When it arrived (UTC).</summary>
    public DateTime? DeliveredAt { get; set; }

    /// <summary>What went wrong the last time.</summary>
    public string? LastError { get; set; }
}
