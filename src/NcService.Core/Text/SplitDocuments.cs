namespace NcService.Core.Text;

/// <summary>The documents of a dataset with the split each belongs to. The text is read anew for each pass, so a corpus need not fit in memory.</summary>
internal sealed class SplitDocuments
{
    private readonly Corpus corpus;
    private readonly Corpus? validationCorpus;
    private readonly bool[]? validates;

    private SplitDocuments(Corpus corpus, Corpus? validationCorpus, bool[]? validates, int trainCount, int validationCount)
    {
        (this.corpus, this.validationCorpus, this.validates) = (corpus, validationCorpus, validates);
        (TrainCount, ValidationCount) = (trainCount, validationCount);
    }

    public int TrainCount { get; }

    public int ValidationCount { get; }

    public int Count => TrainCount + ValidationCount;

    /// <summary>Counts the documents.</summary>
    /// <exception cref="InputException">A corpus is empty.</exception>
    public static DocumentCounts CountAll(DatasetSpecification specification, IProgress<DatasetProgress>? progress, CancellationToken cancellationToken)
    {
        var text = Corpus.Open(specification.Corpus);
        var validationText = Corpus.OpenValidation(specification.Corpus);
        return new DocumentCounts(
            CountDocuments(text, specification.Corpus.Path, progress, cancellationToken),
            validationText is null ? null : CountDocuments(validationText, specification.Corpus.ValidationPath, progress, cancellationToken));
    }

    /// <summary>Decides the split.</summary>
    /// <exception cref="InputException">One document cannot be split in two.</exception>
    public static SplitDocuments Of(DatasetSpecification specification, DocumentCounts counts)
    {
        var text = Corpus.Open(specification.Corpus);
        var count = counts.Corpus;
        if (counts.Validation is { } separate) return new SplitDocuments(text, Corpus.OpenValidation(specification.Corpus), null, count, separate);
        if (count < 2)
            throw new InputException("The corpus is one document, and a split by document needs two: give a ValidationPath, or mark documents with <|endoftext|> or blank lines.");
        var flags = DocumentSplit.ChooseValidation(count, specification.ValidationFraction, specification.Seed);
        var validationCount = flags.Count(flag => flag);
        return new SplitDocuments(text, null, flags, count - validationCount, validationCount);
    }

    /// <summary>All documents in their order: first the corpus, then its validation corpus.</summary>
    public IEnumerable<(bool Validates, string Text)> ReadAll(CancellationToken cancellationToken)
    {
        var corpusCount = validationCorpus is null ? Count : TrainCount;
        var index = 0;
        foreach (var text in corpus.ReadDocuments(cancellationToken))
        {
            if (index == corpusCount) throw Changed();
            yield return (validates?[index] ?? false, text);
            index++;
        }
        if (index != corpusCount) throw Changed();
        if (validationCorpus is null) yield break;
        foreach (var text in validationCorpus.ReadDocuments(cancellationToken)) yield return (true, text);
    }

    /// <summary>The training documents: all that a tokenizer may be trained on.</summary>
    public IEnumerable<string> ReadTrain(CancellationToken cancellationToken) =>
        ReadAll(cancellationToken).Where(document => !document.Validates).Select(document => document.Text);

    private static InputException Changed() => new("The corpus changed while it was read: it does not hold as many documents as before. Try again.");

    private static int CountDocuments(Corpus corpus, string? path, IProgress<DatasetProgress>? progress, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var _ in corpus.ReadDocuments(cancellationToken))
        {
            if (++count % 10_000 == 0) progress?.Report(new DatasetProgress("count", Fraction: null, count, Tokens: 0));
        }
        return count > 0 ? count : throw new InputException($"The corpus '{path ?? "State of the Union"}' is empty: it holds no document with text.");
    }
}

/// <summary>How many documents there are.</summary>
/// <param name="Corpus">In the corpus.</param>
/// <param name="Validation">In its validation corpus; null where it has none.</param>
internal sealed record DocumentCounts(int Corpus, int? Validation);
