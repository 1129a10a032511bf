using NcService.Platform.Results;

namespace NcService.Web.Dashboard.Charts;

/// <summary>A measurement over the sizes of the models, as the study's appendix shows it: against width with a line per depth, or against depth with a line per width.</summary>
public static class PanelFigure
{
    /// <summary>Makes the figure. Runs of one size (seeds, weight decays) are averaged; bars reach from the lowest to the highest of them.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="encoding">Colours and shapes.</param>
    /// <param name="measurement">Name of the measurement.</param>
    /// <param name="title">Its title.</param>
    /// <param name="overWidth">True against width, a line per depth; false against depth, a line per width.</param>
    /// <param name="logY">A logarithmic axis of values.</param>
    public static Figure Make(IEnumerable<ResultRow> runs, RunEncoding encoding, string measurement, string title, bool overWidth, bool logY)
    {
        ArgumentNullException.ThrowIfNull(encoding);
        var points = runs.Select(run => (Row: run, Value: run.Value(measurement))).Where(point => point.Value is { } value && (!logY || value > 0))
            .Select(point => (X: overWidth ? point.Row.Width : point.Row.Depth, Line: overWidth ? point.Row.Depth : point.Row.Width, Value: point.Value!.Value)).ToList();
        var sizes = points.Select(point => point.X).Distinct().Order().ToList();
        return new Figure(
            [.. points.GroupBy(point => point.Line).OrderBy(line => line.Key).Select(line => Line(line.Key, [.. line.GroupBy(point => point.X, point => point.Value).OrderBy(at => at.Key)]))],
            new
            {
                // Sizes are powers of two or nearly: a logarithmic axis spreads them evenly, marked where the models are.
                xaxis = new { title = overWidth ? "Width d" : "Depth L", type = "log", tickmode = "array", tickvals = sizes, ticktext = sizes.ConvertAll(size => $"{size}") },
                yaxis = new { title, type = logY ? "log" : "linear" },
            },
            overWidth ? [.. encoding.Depths.Select(depth => new LegendEntry($"depth {depth}", $"@v{encoding.ColourOfDepth(depth)}", encoding.SymbolOf(depth)))] : encoding.WidthLegend);

        object Line(int key, List<IGrouping<int, double>> sizesOfLine)
        {
            var means = sizesOfLine.ConvertAll(at => at.Average());
            var colour = overWidth ? $"@v{encoding.ColourOfDepth(key)}" : $"@v{encoding.ColourOf(key)}";
            var name = overWidth ? $"depth {key}" : $"width {key}";
            return new
            {
                type = "scatter",
                mode = "lines+markers",
                name,
                x = sizesOfLine.ConvertAll(at => at.Key),
                y = means,
                text = sizesOfLine.ConvertAll(at => at.Count() == 1 ? "1 run" : $"mean of {at.Count()} runs"),
                error_y = sizesOfLine.Exists(at => at.Count() > 1)
                    ? new
                    {
                        type = "data",
                        symmetric = false,
                        thickness = 1,
                        width = 3,
                        array = sizesOfLine.Select((at, i) => at.Max() - means[i]),
                        arrayminus = sizesOfLine.Select((at, i) => means[i] - at.Min()),
                    }
                    : null,
                hovertemplate = $"<b>{name}</b>, {(overWidth ? "width" : "depth")} %{{x}}<br>%{{y:.5~g}} (%{{text}})<extra></extra>",
                line = new { color = colour, width = 1.75 },
                marker = new { size = 8, color = colour, symbol = overWidth ? encoding.SymbolOf(key) : "circle", line = new { color = "@paper", width = 0.75 } },
            };
        }
    }
}
