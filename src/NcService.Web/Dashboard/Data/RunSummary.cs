namespace NcService.Web.Dashboard.Data;

/// <summary>A run as tables and cards show it.</summary>
public sealed record RunSummary
{
    /// <summary>Identity.</summary>
    public required long Id { get; init; }

    /// <summary>Name within its study.</summary>
    public required string Name { get; init; }

    /// <summary>Dimension d.</summary>
    public required int Width { get; init; }

    /// <summary>Blocks L.</summary>
    public required int Depth { get; init; }

    /// <summary>Passes over the training split.</summary>
    public required int Epochs { get; init; }

    /// <summary>AdamW's weight decay.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Seed.</summary>
    public int? Seed { get; init; }

    /// <summary>Trainable parameters.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Validation loss after training (nats).</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Share of validation samples predicted right.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>Where it stands.</summary>
    public required Stage Stage { get; init; }

    /// <summary>The same in words: training, analysing, waits for analysis.</summary>
    public required string Status { get; init; }

    /// <summary>Share of training and analysis done, 0 to 1; null unless it works now.</summary>
    public double? Progress { get; init; }

    /// <summary>Training speed now.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>The job that failed or works now.</summary>
    public long? JobId { get; init; }

    /// <summary>Folder of metrics.jsonl, relative to the artifact root.</summary>
    public string? ArtifactPath { get; init; }
}
