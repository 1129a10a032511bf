using NcService.Core.Statistics;

namespace NcService.Web.Dashboard.Charts;

/// <summary>A run in a scatter plot.</summary>
/// <param name="RunId">The run that it leads to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Width">Dimension d, shown as colour.</param>
/// <param name="Depth">Blocks L, shown as shape.</param>
/// <param name="X">The measurement.</param>
/// <param name="Y">The outcome.</param>
public sealed record PlotPoint(long RunId, string Name, int Width, int Depth, double X, double Y);

/// <summary>A straight line in the plot's own coordinates: log10 of a value on a logarithmic axis.</summary>
/// <param name="Slope">Change of y with x.</param>
/// <param name="Intercept">y at x = 0.</param>
public sealed record FitLine(double Slope, double Intercept);

/// <summary>The scale of a plot's two axes, on which correlations are computed too.</summary>
/// <param name="LogX">x is logarithmic.</param>
/// <param name="LogY">y is logarithmic.</param>
/// <param name="Ranks">Both axes show ranks; then neither is logarithmic.</param>
public sealed record AxisScale(bool LogX, bool LogY, bool Ranks = false)
{
    /// <summary>The values themselves.</summary>
    public static AxisScale Plain { get; } = new(false, false);

    /// <summary>What x is turned into before it is correlated.</summary>
    public Transformation OfX => Ranks ? Transformation.Rank : LogX ? Transformation.Log : Transformation.None;

    /// <summary>What y is turned into before it is correlated.</summary>
    public Transformation OfY => Ranks ? Transformation.Rank : LogY ? Transformation.Log : Transformation.None;

    /// <summary>x as the plot's coordinate.</summary>
    public double X(double value) => LogX ? Math.Log10(value) : value;

    /// <summary>y as the plot's coordinate.</summary>
    public double Y(double value) => LogY ? Math.Log10(value) : value;

    /// <summary>True where the point can be drawn.</summary>
    public bool Shows(PlotPoint point) => double.IsFinite(X(point.X)) && double.IsFinite(Y(point.Y));
}
