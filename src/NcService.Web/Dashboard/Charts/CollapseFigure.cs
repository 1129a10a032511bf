using NcService.Core.Collapse;

namespace NcService.Web.Dashboard.Charts;

/// <summary>A measurement of one run through its blocks, and while it was trained.</summary>
public static class CollapseFigure
{
    private const int Colours = 10;

    /// <summary>The measurement at the output of each block.</summary>
    public static Figure ThroughBlocks(IReadOnlyList<LayerMeasurements> layers, MeasurementDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(definition);
        var points = layers.Select(layer => (X: (double)layer.Layer, Y: layer.Measurements.FirstOrDefault(measurement => measurement.Name == definition.Name)?.Value)).ToList();
        return new Figure([Line("block", points, "@accent", 8, "block %{x}<br>%{y:.5~g}")], Axes(new { title = "Block", dtick = 1 }, definition, [.. points.Select(point => point.Y)]));
    }

    /// <summary>The measurement every so many steps of the training; where blocks were measured too, a line for each.</summary>
    public static Figure WhileTraining(IReadOnlyList<ProbePoint> probe, MeasurementDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(probe);
        ArgumentNullException.ThrowIfNull(definition);
        var blocks = probe.Select(point => point.Layers?.Count ?? 0).DefaultIfEmpty().Max();
        var lines = new List<object>();
        var legend = new List<LegendEntry> { new("model", "@ink") };
        for (var block = 0; block < blocks; block++)
        {
            var at = block;
            var colour = $"@v{(blocks < 2 ? 3 : (Colours - 1) * block / (blocks - 1))}";
            legend.Add(new LegendEntry($"block {block + 1}", colour));
            lines.Add(Line(
                $"block {block + 1}", [.. probe.Select(point => ((double)point.Step, point.Layers is { } layers && at < layers.Count ? layers[at].GetValueOrDefault(definition.Name) : null))],
                colour, 4, $"block {block + 1}, step %{{x}}<br>%{{y:.5~g}}"));
        }
        lines.Add(Line("model", [.. probe.Select(point => ((double)point.Step, point.Measurements.GetValueOrDefault(definition.Name)))], "@ink", 6, "step %{x}<br>%{y:.5~g}"));
        return new Figure(lines, Axes(new { title = "Optimizer step", rangemode = "nonnegative" }, definition, [.. probe.Select(point => point.Measurements.GetValueOrDefault(definition.Name))]), legend);
    }

    private static object Line(string name, IReadOnlyList<(double X, double? Y)> points, string colour, int size, string hover) => new
    {
        type = "scatter",
        mode = "lines+markers",
        name,
        x = points.Select(point => point.X),
        y = points.Select(point => point.Y),
        hovertemplate = hover + "<extra></extra>",
        line = new { color = colour, width = 1.75 },
        marker = new { size, color = colour, line = new { color = "@paper", width = 0.75 } },
    };

    private static object Axes(object x, MeasurementDefinition definition, IReadOnlyList<double?> values) => new
    {
        xaxis = x,
        // A logarithmic axis has no place for what is not positive.
        yaxis = new { title = definition.Title, type = definition.LogAxisHelps && values.All(value => value is null or > 0) ? "log" : "linear" },
    };
}
