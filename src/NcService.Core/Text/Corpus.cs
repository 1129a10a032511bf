namespace NcService.Core.Text;

/// <summary>A sequence of documents that can be read again and again, each time in the same order.</summary>
public abstract class Corpus
{
    /// <summary>The text that ends a document in corpus files, and the token of the same name.</summary>
    public const string EndOfText = "<|endoftext|>";

    /// <summary>Reads the documents, lazily; none is empty and none starts or ends with white space.</summary>
    /// <exception cref="InputException">A file is missing or damaged; thrown while reading.</exception>
    public abstract IEnumerable<string> ReadDocuments(CancellationToken cancellationToken);

    /// <summary>Opens the corpus of a specification. Files are only looked for, not read.</summary>
    /// <exception cref="InputException">No path is given where one is needed, or nothing lies there.</exception>
    public static Corpus Open(CorpusSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        if (specification.MaximumDocuments is <= 0)
            throw new InputException($"MaximumDocuments is {specification.MaximumDocuments}; give at least 1, or leave it out to read all.");
        Corpus corpus = specification.Kind switch
        {
            CorpusKind.StateOfTheUnion => new FolderCorpus(specification.Path is null ? AssetFolder.Find("sotu") : ExistingFolder(specification)),
            CorpusKind.Folder => new FolderCorpus(ExistingFolder(specification)),
            CorpusKind.TextFile => new TextFileCorpus(ExistingFile(specification), alwaysEndOfText: false),
            CorpusKind.TinyStories => new TextFileCorpus(ExistingFile(specification), alwaysEndOfText: true),
            CorpusKind.JsonLines => new JsonLinesCorpus(ExistingFile(specification), specification.TextField),
            _ => throw new InputException($"Unknown corpus kind {specification.Kind}; use one of {string.Join(", ", Enum.GetNames<CorpusKind>())}."),
        };
        return specification.MaximumDocuments is { } maximum ? new LimitedCorpus(corpus, maximum) : corpus;
    }

    /// <summary>Opens the validation corpus of a specification, or null where it names none.</summary>
    /// <exception cref="InputException">Nothing lies at the path.</exception>
    public static Corpus? OpenValidation(CorpusSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        return specification.ValidationPath is null
            ? null
            : Open(specification with { Path = specification.ValidationPath, ValidationPath = null, MaximumDocuments = null });
    }

    private static string ExistingFile(CorpusSpecification specification)
    {
        var path = RequiredPath(specification, "file");
        if (Directory.Exists(path)) throw new InputException($"'{path}' is a folder; a corpus of kind {specification.Kind} is one file.");
        if (!File.Exists(path)) throw new InputException($"There is no corpus file '{path}'.");
        return path;
    }

    private static string ExistingFolder(CorpusSpecification specification)
    {
        var path = RequiredPath(specification, "folder");
        if (!Directory.Exists(path)) throw new InputException($"There is no corpus folder '{path}'.");
        return path;
    }

    private static string RequiredPath(CorpusSpecification specification, string what) =>
        string.IsNullOrWhiteSpace(specification.Path)
            ? throw new InputException($"A corpus of kind {specification.Kind} needs a path: the {what} to read.")
            : specification.Path;

    private sealed class LimitedCorpus(Corpus corpus, long maximum) : Corpus
    {
        public override IEnumerable<string> ReadDocuments(CancellationToken cancellationToken)
        {
            var left = maximum;
            foreach (var document in corpus.ReadDocuments(cancellationToken))
            {
                yield return document;
                if (--left == 0) yield break;
            }
        }
    }
}
