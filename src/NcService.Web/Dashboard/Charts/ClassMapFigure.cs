using NcService.Core.Collapse;

namespace NcService.Web.Dashboard.Charts;

/// <summary>Class means along their principal components: a map of the vocabulary.</summary>
public static class ClassMapFigure
{
    private const int Colours = 10;

    /// <summary>Makes the figure.</summary>
    /// <param name="classes">The classes that are drawn.</param>
    /// <param name="shares">Share of the spread of class means along each component.</param>
    /// <param name="across">Component to the right, from 0.</param>
    /// <param name="up">Component upwards.</param>
    /// <param name="into">Component into the depth; null for a flat map.</param>
    /// <param name="chosen">The class that is marked.</param>
    public static Figure Make(IReadOnlyList<ClassPoint> classes, IReadOnlyList<double> shares, int across, int up, int? into, ClassPoint? chosen)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(shares);
        // Colour is the frequency, in ten steps of equal numbers of classes.
        var steps = classes.OrderBy(point => point.Count).Select((point, rank) => (point.Id, Step: Colours * rank / classes.Count)).ToDictionary(item => item.Id, item => item.Step);
        var traces = new List<object> { Points(classes, false) };
        if (chosen is not null) traces.Add(Points([chosen], true));
        return into is { } third
            ? new Figure(traces, new { scene = new { xaxis = Title(across), yaxis = Title(up), zaxis = Title(third) }, margin = new { l = 0, r = 0, t = 0, b = 0 } })
            : new Figure(traces, new { xaxis = new { title = Title(across) }, yaxis = new { title = Title(up) } });

        string Title(int component) => $"Component {component + 1} ({100 * shares[component]:F1} %)";
        object Points(IReadOnlyList<ClassPoint> of, bool marked) => new
        {
            type = into is null ? "scatter" : "scatter3d",
            mode = marked ? "markers+text" : "markers",
            name = marked ? "chosen" : "classes",
            x = of.Select(point => point.Coordinates[across]),
            y = of.Select(point => point.Coordinates[up]),
            z = into is { } depth ? of.Select(point => point.Coordinates[depth]) : null,
            text = of.Select(point => System.Net.WebUtility.HtmlEncode(point.Text ?? $"class {point.Id}")),
            textposition = "top center",
            textfont = new { color = "@ink", size = 14 },
            customdata = of.Select(point => $"{point.Id}"),
            hovertemplate = "“%{text}”<extra></extra>",
            marker = marked
                ? (object)new { size = into is null ? 13 : 8, color = "@bad", line = new { color = "@paper", width = 1.5 } }
                : new { size = into is null ? 6 : 3, color = of.Select(point => $"@v{steps[point.Id]}"), opacity = 0.8 },
        };
    }
}
