namespace NcService.Core.Text;

/// <summary>Which tokenizer a dataset is made with.</summary>
public enum TokenizerKind
{
    /// <summary>GPT-2's byte-level BPE of 50,257 tokens, the one of GPT-Neo and of the study.</summary>
    Gpt2,

    /// <summary>A byte-level BPE trained on the dataset's training documents.</summary>
    Trained,
}

/// <summary>A tokenizer by kind and size.</summary>
public sealed record TokenizerSpecification
{
    /// <summary>The size of GPT-2's vocabulary, its end-of-text token included.</summary>
    public const int Gpt2VocabularySize = 50257;

    /// <summary>The least size of a byte-level vocabulary: 256 bytes and the end-of-text token.</summary>
    public const int MinimumVocabularySize = 257;

    /// <summary>The largest size of a vocabulary that is trained or loaded.</summary>
    public const int MaximumVocabularySize = 1 << 20;

    /// <summary>The kind of the tokenizer.</summary>
    public TokenizerKind Kind { get; init; } = TokenizerKind.Gpt2;

    /// <summary>The number of tokens K, end-of-text included; for <see cref="TokenizerKind.Gpt2"/> always 50,257.</summary>
    public int VocabularySize { get; init; } = Gpt2VocabularySize;

    /// <summary>Checks the size against the kind.</summary>
    /// <exception cref="InputException">The size is out of range for the kind.</exception>
    public void Validate()
    {
        if (Kind == TokenizerKind.Gpt2 && VocabularySize != Gpt2VocabularySize)
            throw new InputException($"GPT-2's tokenizer has a vocabulary of {Gpt2VocabularySize} tokens, not {VocabularySize}; for a chosen size use the kind {TokenizerKind.Trained}.");
        if (Kind == TokenizerKind.Trained) CheckTrainable(VocabularySize);
    }

    internal static void CheckTrainable(int vocabularySize)
    {
        if (vocabularySize is < MinimumVocabularySize or > MaximumVocabularySize)
            throw new InputException($"A vocabulary of {vocabularySize} tokens is not possible: from {MinimumVocabularySize} (256 bytes and {Corpus.EndOfText}) to {MaximumVocabularySize} are.");
    }
}
