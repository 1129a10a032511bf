namespace NcService.Web.Dashboard.Charts;

/// <summary>The distribution behind a mean.</summary>
public static class HistogramFigure
{
    private const int Bins = 48;

    /// <summary>Makes the figure: bars of equal width over the values, and a line at their mean.</summary>
    /// <param name="values">Finite values.</param>
    /// <param name="title">Title of x.</param>
    /// <param name="what">What is counted.</param>
    public static Figure Make(IReadOnlyCollection<double> values, string title, string what)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0) return new Figure([], new { });
        var (low, high, mean) = (values.Min(), values.Max(), values.Average());
        var width = high > low ? (high - low) / Bins : 1;
        var counts = new long[Bins];
        foreach (var value in values) counts[Math.Min(Bins - 1, (int)((value - low) / width))]++;
        return new Figure(
            [
                new
                {
                    type = "bar",
                    x = Enumerable.Range(0, Bins).Select(i => low + (i + 0.5) * width),
                    y = counts,
                    width = 0.94 * width,
                    hovertemplate = $"{title} ≈ %{{x:.4~g}}<br>%{{y}} {what}<extra></extra>",
                    marker = new { color = "@accent/55" },
                },
            ],
            new
            {
                xaxis = new { title },
                yaxis = new { title = char.ToUpperInvariant(what[0]) + what[1..], rangemode = "tozero" },
                bargap = 0,
                shapes = (object[])[new { type = "line", x0 = mean, x1 = mean, y0 = 0, y1 = 1, yref = "paper", line = new { color = "@ink", width = 1.5, dash = "dash" } }],
            });
    }
}
