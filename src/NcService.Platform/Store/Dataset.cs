namespace NcService.Platform.Store;

/// <summary>A tokenised and packed corpus. The counts are null until its PrepareDataset job has succeeded.</summary>
public sealed class Dataset
{
    /// <summary>Identity, made by the store.</summary>
    public long Id { get; set; }

    /// <summary>Unique name, for people and programs.</summary>
    public required string Name { get; set; }

    /// <summary>The <c>DatasetSpecification</c> as JSON.</summary>
    public required string Specification { get; set; }

    /// <summary>Folder of the prepared data, relative to the artifact root; null until it exists.</summary>
    public string? ArtifactPath { get; set; }

    /// <summary>SHA-256 of the prepared data, as its manifest states it.</summary>
    public string? Hash { get; set; }

    /// <summary>Number of classes K.</summary>
    public int? VocabularySize { get; set; }

    /// <summary>Tokens in a chunk, T.</summary>
    public int ContextLength { get; set; }

    /// <summary>Chunks of the training split.</summary>
    public int? TrainChunks { get; set; }

    /// <summary>Chunks of the validation split.</summary>
    public int? ValidationChunks { get; set; }

    /// <summary>When the dataset was asked for (UTC).</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>The job that prepares it.</summary>
    public long? JobId { get; set; }

    /// <summary>The job that prepares it.</summary>
    public Job? Job { get; set; }
}
