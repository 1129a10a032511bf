using NcService.Core.Collapse;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>Measurements as a table for people.</summary>
internal static class MeasurementTable
{
    public static Table Of(IEnumerable<Measurement> measurements)
    {
        var table = new Table().AddColumns("property", "name", "value", "what it is");
        foreach (var measurement in measurements)
        {
            var definition = MeasurementCatalog.TryFind(measurement.Name);
            table.AddRow(
                Markup.Escape(definition?.Property ?? ""),
                Markup.Escape(measurement.Name),
                Numbers.Text(measurement.Value),
                Markup.Escape(measurement.UndefinedReason is { } reason ? $"undefined: {reason}" : definition?.Title ?? ""));
        }
        return table;
    }
}
