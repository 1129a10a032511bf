using System.Globalization;
using System.Text;
using NcService.Platform.Results;

namespace NcService.Web.Results;

/// <summary>A study's results as CSV (RFC 4180): one line a run, an empty cell where there is no value.</summary>
internal static class CsvTable
{
    private static readonly (string Name, Func<ResultRow, double?> Value)[] s_settings =
    [
        ("n_params", row => row.ParameterCount),
        ("depth", row => row.Depth),
        ("width", row => row.Width),
        ("epochs", row => row.Epochs),
        ("weight_decay", row => row.WeightDecay),
        ("seed", row => row.Seed),
    ];

    /// <summary>The table: model, settings, outcomes, measurements.</summary>
    public static string Write(ResultTable table)
    {
        string[] values = [.. table.Outcomes, .. table.Measurements];
        var csv = new StringBuilder();
        csv.AppendJoin(',', s_settings.Select(setting => setting.Name).Prepend("model").Concat(values.Select(Text))).Append("\r\n");
        foreach (var row in table.Rows)
            csv.AppendJoin(',', s_settings.Select(setting => Number(setting.Value(row))).Prepend(Text(row.Name)).Concat(values.Select(name => Number(row.Value(name))))).Append("\r\n");
        return csv.ToString();
    }

    private static string Number(double? value) => Numbers.Finite(value)?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    /// <summary>Text as a cell. A spreadsheet takes text that begins with = + - @ (or a tab or line break before them) for a formula and runs it.</summary>
    public static string Text(string text)
    {
        if (text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..]) text = "'" + text;
        return text.AsSpan().IndexOfAny(",\"\r\n\t") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
