using NcService.Core.Collapse;

namespace NcService.Web.Dashboard.Charts;

/// <summary>The distribution behind a mean.</summary>
public static class HistogramFigure
{
    // Bins whose widths differ by more than this are seen on a logarithmic axis.
    private const double ManyWidths = 30;
    // Beyond these, tick labels are powers of ten.
    private const double ManyDecades = 1e5;
    private const double SameWidth = 1.001;

    /// <summary>Makes the figure: the area over each bin is its share, and a line stands at the mean.</summary>
    /// <param name="distribution">The counts.</param>
    /// <param name="title">Title of x.</param>
    /// <param name="mean">The mean as it was measured; null where there is none.</param>
    public static Figure Make(Distribution distribution, string title, double? mean)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        var (edges, counts) = (distribution.Edges, distribution.Counts);
        if (counts.Count == 0) return new Figure([], new { });
        var widths = Widths(edges, edge => edge);
        var logarithmic = edges[0] > 0 && widths.Max() > ManyWidths * widths.Min();
        if (logarithmic) widths = Widths(edges, Math.Log10);
        var even = widths.Max() <= SameWidth * widths.Min();
        var total = (double)counts.Sum();
        // A wide bin holds more because it is wide: there the height is the share over a unit of the axis.
        var heights = counts.Select((count, i) => even || widths[i] <= 0 ? count : count / total / widths[i]).ToList();
        var what = distribution.Over;
        return new Figure(
            [
                new
                {
                    type = "scatter",
                    mode = "lines",
                    x = edges,
                    y = heights.Append(heights[^1]),
                    text = counts.Append(counts[^1]).Select((count, i) => $"{edges[Math.Min(i, counts.Count - 1)]:G4} to {edges[Math.Min(i, counts.Count - 1) + 1]:G4}<br>{count} {what}"),
                    hovertemplate = "%{text}<extra></extra>",
                    fill = "tozeroy",
                    fillcolor = "@accent/40",
                    line = new { color = "@accent", width = 1, shape = "hv" },
                },
            ],
            new
            {
                xaxis = new { title, type = logarithmic ? "log" : "linear", tickformat = logarithmic && edges[^1] > ManyDecades * edges[0] ? "" : null },
                yaxis = new { title = even ? char.ToUpperInvariant(what[0]) + what[1..] : "Density", rangemode = "tozero" },
                shapes = mean is { } at && (!logarithmic || at > 0)
                    ? (object[])[new { type = "line", x0 = at, x1 = at, y0 = 0, y1 = 1, yref = "paper", line = new { color = "@ink", width = 1.5, dash = "dash" } }]
                    : [],
            });
    }

    private static List<double> Widths(IReadOnlyList<double> edges, Func<double, double> axis) => [.. edges.Zip(edges.Skip(1), (low, high) => axis(high) - axis(low))];
}
