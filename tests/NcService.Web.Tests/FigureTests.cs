using System.Text.Json;
using NcService.Core.Collapse;
using NcService.Core.Statistics;
using NcService.Web.Dashboard.Charts;

namespace NcService.Web.Tests;

/// <summary>What figures draw: the right values on the right axes, the fit through them, the tail of the null distribution.</summary>
public sealed class FigureTests
{
    private static readonly PlotPoint[] s_points =
    [
        new(1, "a", 64, 1, 1, 20), new(2, "b", 64, 2, 10, 40), new(3, "c", 128, 1, 100, 60), new(4, "d", 128, 2, 1000, 80),
    ];

    [Fact]
    public void A_scatter_has_the_measurement_across_and_the_outcome_up_with_colour_and_shape_of_size()
    {
        var figure = Read(ScatterFigure.Make(s_points, Encoding(), AxisScale.Plain, null, "the measurement", "the outcome"));
        Assert.Equal("the measurement", figure.GetProperty("layout").GetProperty("xaxis").GetProperty("title").GetString());
        Assert.Equal("the outcome", figure.GetProperty("layout").GetProperty("yaxis").GetProperty("title").GetString());
        var points = Trace(figure, 0);
        Assert.Equal([1, 10, 100, 1000], Numbers(points, "x"));
        Assert.Equal([20, 40, 60, 80], Numbers(points, "y"));
        Assert.Equal(["1", "2", "3", "4"], Texts(points, "customdata"));
        var (colours, symbols) = (Texts(points.GetProperty("marker"), "color"), Texts(points.GetProperty("marker"), "symbol"));
        Assert.Equal((colours[0], colours[2]), (colours[1], colours[3]));
        Assert.NotEqual(colours[0], colours[2]);
        Assert.Equal((symbols[0], symbols[1]), (symbols[2], symbols[3]));
        Assert.NotEqual(symbols[0], symbols[1]);
        // The key that a saved picture takes along names the same colours and shapes.
        var legend = figure.GetProperty("legend").EnumerateArray().ToDictionary(entry => entry.GetProperty("name").GetString()!);
        Assert.Equal((colours[0], colours[2]), (legend["width 64"].GetProperty("color").GetString(), legend["width 128"].GetProperty("color").GetString()));
        Assert.Equal((symbols[0], symbols[1]), (legend["depth 1"].GetProperty("symbol").GetString(), legend["depth 2"].GetProperty("symbol").GetString()));
    }

    [Theory]
    [InlineData(false, false, 0.5, 3)]
    [InlineData(true, false, 20, 20)]
    [InlineData(false, true, 0.001, 1)]
    [InlineData(true, true, 0.2, 1.3)]
    public void The_line_is_straight_on_the_axes_that_are_shown(bool logX, bool logY, double slope, double intercept)
    {
        var figure = Read(ScatterFigure.Make(s_points, Encoding(), new AxisScale(logX, logY), new FitLine(slope, intercept), "x", "y"));
        Assert.Equal(logX ? "log" : "linear", figure.GetProperty("layout").GetProperty("xaxis").GetProperty("type").GetString());
        Assert.Equal(logY ? "log" : "linear", figure.GetProperty("layout").GetProperty("yaxis").GetProperty("type").GetString());
        var line = Trace(figure, 0);
        foreach (var (x, y) in Numbers(line, "x").Zip(Numbers(line, "y")))
            Assert.Equal(intercept + slope * (logX ? Math.Log10(x) : x), logY ? Math.Log10(y) : y, 1e-9);
        Assert.Equal([1, 1000], [Numbers(line, "x").Min(), Math.Round(Numbers(line, "x").Max(), 6)]);
    }

