using System.Text;

namespace NcService.Core.Text;

/// <summary>Reads text files line by line and cuts them into documents. Line ends become <c>\n</c>.</summary>
internal static class DocumentReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The lines of a UTF-8 file (or one whose byte-order mark says otherwise), with their numbers from 1.</summary>
    /// <exception cref="InputException">The file cannot be read, or is not text in that encoding.</exception>
    public static IEnumerable<(long Number, string Line)> ReadLines(string path, CancellationToken cancellationToken)
    {
        using var reader = Open(path);
        for (long number = 1; ; number++)
        {
            if (number % 1024 == 1) cancellationToken.ThrowIfCancellationRequested();
            if (ReadLine(reader, path, number) is not { } line) yield break;
            yield return (number, line);
        }
    }

    /// <summary>Whether <see cref="Corpus.EndOfText"/> occurs in the file.</summary>
    public static bool HasEndOfText(string path, CancellationToken cancellationToken) =>
        ReadLines(path, cancellationToken).Any(line => line.Line.Contains(Corpus.EndOfText, StringComparison.Ordinal));

    /// <summary>The documents between the file's <see cref="Corpus.EndOfText"/> marks, wherever in a line these stand.</summary>
    public static IEnumerable<string> SplitAtEndOfText(string path, CancellationToken cancellationToken)
    {
        var document = new StringBuilder();
        foreach (var (_, line) in ReadLines(path, cancellationToken))
        {
            var parts = line.Split(Corpus.EndOfText);
            for (var i = 0; i < parts.Length; i++)
            {
                if (i > 0 && Take(document) is { } complete) yield return complete;
                document.Append(parts[i]);
            }
            document.Append('\n');
        }
        if (Take(document) is { } last) yield return last;
    }

    /// <summary>The file's paragraphs: what stands between lines that are empty or white space.</summary>
    public static IEnumerable<string> SplitAtBlankLines(string path, CancellationToken cancellationToken)
    {
        var document = new StringBuilder();
        foreach (var (_, line) in ReadLines(path, cancellationToken))
        {
            if (string.IsNullOrWhiteSpace(line) && Take(document) is { } complete) yield return complete;
            else document.Append(line).Append('\n');
        }
        if (Take(document) is { } last) yield return last;
    }

    private static string? Take(StringBuilder document)
    {
        var text = document.ToString().Trim();
        document.Clear();
        return text.Length == 0 ? null : text;
    }

    private static StreamReader Open(string path)
    {
        try
        {
            return new StreamReader(path, StrictUtf8, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The corpus file '{path}' cannot be read: {e.Message}", e);
        }
    }

    private static string? ReadLine(StreamReader reader, string path, long number)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (DecoderFallbackException e)
        {
            throw new InputException($"'{path}' is not UTF-8 text: invalid bytes at or soon after line {number}. Convert it first, for example with iconv.", e);
        }
    }
}
