using System.Globalization;

namespace NcService.Core;

/// <summary>Cells of a CSV file (RFC 4180).</summary>
public static class CsvCell
{
    /// <summary>Text as a cell. A spreadsheet takes text that begins with = + - @ (or a tab or line break before them) for a formula and runs it.</summary>
    public static string Text(string text)
    {
        if (text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..]) text = "'" + text;
        return text.AsSpan().IndexOfAny(",\"\r\n\t") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>A number with all its digits; an empty cell where it is undefined.</summary>
    public static string Number(double? value) => value is { } number && double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "";
}
