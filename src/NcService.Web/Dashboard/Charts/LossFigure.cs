namespace NcService.Web.Dashboard.Charts;

/// <summary>The loss of a run by step, tokens or time.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Name">Its name.</param>
/// <param name="Colour">Step of the palette.</param>
/// <param name="Train">Training loss: (x, nats).</param>
/// <param name="Validation">Validation loss: (x, nats).</param>
public sealed record LossCurve(long RunId, string Name, int Colour, IReadOnlyList<(double X, double Y)> Train, IReadOnlyList<(double X, double Y)> Validation)
{
    /// <summary>The same with the training loss as an exponential moving average, corrected for its start as Adam's are.</summary>
    /// <param name="weight">Weight of what came before, 0 (as logged) to below 1.</param>
    public LossCurve Smooth(double weight)
    {
        if (weight <= 0) return this;
        var (average, correction) = (0.0, 1.0);
        return this with
        {
            Train = [.. Train.Select(point =>
            {
                average = weight * average + (1 - weight) * point.Y;
                correction *= weight;
                return (point.X, average / (1 - correction));
            })],
        };
    }
}

/// <summary>Training and validation losses of one or many runs.</summary>
public static class LossFigure
{
    /// <summary>Makes the figure: training as thin lines, validation as points on a stronger line.</summary>
    /// <param name="curves">The curves.</param>
    /// <param name="scale">Axes.</param>
    /// <param name="titleX">Title of x.</param>
    /// <param name="legend">What the colours mean; null where there is one curve.</param>
    public static Figure Make(IReadOnlyList<LossCurve> curves, AxisScale scale, string titleX, IReadOnlyList<LegendEntry>? legend)
    {
        ArgumentNullException.ThrowIfNull(curves);
        ArgumentNullException.ThrowIfNull(scale);
        var alone = curves.Count == 1;
        return new Figure(
            [.. curves.SelectMany(curve => Traces(curve with { Train = Shown(curve.Train, scale), Validation = Shown(curve.Validation, scale) }, alone))],
            new
            {
                xaxis = new { title = titleX, type = scale.LogX ? "log" : "linear", rangemode = "nonnegative" },
                yaxis = new { title = "Loss (nats per token)", type = scale.LogY ? "log" : "linear" },
            },
            legend);
    }

    // On a logarithmic axis step 0 lies nowhere; plotly would draw a level line from the edge.
    private static List<(double X, double Y)> Shown(IReadOnlyList<(double X, double Y)> points, AxisScale scale) =>
        [.. points.Where(point => (!scale.LogX || point.X > 0) && (!scale.LogY || point.Y > 0))];

    private static IEnumerable<object> Traces(LossCurve curve, bool alone)
    {
        if (curve.Train.Count > 0) yield return Trace(curve, "training", curve.Train, "lines", alone ? 1.25 : 1, alone ? "/70" : "/45", 0);
        if (curve.Validation.Count > 0) yield return Trace(curve, "validation", curve.Validation, "lines+markers", 1.75, "", alone ? 6 : 4);
    }

    private static object Trace(LossCurve curve, string what, IReadOnlyList<(double X, double Y)> points, string mode, double width, string opacity, int size) => new
    {
        type = "scatter",
        mode,
        name = $"{curve.Name}, {what}",
        x = points.Select(point => point.X),
        y = points.Select(point => point.Y),
        customdata = Enumerable.Repeat(curve.RunId.ToString(System.Globalization.CultureInfo.InvariantCulture), points.Count),
        hovertemplate = $"<b>{curve.Name}</b> {what}<br>%{{y:.4f}} at %{{x:.4~s}}<extra></extra>",
        line = new { color = $"@v{curve.Colour}{opacity}", width },
        marker = size == 0 ? null : new { size, color = $"@v{curve.Colour}", line = new { color = "@paper", width = 1 } },
    };
}
