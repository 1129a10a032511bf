using System.Text.Json.Serialization;

namespace NcService.Core.Text;

/// <summary>How documents are laid into chunks of T tokens.</summary>
public enum PackingStyle
{
    /// <summary>All documents of a split in one stream, each followed by the end-of-text token; only the last tokens that fill no chunk are dropped.</summary>
    Continuous,

    /// <summary>
    /// As the study's training script packs (Hugging Face's run_clm): contiguous shards of documents, in each batches of 1,000 documents
    /// concatenated without a separator; what fills no chunk is dropped at the end of each batch.
    /// </summary>
    StudyBatches,
}

/// <summary>A dataset by what it is made of: the same specification over the same text gives the same bytes.</summary>
public sealed record DatasetSpecification
{
    /// <summary>The least and largest context length T that can be asked for.</summary>
    public const int MinimumContextLength = 2, MaximumContextLength = 1 << 16;

    /// <summary>The text.</summary>
    public CorpusSpecification Corpus { get; init; } = new();

    /// <summary>The tokenizer.</summary>
    public TokenizerSpecification Tokenizer { get; init; } = new();

    /// <summary>T: the tokens of a chunk; a chunk gives T − 1 samples.</summary>
    public int ContextLength { get; init; } = 512;

    /// <summary>The share of documents that validate, exact to one document; unused where the corpus names a validation path.</summary>
    public double ValidationFraction { get; init; } = 0.05;

    /// <summary>The seed of the split by document.</summary>
    public int Seed { get; init; }

    /// <summary>The packing, or null for the usual one of the corpus: <see cref="PackingStyle.StudyBatches"/> for TinyStories, else <see cref="PackingStyle.Continuous"/>.</summary>
    public PackingStyle? Packing { get; init; }

    /// <summary>Contiguous shards of <see cref="PackingStyle.StudyBatches"/>; the study preprocessed with two processes.</summary>
    public int PackingShards { get; init; } = 2;

    /// <summary><see cref="Packing"/>, or the corpus's usual one.</summary>
    [JsonIgnore]
    public PackingStyle EffectivePacking =>
        Packing ?? (Corpus.Kind == CorpusKind.TinyStories ? PackingStyle.StudyBatches : PackingStyle.Continuous);

    /// <summary>Checks every number against its range; files are not looked at.</summary>
    /// <exception cref="InputException">A number is out of range.</exception>
    public void Validate()
    {
        if (ContextLength is < MinimumContextLength or > MaximumContextLength)
            throw new InputException($"ContextLength is {ContextLength}; it must lie between {MinimumContextLength} and {MaximumContextLength}.");
        if (Corpus.ValidationPath is null && !(ValidationFraction is > 0 and < 1))
            throw new InputException($"ValidationFraction is {ValidationFraction}; it must lie strictly between 0 and 1 (0.05 is usual).");
        if (PackingShards is < 1 or > 1024)
            throw new InputException($"PackingShards is {PackingShards}; it must lie between 1 and 1024.");
        Tokenizer.Validate();
    }
}