    [Theory]
    [InlineData(Alternative.TwoSided, 0.5, 15 + 20)]
    [InlineData(Alternative.TwoSided, -0.5, 15 + 20)]
    [InlineData(Alternative.Greater, 0.5, 20)]
    [InlineData(Alternative.Less, 0.5, 15 + 30 + 35 + 20)]
    [InlineData(Alternative.Less, -0.5, 15)]
    public void The_null_distribution_fills_what_is_as_extreme_as_observed_and_marks_it(Alternative alternative, double observed, int filled)
    {
        // Edges at −1, −0.5, 0, 0.5 and 1: an observed value just inside a bar fills it.
        observed = observed > 0 ? observed + 1e-6 : observed - 1e-6;
        var figure = Read(NullFigure.Make(-1, 1, [15, 30, 35, 20], observed, alternative));
        var bars = Trace(figure, 0);
        Assert.Equal([-0.75, -0.25, 0.25, 0.75], Numbers(bars, "x"));
        Assert.Equal([0.15, 0.30, 0.35, 0.20], Numbers(bars, "y"));
        Assert.Equal(filled / 100.0, Numbers(bars, "y").Zip(Texts(bars.GetProperty("marker"), "color")).Where(bar => bar.Second == "@accent").Sum(bar => bar.First), 1e-12);
        Assert.Equal(observed, figure.GetProperty("layout").GetProperty("shapes")[0].GetProperty("x0").GetDouble());
        Assert.Equal(alternative == Alternative.TwoSided ? 2 : 1, figure.GetProperty("layout").GetProperty("shapes").GetArrayLength());
    }

    [Fact]
    public void A_histogram_keeps_counts_and_marks_the_mean()
    {
        var figure = Read(HistogramFigure.Make(new Distribution("norms", "classes", [0, 1, 2, 3], [5, 3, 2]), "Norm", 1.2));
        Assert.Equal([0, 1, 2, 3], Numbers(Trace(figure, 0), "x"));
        Assert.Equal([5, 3, 2, 2], Numbers(Trace(figure, 0), "y"));
        Assert.Equal(1.2, figure.GetProperty("layout").GetProperty("shapes")[0].GetProperty("x0").GetDouble());
        Assert.Equal("Classes", figure.GetProperty("layout").GetProperty("yaxis").GetProperty("title").GetString());
    }

    [Fact]
    public void Loss_curves_have_the_steps_across_and_the_losses_up()
    {
        var curve = new LossCurve(7, "a run", 3, [(10, 5.0), (20, 4.0), (30, 4.0)], [(0, 6.0), (20, 4.5)]);
        var figure = Read(LossFigure.Make([curve], new AxisScale(true, false), "Optimizer step", null));
        Assert.Equal([10, 20, 30], Numbers(Trace(figure, 0), "x"));
        Assert.Equal([5, 4, 4], Numbers(Trace(figure, 0), "y"));
        Assert.Equal(("a run, validation", 20.0, 4.5), (Trace(figure, 1).GetProperty("name").GetString(), Numbers(Trace(figure, 1), "x").Single(), Numbers(Trace(figure, 1), "y").Single()));
        Assert.Equal("log", figure.GetProperty("layout").GetProperty("xaxis").GetProperty("type").GetString());
        Assert.Equal([0, 20], Numbers(Trace(Read(LossFigure.Make([curve], AxisScale.Plain, "Optimizer step", null)), 1), "x"));
        // An exponential average as Adam's: m = (w·m + (1 − w)·y) over 1 − wᵗ.
        double[] smoothed = [5, (0.5 * 0.5 * 5 + 0.5 * 4) / 0.75, (0.25 * 0.5 * 5 + 0.5 * 0.5 * 4 + 0.5 * 4) / 0.875];
        Assert.All(smoothed.Zip(curve.Smooth(0.5).Train), pair => Assert.Equal(pair.First, pair.Second.Y, 1e-12));
    }

    private static RunEncoding Encoding() => new([64, 128], [1, 2]);

    private static JsonElement Read(Figure figure) => JsonSerializer.Deserialize<JsonElement>(figure.ToJson());

    private static JsonElement Trace(JsonElement figure, int index) => figure.GetProperty("data")[index];

    private static List<double> Numbers(JsonElement trace, string name) => [.. trace.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];

    private static List<string> Texts(JsonElement trace, string name) => [.. trace.GetProperty(name).EnumerateArray().Select(value => value.GetString()!)];
}
