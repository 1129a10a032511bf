namespace NcService.Core.Statistics;

/// <summary>Pearson's and Spearman's correlation of two columns, paired row by row.</summary>
public static class Correlation
{
    /// <summary>
    /// r, R², ρ, the fitted line and a seeded bootstrap interval of r. Rows where x or y is not finite are left out and named in the
    /// result; below 3 rows or with a constant column the result says why nothing is defined.
    /// </summary>
    /// <param name="x">Measurement, [n].</param>
    /// <param name="y">Usually the validation loss, [n].</param>
    /// <param name="seed">Seed of the bootstrap: the same seed gives the same interval.</param>
    /// <param name="interval">False leaves the interval out, which takes nearly all of the time.</param>
    /// <exception cref="ArgumentException">x and y differ in length.</exception>
    public static CorrelationResult Compute(ReadOnlySpan<double> x, ReadOnlySpan<double> y, ulong seed = 0, bool interval = true)
    {
        var sample = PairedSample.Of(x, y);
        var centredX = CentredColumn.Of(sample.X);
        var centredY = CentredColumn.Of(sample.Y);
        if (sample.WhyUndefined(centredX, centredY) is { } reason)
            return new CorrelationResult { Count = sample.Count, LeftOut = sample.LeftOut, UndefinedReason = reason };

        var r = centredX!.Correlate(centredY!);
        var line = LeastSquaresLine.Fit(sample, centredX, centredY)!.Value;
        var ends = interval ? BootstrapInterval.OfPearson(centredX.Unit, centredY!.Unit, r, seed) : null;
        return new CorrelationResult
        {
            Count = sample.Count,
            R = r,
            R2 = r * r,
            Spearman = CentredColumn.Of(Ranks.Of(sample.X))!.Correlate(CentredColumn.Of(Ranks.Of(sample.Y))!),
            Slope = line.Slope,
            Intercept = line.Intercept,
            Interval95 = ends?.Ends,
            IntervalMethod = ends?.Method,
            LeftOut = sample.LeftOut,
        };
    }

    /// <summary>Pearson's r over the rows with finite values; null where undefined.</summary>
    public static double? Pearson(ReadOnlySpan<double> x, ReadOnlySpan<double> y) => Pearson(PairedSample.Of(x, y));

    /// <summary>Spearman's ρ: Pearson's r of the mid-ranks; null where undefined.</summary>
    public static double? Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var sample = PairedSample.Of(x, y);
        return Pearson(PairedSample.Of(Ranks.Of(sample.X), Ranks.Of(sample.Y)));
    }

    private static double? Pearson(PairedSample sample)
    {
        var x = CentredColumn.Of(sample.X);
        var y = CentredColumn.Of(sample.Y);
        return sample.WhyUndefined(x, y) is null ? x!.Correlate(y!) : null;
    }
}
