using NcService.Core.Statistics;

namespace NcService.Web.Dashboard.Charts;

/// <summary>The distribution of r when the outcome is shuffled, with the observed r.</summary>
public static class NullFigure
{
    private const int Bars = 50;

    /// <summary>Makes the figure: bars at least as extreme as the observed r are filled in the accent colour.</summary>
    /// <param name="lower">Lower end of the first bin.</param>
    /// <param name="upper">Upper end of the last bin.</param>
    /// <param name="counts">Permutations in each bin.</param>
    /// <param name="observed">The observed r.</param>
    /// <param name="alternative">What counts as extreme.</param>
    public static Figure Make(double lower, double upper, IReadOnlyList<long> counts, double observed, Alternative alternative)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var merged = Math.Max(1, counts.Count / Bars);
        var bars = Enumerable.Range(0, (counts.Count + merged - 1) / merged).Select(i => counts.Skip(i * merged).Take(merged).Sum()).ToList();
        var width = (upper - lower) * merged / counts.Count;
        var middles = Enumerable.Range(0, bars.Count).Select(i => lower + (i + 0.5) * width).ToList();
        // The bar that the observed r falls into counts too.
        bool Extreme(double middle) => alternative switch
        {
            Alternative.TwoSided => Math.Abs(middle) + width / 2 >= Math.Abs(observed),
            Alternative.Greater => middle + width / 2 >= observed,
            _ => middle - width / 2 <= observed,
        };
        var total = Math.Max(1, bars.Sum());
        var highest = bars.Max() / (double)total;
        return new Figure(
            [
                new
                {
                    type = "bar",
                    x = middles,
                    y = bars.ConvertAll(count => count / (double)total),
                    width = 0.92 * width,
                    hovertemplate = "r ≈ %{x:.2f}<br>%{y:.2%} of the permutations<extra></extra>",
                    marker = new { color = middles.ConvertAll(middle => Extreme(middle) ? "@accent" : "@ink/22") },
                },
            ],
            new
            {
                xaxis = new { title = "Correlation r when the outcome is shuffled", range = (double[])[lower, upper] },
                yaxis = new { title = "Share of permutations", tickformat = ".0%", range = (double[])[0, 1.14 * highest] },
                bargap = 0,
                shapes = alternative == Alternative.TwoSided ? (object[])[Mark(observed, "solid", 2.5), Mark(-observed, "dot", 1.25)] : [Mark(observed, "solid", 2.5)],
                annotations = (object[])
                [
                    new
                    {
                        x = observed, y = 1.13 * highest, text = $"observed r = {Components.Format.Three(observed)}", showarrow = false, yanchor = "top",
                        xanchor = observed > 0.4 ? "right" : "left", xshift = observed > 0.4 ? -6 : 6, bgcolor = "@paper", font = new { color = "@accent", size = 13 },
                    },
                ],
            });
    }

    private static object Mark(double at, string dash, double width) =>
        new { type = "line", x0 = at, x1 = at, y0 = 0, y1 = 1, yref = "paper", line = new { color = "@accent", dash, width } };
}
