using System.Text.Json;

namespace NcService.Core.Text;

/// <summary>One text file, cut at end-of-text marks or paragraphs.</summary>
internal sealed class TextFileCorpus(string path, bool alwaysEndOfText) : Corpus
{
    public override IEnumerable<string> ReadDocuments(CancellationToken cancellationToken) =>
        alwaysEndOfText || DocumentReader.HasEndOfText(path, cancellationToken)
            ? DocumentReader.SplitAtEndOfText(path, cancellationToken)
            : DocumentReader.SplitAtBlankLines(path, cancellationToken);
}

/// <summary>All <c>.txt</c> files under a folder, in ordinal order of their paths.</summary>
internal sealed class FolderCorpus(string folder) : Corpus
{
    public override IEnumerable<string> ReadDocuments(CancellationToken cancellationToken)
    {
        var files = Directory.GetFiles(folder, "*.txt", SearchOption.AllDirectories);
        if (files.Length == 0) throw new InputException($"The corpus folder '{folder}' holds no .txt file.");
        Array.Sort(files, StringComparer.Ordinal);
        return files.SelectMany(file => DocumentReader.SplitAtEndOfText(file, cancellationToken));
    }
}

/// <summary>A file of JSON objects, one a line.</summary>
internal sealed class JsonLinesCorpus(string path, string textField) : Corpus
{
    public override IEnumerable<string> ReadDocuments(CancellationToken cancellationToken)
    {
        foreach (var (number, line) in DocumentReader.ReadLines(path, cancellationToken))
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            var text = ReadText(number, line).Trim();
            if (text.Length > 0) yield return text;
        }
    }

    private string ReadText(long number, string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw new InputException($"'{path}', line {number}: a JSON object is expected, not {json.RootElement.ValueKind}.");
            if (!json.RootElement.TryGetProperty(textField, out var value))
                throw new InputException($"'{path}', line {number}: the object has no field '{textField}'; its fields are {FieldNames(json.RootElement)}.");
            return value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : throw new InputException($"'{path}', line {number}: field '{textField}' is {value.ValueKind}, not a string.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string with half a surrogate pair, which is no text.
            throw new InputException($"'{path}', line {number}: not valid JSON ({e.Message})", e);
        }
    }

    private static string FieldNames(JsonElement element) => string.Join(", ", element.EnumerateObject().Take(10).Select(p => $"'{p.Name}'"));
}
