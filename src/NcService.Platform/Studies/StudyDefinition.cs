using NcService.Core.Collapse;
using NcService.Core.Text;
using NcService.Core.Training;

namespace NcService.Platform.Studies;

/// <summary>What a study is made of: a dataset, and grids of configurations that are trained on it and analysed.</summary>
public sealed record StudyDefinition
{
    /// <summary>Unique name.</summary>
    public required string Name { get; init; }

    /// <summary>Free text.</summary>
    public string? Notes { get; init; }

    /// <summary>An existing dataset, by name; else <see cref="Corpus"/> and the like describe a new one.</summary>
    public string? Dataset { get; init; }

    /// <summary>The corpus of a new dataset.</summary>
    public CorpusSpecification Corpus { get; init; } = new();

    /// <summary>The tokenizer of a new dataset.</summary>
    public TokenizerSpecification Tokenizer { get; init; } = new();

    /// <summary>Tokens in a chunk, T.</summary>
    public int ContextLength { get; init; } = 128;

    /// <summary>Grids; the study's runs are the union of their products, each configuration once.</summary>
    public required IReadOnlyList<StudyGrid> Grids { get; init; }

    /// <summary>Attention heads of every model; null takes the study's 16 (fewer below width 64), which are narrow and dear on a CPU.</summary>
    public int? Heads { get; init; }

    /// <summary>Chunks in a batch.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Learning rate at the first step; it falls linearly to zero.</summary>
    public double LearningRate { get; init; } = 5e-5;

    /// <summary>Arithmetic of the training.</summary>
    public Precision Precision { get; init; }

    /// <summary>Limits each run to so many steps; null trains whole epochs.</summary>
    public long? MaximumSteps { get; init; }

    /// <summary>Steps between two validations while training; 0 validates at the beginning and the end only.</summary>
    public int EvaluationInterval { get; init; }

    /// <summary>Limits collection to so many training chunks (the first of the split); null collects all.</summary>
    public int? AnalysisChunks { get; init; }

    /// <summary>Measure the output of every block as well.</summary>
    public bool AnalyseLayers { get; init; }

    /// <summary>What is measured of a block where blocks are measured, by analyses and while training.</summary>
    public LayerEmbedding LayerEmbedding { get; init; }

    /// <summary>Training chunks between two saved partial results of an analysis, from which an attempt that was cut off goes on; null for at most 32 shards.</summary>
    public int? ShardChunks { get; init; }

    /// <summary>Steps between two measurements of neural collapse while training, on a few chunks that stay the same; 0 for none.</summary>
    public int ProbeInterval { get; init; }

    /// <summary>Permutations of the test over runs that differ in nothing but the seed; 0 for none.</summary>
    public long Permutations { get; init; } = 10_000;
}

/// <summary>A product of settings: every combination becomes a run.</summary>
public sealed record StudyGrid
{
    /// <summary>Dimensions d.</summary>
    public required IReadOnlyList<int> Widths { get; init; }

    /// <summary>Numbers of blocks L.</summary>
    public required IReadOnlyList<int> Depths { get; init; }

    /// <summary>Passes over the training split.</summary>
    public IReadOnlyList<int> Epochs { get; init; } = [1];

    /// <summary>AdamW weight decays.</summary>
    public IReadOnlyList<double> WeightDecays { get; init; } = [0.0005];

    /// <summary>Seeds.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [0];
}
