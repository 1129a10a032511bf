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
        var sample = PairedSample.Of(x, y);
        return sample.Count < 2 ? null : Fit(sample, CentredColumn.Of(sample.X), CentredColumn.Of(sample.Y));
    }

    internal static LeastSquaresLine? Fit(PairedSample sample, CentredColumn? x, CentredColumn? y)
    {
        if (x is null) return null;
        if (y is null) return new LeastSquaresLine(0, sample.Y[0]);
        var slope = CentredColumn.Dot(x.Unit, y.Unit) * (y.Length / x.Length);
        return new LeastSquaresLine(slope, y.Mean - slope * x.Mean);
    }
}
