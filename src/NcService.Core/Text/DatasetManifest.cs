namespace NcService.Core.Text;

/// <summary>What a prepared dataset is: the content of its <c>dataset.json</c>.</summary>
public sealed record DatasetManifest
{
    /// <summary>The layout that this version of the program writes and reads.</summary>
    public const int CurrentFormatVersion = 1;

    /// <summary>The layout of the directory; see <see cref="CurrentFormatVersion"/>.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>What was asked for.</summary>
    public required DatasetSpecification Specification { get; init; }

    /// <summary>K: the number of classes.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>T: tokens of a chunk.</summary>
    public required int ContextLength { get; init; }

    /// <summary>How the documents were packed.</summary>
    public required PackingStyle Packing { get; init; }

    /// <summary>Bytes of a token in the files: 2, or 4 where the vocabulary exceeds 65,535.</summary>
    public required int BytesPerToken { get; init; }

    /// <summary>Chunks of the training split.</summary>
    public required int TrainChunks { get; init; }

    /// <summary>Chunks of the validation split.</summary>
    public required int ValidationChunks { get; init; }

    /// <summary>Tokens in the training chunks: <see cref="TrainChunks"/> × T.</summary>
    public required long TrainTokens { get; init; }

    /// <summary>Tokens in the validation chunks.</summary>
    public required long ValidationTokens { get; init; }

    /// <summary>Tokens of both splits that filled no chunk and were left out.</summary>
    public required long DroppedTokens { get; init; }

    /// <summary>Documents of both splits.</summary>
    public required long DocumentCount { get; init; }

    /// <summary>Documents of the training split.</summary>
    public required long TrainDocuments { get; init; }

    /// <summary>Documents of the validation split.</summary>
    public required long ValidationDocuments { get; init; }

    /// <summary>SHA-256 of the training token file, in lower-case hexadecimal.</summary>
    public required string TrainHash { get; init; }

    /// <summary>SHA-256 of the validation token file.</summary>
    public required string ValidationHash { get; init; }

    /// <summary>SHA-256 over format version, T, K and both files' hashes: two datasets with the same hash train the same models.</summary>
    public required string Hash { get; init; }
}

/// <summary>How far a preparation is.</summary>
/// <param name="Stage">What is being done: <c>count</c>, <c>train-tokenizer</c> or <c>tokenise</c>.</param>
/// <param name="Fraction">The share of the stage that is done, 0 to 1, or null where its end is not known.</param>
/// <param name="Documents">Documents done in this stage.</param>
/// <param name="Tokens">Tokens packed so far.</param>
public sealed record DatasetProgress(string Stage, double? Fraction, long Documents, long Tokens);
