using System.Globalization;

namespace NcService.Web.Dashboard.Charts;

/// <summary>A measurement against an outcome: points coloured by width and shaped by depth, with the fitted line.</summary>
public static class ScatterFigure
{
    private const int LineSteps = 60;

    /// <summary>Makes the figure.</summary>
    /// <param name="points">The runs.</param>
    /// <param name="encoding">Colours and shapes.</param>
    /// <param name="scale">Axes.</param>
    /// <param name="fit">The line in the coordinates of <paramref name="scale"/>, or null.</param>
    /// <param name="titleX">Title of x.</param>
    /// <param name="titleY">Title of y.</param>
    public static Figure Make(IReadOnlyList<PlotPoint> points, RunEncoding encoding, AxisScale scale, FitLine? fit, string titleX, string titleY)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(encoding);
        ArgumentNullException.ThrowIfNull(scale);
        var shown = points.Where(scale.Shows).ToList();
        var traces = new List<object>();
        if (fit is not null && shown.Count > 1) traces.Add(Line(shown, scale, fit));
        if (shown.Count > 0) traces.Add(Points(shown, encoding, titleX, titleY));
        return new Figure(traces, new
        {
            xaxis = new { title = titleX, type = scale.LogX ? "log" : "linear" },
            yaxis = new { title = titleY, type = scale.LogY ? "log" : "linear" },
        }, [.. encoding.WidthLegend, .. encoding.DepthLegend]);
    }

    private static object Points(List<PlotPoint> points, RunEncoding encoding, string titleX, string titleY) => new
    {
        type = "scatter",
        mode = "markers",
        x = points.ConvertAll(point => point.X),
        y = points.ConvertAll(point => point.Y),
        customdata = points.ConvertAll(point => point.RunId.ToString(CultureInfo.InvariantCulture)),
        text = points.ConvertAll(point => $"<b>{point.Name}</b><br>width {point.Width} · depth {point.Depth}"),
        hovertemplate = $"%{{text}}<br>{titleX}: %{{x:.5~g}}<br>{titleY}: %{{y:.4f}}<extra></extra>",
        marker = new
        {
            size = points.Count > 80 ? 9 : 11,
            symbol = points.ConvertAll(point => encoding.SymbolOf(point.Depth)),
            color = points.ConvertAll(point => $"@v{encoding.ColourOf(point.Width)}"),
            opacity = 0.9,
            line = new { width = 0.75, color = "@paper" },
        },
    };

    // Many short pieces, because a straight line on one logarithmic axis is a curve to plotly, which draws between points in screen space.
    private static object Line(List<PlotPoint> points, AxisScale scale, FitLine fit)
    {
        var (from, to) = (points.Min(point => scale.X(point.X)), points.Max(point => scale.X(point.X)));
        var x = Enumerable.Range(0, LineSteps + 1).Select(i => from + (to - from) * i / LineSteps).ToList();
        return new
        {
            type = "scatter",
            mode = "lines",
            x = x.ConvertAll(at => scale.LogX ? Math.Pow(10, at) : at),
            y = x.ConvertAll(at => scale.LogY ? Math.Pow(10, fit.Intercept + fit.Slope * at) : fit.Intercept + fit.Slope * at),
            hoverinfo = "skip",
            line = new { color = "@ink/60", width = 1.5, dash = "solid" },
        };
    }
}
