using System.Text;
using NcService.Core;
using NcService.Platform.Results;

namespace NcService.Web.Results;

/// <summary>Which columns a table of results has.</summary>
internal enum ResultColumns
{
    /// <summary>Settings, outcomes and measurements by their names.</summary>
    Own,

    /// <summary>Those of the authors' table of October 2024.</summary>
    October,
}

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
        csv.AppendJoin(',', s_settings.Select(setting => setting.Name).Prepend("model").Concat(values.Select(CsvCell.Text))).Append("\r\n");
        foreach (var row in table.Rows)
            csv.AppendJoin(',', s_settings.Select(setting => CsvCell.Number(setting.Value(row))).Prepend(CsvCell.Text(row.Name)).Concat(values.Select(name => CsvCell.Number(row.Value(name))))).Append("\r\n");
        return csv.ToString();
    }

    /// <summary>The table in the columns of the authors' table of October 2024.</summary>
    public static string WriteOctober(ResultTable table)
    {
        var csv = new StringBuilder().AppendJoin(',', OctoberTable.Columns).Append("\r\n");
        foreach (var row in table.Rows)
            csv.AppendJoin(',', OctoberTable.Columns.Skip(1).Select(column => CsvCell.Number(OctoberTable.Value(row, column))).Prepend(CsvCell.Text(row.Name))).Append("\r\n");
        return csv.ToString();
    }
}
