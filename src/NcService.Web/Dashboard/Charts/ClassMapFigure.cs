using NcService.Web.Dashboard.Explorer;

namespace NcService.Web.Dashboard.Charts;

/// <summary>Class means along their principal components: a map of the vocabulary.</summary>
public static class ClassMapFigure
{
    /// <summary>Makes the figure.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="rows">Which of them.</param>
    /// <param name="across">Component to the right, from 0.</param>
    /// <param name="up">Component upwards.</param>
    /// <param name="into">Component into the depth; null for a flat map.</param>
    /// <param name="chosen">The row that is marked.</param>
    public static Figure Make(ExploredClasses classes, IReadOnlyList<int> rows, int across, int up, int? into, int? chosen)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(rows);
        // Colour is the frequency, in ten steps of equal numbers of classes.
        var steps = rows.OrderBy(row => classes.Table.Counts[row]).Select((row, rank) => (row, Step: 10 * rank / rows.Count)).ToDictionary(item => item.row, item => item.Step);
        string Title(int component) => $"Component {component + 1} ({100 * classes.Shares[component]:F1} %)";
        object Points(IReadOnlyList<int> of, bool marked) => new
        {
            type = into is null ? "scatter" : "scatter3d",
            mode = marked ? "markers+text" : "markers",
            name = marked ? "chosen" : "classes",
            x = of.Select(row => classes.Coordinates[row][across]),
            y = of.Select(row => classes.Coordinates[row][up]),
            z = into is { } depth ? of.Select(row => classes.Coordinates[row][depth]) : null,
            text = of.Select(row => System.Net.WebUtility.HtmlEncode(classes.Texts[row])),
            textposition = "top center",
            textfont = new { color = "@ink", size = 14 },
            customdata = of.Select(row => $"{classes.Table.Ids[row]}"),
            hovertemplate = "“%{text}”<extra></extra>",
            marker = marked
                ? (object)new { size = into is null ? 13 : 8, color = "@bad", line = new { color = "@paper", width = 1.5 } }
                : new { size = into is null ? 6 : 3, color = of.Select(row => $"@v{steps[row]}"), opacity = 0.8 },
        };
        var traces = new List<object> { Points(rows, false) };
        if (chosen is { } one) traces.Add(Points([one], true));
        var axes = new { xaxis = new { title = Title(across) }, yaxis = new { title = Title(up) } };
        return into is { } third
            ? new Figure(traces, new { scene = new { xaxis = Title(across), yaxis = Title(up), zaxis = Title(third) }, margin = new { l = 0, r = 0, t = 0, b = 0 } })
            : new Figure(traces, axes);
    }
}
