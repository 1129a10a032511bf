using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using NcService.Core;
using NcService.Web.Dashboard.Data;

namespace NcService.Web.Dashboard;

/// <summary>The runs table as a file: the rows and columns that the page shows, all of them.</summary>
internal static class RunsCsv
{
    /// <summary>Answers with the table that the same query shows on the study's page.</summary>
    public static async Task<FileContentHttpResult> GetAsync(
        long id, string? q, string? state, int? d, int? l, int? e, string? tag, string? sort, [FromQuery(Name = "c")] string? keys, RunQueries runs, CancellationToken cancellationToken)
    {
        var filter = new RunFilter
        {
            Search = q, Width = d, Depth = l, Epochs = e, Tag = tag, Sort = sort, Stage = Enum.TryParse<Stage>(state, ignoreCase: true, out var stage) ? stage : null,
        };
        var columns = RunColumns.Read(keys);
        var part = await runs.ReadAsync(id, filter, 0, int.MaxValue, [.. columns.Where(column => column.Measurement is not null).Select(column => column.Key)], cancellationToken);
        var csv = new StringBuilder();
        csv.AppendJoin(',', columns.Select(column => column.Key).Prepend("model").Append("state").Append("tags").Append("notes")).Append("\r\n");
        foreach (var run in part.Runs)
        {
            csv.AppendJoin(',', columns.Select(column => Cell(column.Number(run, part.Values.GetValueOrDefault((run.Id, column.Key))))).Prepend(CsvCell.Text(run.Name))
                .Append(CsvCell.Text(run.Status)).Append(CsvCell.Text(string.Join("; ", run.Tags))).Append(CsvCell.Text(run.Run.Notes ?? ""))).Append("\r\n");
        }
        return TypedResults.File(Encoding.UTF8.GetBytes(csv.ToString()), "text/csv; charset=utf-8", $"study-{id}-runs.csv");
    }

    private static string Cell(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
}
