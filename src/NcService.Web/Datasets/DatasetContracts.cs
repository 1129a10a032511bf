using NcService.Core.Text;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.Datasets;

/// <summary>A tokenised and packed corpus.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Name">Unique name.</param>
/// <param name="Specification">Corpus, tokenizer, context length and split.</param>
/// <param name="State">Where its preparation stands.</param>
/// <param name="Hash">SHA-256 of the prepared data; null until it is prepared.</param>
/// <param name="VocabularySize">Number of classes K; null until it is prepared.</param>
/// <param name="ContextLength">Tokens in a chunk, T.</param>
/// <param name="TrainChunks">Chunks of the training split; null until it is prepared.</param>
/// <param name="ValidationChunks">Chunks of the validation split; null until it is prepared.</param>
/// <param name="CreatedAt">When it was asked for (UTC).</param>
/// <param name="JobId">The job that prepares it.</param>
internal sealed record DatasetDetails(
    long Id,
    string Name,
    DatasetSpecification Specification,
    JobState State,
    string? Hash,
    int? VocabularySize,
    int ContextLength,
    int? TrainChunks,
    int? ValidationChunks,
    DateTime CreatedAt,
    long? JobId)
{
    /// <summary>The contract of a stored dataset, loaded with its job.</summary>
    public static DatasetDetails From(Dataset dataset) => new(
        dataset.Id, dataset.Name, StoredJson.Read<DatasetSpecification>(dataset.Specification)!, dataset.Job?.State ?? JobState.Succeeded,
        dataset.Hash, dataset.VocabularySize, dataset.ContextLength, dataset.TrainChunks, dataset.ValidationChunks, dataset.CreatedAt, dataset.JobId);
}

/// <summary>What to prepare.</summary>
internal sealed record DatasetRequest
{
    /// <summary>Unique name.</summary>
    public required string Name { get; init; }

    /// <summary>Corpus, tokenizer, context length and split.</summary>
    public required DatasetSpecification Specification { get; init; }
}
