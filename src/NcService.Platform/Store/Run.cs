namespace NcService.Platform.Store;

/// <summary>One training: an architecture, its training settings and a seed. Results are null until the training has succeeded.</summary>
public sealed class Run
{
    /// <summary>Identity, made by the store.</summary>
    public long Id { get; set; }

    /// <summary>The study it belongs to.</summary>
    public long StudyId { get; set; }

    /// <summary>The study it belongs to.</summary>
    public Study? Study { get; set; }

    /// <summary>Name within the study, in the authors' form: depth x width _ epochs, decay, seed, such as <c>02x0768_01d07</c>.</summary>
    public required string Name { get; set; }

    /// <summary>Dimension d of the context embeddings.</summary>
    public int Width { get; set; }

    /// <summary>Number of blocks L.</summary>
    public int Depth { get; set; }

    /// <summary>Passes over the training split.</summary>
    public int Epochs { get; set; }

    /// <summary>AdamW's weight decay; null where an imported table does not say.</summary>
    public double? WeightDecay { get; set; }

    /// <summary>Seed of initialisation and data order; null where an imported table does not say.</summary>
    public int? Seed { get; set; }

    /// <summary>Trainable parameters, the tied head counted once.</summary>
    public long ParameterCount { get; set; }

    /// <summary>The <c>TrainingOptions</c> as JSON; null for imported results.</summary>
    public string? Options { get; set; }

    /// <summary>True where the row came from a result table and was not trained here.</summary>
    public bool Imported { get; set; }

    /// <summary>Mean next-token cross-entropy over the validation split before training (nats).</summary>
    public double? InitialValidationLoss { get; set; }

    /// <summary>The same after training (nats).</summary>
    public double? ValidationLoss { get; set; }

    /// <summary>Share of validation samples whose most likely token is right.</summary>
    public double? ValidationAccuracy { get; set; }

    /// <summary>Mean cross-entropy over training samples (nats).</summary>
    public double? TrainLoss { get; set; }

    /// <summary>Tokens that training has seen.</summary>
    public long? TokensSeen { get; set; }

    /// <summary>Wall time of training (seconds), summed over attempts.</summary>
    public double? TrainingSeconds { get; set; }

    /// <summary>Free text by whoever looks at it.</summary>
    public string? Notes { get; set; }

    /// <summary>Tags as <see cref="NcService.Platform.Studies.TagList"/> writes them; empty for none.</summary>
    public string Tags { get; set; } = "";

    /// <summary>Folder with metrics.jsonl and the checkpoints, relative to the artifact root; null for imported results.</summary>
    public string? ArtifactPath { get; set; }

    /// <summary>When it was created (UTC).</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>The training job; null for imported results.</summary>
    public long? JobId { get; set; }

    /// <summary>The training job; null for imported results.</summary>
    public Job? Job { get; set; }

    /// <summary>Saved models of this run.</summary>
    public List<Checkpoint> Checkpoints { get; } = [];

    /// <summary>Analyses of this run's checkpoints.</summary>
    public List<Analysis> Analyses { get; } = [];
}

/// <summary>A saved model in Hugging Face layout (config.json, model.safetensors).</summary>
public sealed class Checkpoint
{
    /// <summary>Identity, made by the store.</summary>
    public long Id { get; set; }

    /// <summary>The run that made it; null where it was imported.</summary>
    public long? RunId { get; set; }

    /// <summary>The run that made it; null where it was imported.</summary>
    public Run? Run { get; set; }

    /// <summary>Optimizer steps at the time of saving.</summary>
    public long Step { get; set; }

    /// <summary>Its folder, relative to the artifact root.</summary>
    public required string ArtifactPath { get; set; }

    /// <summary>When it was saved (UTC).</summary>
    public DateTime CreatedAt { get; set; }
}
