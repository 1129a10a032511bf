using NcService.Core.Text;
using NcService.Platform.Artifacts;
using NcService.Web.Hosting;

namespace NcService.Web.Datasets;

/// <summary>
/// Which files of the server a request may have read: those under the folders that its owner lists in NcService:CorpusDirectories, reached
/// without a symbolic link. Whether a file outside of them exists is not told.
/// </summary>
internal sealed class CorpusPaths(WebOptions options)
{
    private readonly IReadOnlyList<string> roots = ReadableFolders.Read(options.CorpusDirectories);

    /// <summary>The corpus with absolute paths.</summary>
    /// <param name="corpus">As it came.</param>
    /// <param name="field">Name of its field, for messages.</param>
    /// <exception cref="FieldException">A path is missing, or leads elsewhere.</exception>
    public CorpusSpecification Checked(CorpusSpecification corpus, string field)
    {
        if (corpus.MaximumDocuments is < 1) throw new FieldException($"{field}.maximumDocuments", "At least 1 document, or none given for all.");
        if (corpus.Kind != CorpusKind.StateOfTheUnion && corpus.Path is null)
            throw new FieldException($"{field}.path", "This kind of corpus is read from a file or folder: its path is needed.");
        return corpus with { Path = Checked(corpus.Path, $"{field}.path"), ValidationPath = Checked(corpus.ValidationPath, $"{field}.validationPath") };
    }

    private string? Checked(string? path, string field)
    {
        if (path is null) return null;
        if (roots.Count == 0)
            throw new FieldException(field, "Requests may name files only under the folders that NcService:CorpusDirectories lists; it lists none.");
        return ReadableFolders.Find(roots, path) ?? throw new FieldException(field, "There is no such file or folder under the folders that NcService:CorpusDirectories lists.");
    }
}
