namespace NcService.Core.Text;

/// <summary>Where the text of a dataset comes from.</summary>
public enum CorpusKind
{
    /// <summary>All State of the Union addresses, one document each; fetched by <c>make setup</c>. The default.</summary>
    StateOfTheUnion,

    /// <summary>
    /// One UTF-8 text file. Documents are split at <c>&lt;|endoftext|&gt;</c> where it occurs, else at blank lines (paragraphs), so
    /// that a split by document is possible.
    /// </summary>
    TextFile,

    /// <summary>A folder of <c>.txt</c> files, searched recursively: one document each, or several where <c>&lt;|endoftext|&gt;</c> occurs.</summary>
    Folder,

    /// <summary>A file with one JSON object a line; each is a document, its text a field of the object.</summary>
    JsonLines,

    /// <summary>The text files of TinyStories (Eldan and Li, arXiv 2305.07759): stories separated by lines <c>&lt;|endoftext|&gt;</c>.</summary>
    TinyStories,
}

/// <summary>Which text to read.</summary>
public sealed record CorpusSpecification
{
    /// <summary>The kind of the corpus.</summary>
    public CorpusKind Kind { get; init; } = CorpusKind.StateOfTheUnion;

    /// <summary>The file or folder to read. Required, except for <see cref="CorpusKind.StateOfTheUnion"/>, where it replaces the fetched folder.</summary>
    public string? Path { get; init; }

    /// <summary>A second file or folder of the same kind that holds the validation documents; without it they are drawn from <see cref="Path"/>.</summary>
    public string? ValidationPath { get; init; }

    /// <summary>The field that holds the text, for <see cref="CorpusKind.JsonLines"/>.</summary>
    public string TextField { get; init; } = "text";

    /// <summary>At most so many documents of <see cref="Path"/> are read; all without it. <see cref="ValidationPath"/> is read whole.</summary>
    public long? MaximumDocuments { get; init; }
}
