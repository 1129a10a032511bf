namespace NcService.Core.Collapse;

/// <summary>How a checkpoint is analysed.</summary>
public sealed record AnalysisOptions
{
    /// <summary>Chunks in one forward pass.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Training chunks to collect embeddings of; null takes all.</summary>
    public int? MaximumTrainChunks { get; init; }

    /// <summary>Validation chunks to decide; null takes all.</summary>
    public int? MaximumValidationChunks { get; init; }

    /// <summary>Where there is a maximum: a seeded sample of chunks instead of the first ones.</summary>
    public bool SampleChunks { get; init; }

    /// <summary>Seed of the sample of chunks.</summary>
    public int Seed { get; init; }

    /// <summary>Also measure loss and accuracy over the collected training chunks, which costs a second pass over them.</summary>
    public bool TrainLoss { get; init; }

    /// <summary>A prepared dataset with the same tokenizer whose validation embeddings give <c>ood_orthogonality</c>; null leaves it undefined.</summary>
    public string? OutOfDistributionDirectory { get; init; }

    /// <summary>Measure the output of every block as well, in the same forward pass. Needs K · d numbers of memory and disk for each.</summary>
    public bool Layers { get; init; }

    /// <summary>What is taken as a block's embedding where <see cref="Layers"/> is asked for.</summary>
    public LayerEmbedding LayerEmbedding { get; init; }

    /// <summary>
    /// Chunks of a shard, rounded up to whole batches: what is collected between two saved partial results. Null cuts a collection into at most 32 shards of at least 65,536 samples.
    /// </summary>
    public int? ShardChunks { get; init; }

    /// <summary>Classes that the per-class table lists as nearest to each class, by distance and by cosine.</summary>
    public int NearestClasses { get; init; } = 5;

    /// <summary>Conventions of the measurements.</summary>
    public MeasurementOptions Measurement { get; init; } = new();

    /// <summary>Refuses options that have no meaning.</summary>
    /// <exception cref="InputException">An option is out of its range.</exception>
    public void Validate()
    {
        if (BatchSize < 1) throw new InputException($"The batch size must be at least 1, not {BatchSize}.");
        if (MaximumTrainChunks < 1) throw new InputException($"The number of training chunks must be at least 1, not {MaximumTrainChunks}.");
        if (MaximumValidationChunks < 1) throw new InputException($"The number of validation chunks must be at least 1, not {MaximumValidationChunks}.");
        if (ShardChunks < 1) throw new InputException($"A shard must have at least one chunk, not {ShardChunks}.");
        if (NearestClasses is < 0 or > 100) throw new InputException($"The number of nearest classes must be 0 to 100, not {NearestClasses}.");
        Measurement.Validate();
    }
}

/// <summary>What is measured at the output of a block.</summary>
public enum LayerEmbedding
{
    /// <summary>
    /// The final LayerNorm of the block's output: the vector that the classifier would multiply if the network ended there, so that every measurement means the
    /// same at every depth and the last block gives the analysis itself.
    /// </summary>
    Normalised,

    /// <summary>The residual stream as the block leaves it.</summary>
    Residual,
}

/// <summary>What an analysis is doing.</summary>
public enum AnalysisPhase
{
    /// <summary>Collecting class statistics of training embeddings.</summary>
    Collecting,

    /// <summary>Taking decisions on validation embeddings.</summary>
    Deciding,

    /// <summary>Averaging the embeddings of another corpus.</summary>
    OutOfDistribution,

    /// <summary>Evaluating the loss on training chunks.</summary>
    TrainLoss,

    /// <summary>Working out the measurements.</summary>
    Measuring,
}

/// <summary>How far an analysis is.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="Samples">Samples done in this phase.</param>
/// <param name="TotalSamples">Samples of this phase.</param>
/// <param name="Fraction">Share of all samples of all phases that are done, 0 to 1.</param>
/// <param name="SamplesPerSecond">Rate in this phase.</param>
public sealed record AnalysisProgress(AnalysisPhase Phase, long Samples, long TotalSamples, double Fraction, double SamplesPerSecond);

/// <summary>What an analysis found.</summary>
/// <param name="Measurements">Every measurement of the catalog, in its order; what was not collected is undefined and says so.</param>
/// <param name="TrainSamples">Samples in the class statistics.</param>
/// <param name="ValidationSamples">Samples decided.</param>
/// <param name="KeptClasses">|C|: classes with enough training samples.</param>
/// <param name="Decisions">The counts behind NC4.</param>
/// <param name="ClassStatisticsPath">The safetensors file of class statistics.</param>
/// <param name="Elapsed">Time taken.</param>
public sealed record AnalysisResult(
    IReadOnlyList<Measurement> Measurements, long TrainSamples, long ValidationSamples, int KeptClasses, DecisionCounts Decisions, string ClassStatisticsPath, TimeSpan Elapsed)
{
    /// <summary>The same measurements at the output of each block, in their order; empty where they were not asked for.</summary>
    public IReadOnlyList<LayerMeasurements> Layers { get; init; } = [];

    /// <summary>Distributions and counts behind the measurements.</summary>
    public required CollapseDetails Details { get; init; }

    /// <summary>The per-class table.</summary>
    public required ClassTable Classes { get; init; }
}

/// <summary>The measurements at the output of a block.</summary>
/// <param name="Layer">The block, from 1.</param>
/// <param name="Measurements">Every measurement of the catalog, in its order.</param>
public sealed record LayerMeasurements(int Layer, IReadOnlyList<Measurement> Measurements);
