using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace NcService.Core.Text;

/// <summary>How far an interrupted preparation was.</summary>
internal sealed record PreparationMark
{
    public required DatasetSpecification Specification { get; init; }

    /// <summary>Of the corpus's files: names, sizes, times of change.</summary>
    public required string CorpusStamp { get; init; }

    /// <summary>Documents of the corpus, and of its validation corpus where it has one.</summary>
    public required DocumentCounts Counts { get; init; }

    /// <summary>Whether the tokenizer lies in the folder.</summary>
    public bool HasTokenizer { get; init; }

    /// <summary>Documents whose tokens are in the files or in the packers.</summary>
    public long Documents { get; init; }

    public PackerState? Train { get; init; }

    public PackerState? Validation { get; init; }
}

/// <summary>
/// The folder that a dataset is prepared in, <c>.NAME.partial-dataset</c> beside the place it goes to. A preparation that was interrupted, also by
/// kill −9, goes on from its last mark; so nothing has to be swept up. One process at a time holds it.
/// </summary>
internal sealed class PreparationFolder : IDisposable
{
    private const string MarkFile = "preparation.json", LockFile = "preparation.lock";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly DatasetSpecification specification;
    private readonly string stamp;
    private readonly FileStream hold;

    /// <summary>Opens the folder, empty or where an interrupted preparation of the same specification over the same files left it.</summary>
    /// <exception cref="InputException">Another process is preparing the dataset.</exception>
    public PreparationFolder(DatasetSpecification specification, string directory)
    {
        this.specification = specification;
        stamp = CorpusStamp(specification.Corpus);
        Path = DurableFile.FixedAside(directory, "dataset");
        Directory.CreateDirectory(Path);
        try
        {
            hold = new FileStream(At(LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new InputException($"'{directory}' is being prepared by another process: wait for it, or end it.", exception);
        }
        Mark = ReadMark();
        if (Mark is null) Clear();
    }

    public string Path { get; }

    /// <summary>How far the preparation is; null at its beginning.</summary>
    public PreparationMark? Mark { get; private set; }

    /// <summary>The path of a file in the folder.</summary>
    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The first mark, after the documents were counted.</summary>
    public PreparationMark Begin(DocumentCounts counts)
    {
        Save(new PreparationMark { Specification = specification, CorpusStamp = stamp, Counts = counts });
        return Mark!;
    }

    /// <summary>From here an interrupted preparation goes on; what the mark speaks of must be durable.</summary>
    public void Save(PreparationMark mark)
    {
        DurableFile.Write(At(MarkFile), JsonSerializer.SerializeToUtf8Bytes(mark, Options));
        Mark = mark;
    }

    /// <summary>Gives the folder, finished, its final name.</summary>
    public void Publish(string directory)
    {
        File.Delete(At(MarkFile));
        File.Delete(At(LockFile));
        DurableFile.Publish(Path, directory);
    }

    /// <summary>Gives the preparation up: its input is wrong, and going on would end the same way.</summary>
    public void Delete() => Directory.Delete(Path, recursive: true);

    public void Dispose() => hold.Dispose();

    private PreparationMark? ReadMark()
    {
        try
        {
            var mark = File.Exists(At(MarkFile)) ? JsonSerializer.Deserialize<PreparationMark>(File.ReadAllBytes(At(MarkFile)), Options) : null;
            return mark?.Specification == specification && mark.CorpusStamp == stamp ? mark : null;
        }
        catch (JsonException)
        {
            return null; // Another version's: as good as absent.
        }
    }

    private void Clear()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path)) Directory.Delete(folder, recursive: true);
        foreach (var file in Directory.EnumerateFiles(Path).Where(file => System.IO.Path.GetFileName(file) != LockFile)) File.Delete(file);
    }

    private static string CorpusStamp(CorpusSpecification corpus)
    {
        var text = new StringBuilder();
        foreach (var path in new[] { corpus.Path, corpus.ValidationPath })
        {
            if (path is null) continue;
            IEnumerable<string> files = Directory.Exists(path) ? Directory.GetFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : [path];
            foreach (var file in files.Select(name => new FileInfo(name)).Where(file => file.Exists))
                text.Append(CultureInfo.InvariantCulture, $"{file.FullName}\n{file.Length} {file.LastWriteTimeUtc.Ticks}\n");
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
