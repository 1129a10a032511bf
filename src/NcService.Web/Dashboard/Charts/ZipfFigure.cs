using NcService.Web.Dashboard.Data;

namespace NcService.Web.Dashboard.Charts;

/// <summary>Class sizes by rank on logarithmic axes: the Zipf tail.</summary>
public static class ZipfFigure
{
    private const int MostPoints = 400;

    /// <summary>Makes the figure.</summary>
    /// <param name="histogram">The classes.</param>
    /// <param name="text">What a token is called.</param>
    public static Figure Make(ClassHistogram histogram, Func<int, string> text)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        ArgumentNullException.ThrowIfNull(text);
        var ranks = Ranks(histogram.ByRank.Count);
        return new Figure(
            [
                new
                {
                    type = "scatter",
                    mode = "lines+markers",
                    x = ranks,
                    y = ranks.ConvertAll(rank => histogram.Counts[histogram.ByRank[rank - 1]]),
                    text = ranks.ConvertAll(rank => System.Net.WebUtility.HtmlEncode(text(histogram.ByRank[rank - 1]))),
                    hovertemplate = "“%{text}”<br>rank %{x}, %{y} samples<extra></extra>",
                    line = new { color = "@accent", width = 1.25 },
                    marker = new { color = "@accent", size = 4 },
                },
            ],
            new { xaxis = new { title = "Rank of the class", type = "log" }, yaxis = new { title = "Samples n_c", type = "log" } });
    }

    /// <summary>Ranks evenly spread on a logarithmic axis, each once, the first and last among them.</summary>
    private static List<int> Ranks(int count) =>
        count == 0 ? [] : [.. Enumerable.Range(0, MostPoints).Select(i => (int)Math.Round(Math.Pow(count, i / (MostPoints - 1.0)))).Distinct()];
}
