namespace NcService.Core.Statistics;

/// <summary>The line y = Slope·x + Intercept with the least sum of squared residuals.</summary>
/// <param name="Slope">Units of y per unit of x.</param>
/// <param name="Intercept">Units of y.</param>
public readonly record struct LeastSquaresLine(double Slope, double Intercept)
{
    /// <summary>The fitted y at <paramref name="x"/>.</summary>
    public double At(double x) => Slope * x + Intercept;

    /// <summary>Fits the line to the rows where both values are finite; null where there are fewer than 2 or x is constant.</summary>
    public static LeastSquaresLine? Fit(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var complete = CompleteRows.Of([new Variable("x", x.ToArray()), new Variable("y", y.ToArray())]);
        if (complete.Count < 2) return null;
        var (keptX, keptY) = (complete.Take(x.ToArray()), complete.Take(y.ToArray()));
        if (CentredColumn.Of(keptX) is not { } centredX) return null;
        if (CentredColumn.Of(keptY) is not { } centredY) return new LeastSquaresLine(0, keptY[0]);
        var slope = CentredColumn.Dot(centredX.Unit, centredY.Unit) * (centredY.Length / centredX.Length);
        return new LeastSquaresLine(slope, centredY.Mean - slope * centredX.Mean);
    }
}
