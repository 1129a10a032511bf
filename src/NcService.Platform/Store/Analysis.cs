namespace NcService.Platform.Store;

/// <summary>The neural-collapse measurements of one checkpoint on one dataset (or one row of an imported table).</summary>
public sealed class Analysis
{
    /// <summary>Identity, made by the store.</summary>
    public long Id { get; set; }

    /// <summary>The run whose model was measured; null for a checkpoint that was imported alone.</summary>
    public long? RunId { get; set; }

    /// <summary>The run whose model was measured.</summary>
    public Run? Run { get; set; }

    /// <summary>The checkpoint that was measured; null for imported results.</summary>
    public long? CheckpointId { get; set; }

    /// <summary>The checkpoint that was measured; null for imported results.</summary>
    public Checkpoint? Checkpoint { get; set; }

    /// <summary>The dataset it was measured on; null for imported results.</summary>
    public long? DatasetId { get; set; }

    /// <summary>The dataset it was measured on.</summary>
    public Dataset? Dataset { get; set; }

    /// <summary>The <c>AnalysisOptions</c> as JSON.</summary>
    public string? Options { get; set; }

    /// <summary>Folder with class_statistics.safetensors, relative to the artifact root; null until it exists.</summary>
    public string? ArtifactPath { get; set; }

    /// <summary>Training samples collected, N; null until the analysis has succeeded.</summary>
    public long? SampleCount { get; set; }

    /// <summary>Classes with enough samples, |C|.</summary>
    public int? ClassCount { get; set; }

    /// <summary>When it was asked for (UTC).</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>The job that computes it; null for imported results.</summary>
    public long? JobId { get; set; }

    /// <summary>The job that computes it.</summary>
    public Job? Job { get; set; }

    /// <summary>One row a measurement, so that a new measurement needs no migration.</summary>
    public List<MeasurementRow> Measurements { get; } = [];
}

/// <summary>One measured value. Key: analysis and name.</summary>
public sealed class MeasurementRow
{
    /// <summary>The analysis it belongs to.</summary>
    public long AnalysisId { get; set; }

    /// <summary>Name in <c>MeasurementCatalog</c>, or the column's name for an imported column that has no counterpart there.</summary>
    public required string Name { get; set; }

    /// <summary>The value; null where undefined.</summary>
    public double? Value { get; set; }

    /// <summary>Why it is undefined.</summary>
    public string? UndefinedReason { get; set; }
}
