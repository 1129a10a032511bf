namespace NcService.Core.Statistics;

/// <summary>How two columns go together, paired row by row; with covariates or strata held fixed, what is left of them.</summary>
public static class Correlation
{
    /// <summary>Beyond this many rows no single one matters, and the influence of each is not computed.</summary>
    public const int MostRowsForInfluence = 2000;

    private const double NormalQuantile975 = 1.959963984540054;

    /// <summary>
    /// r, R², ρ, τ-b, the fitted line and intervals of r. Rows where x or y is not finite are left out and named in the
    /// result; below 3 rows or with a constant column the result says why nothing is defined.
    /// </summary>
    /// <param name="x">Measurement, [n].</param>
    /// <param name="y">Usually the validation loss, [n].</param>
    /// <param name="seed">Seed of the bootstrap: the same seed gives the same interval.</param>
    /// <param name="interval">False leaves the bootstrap interval out, which takes nearly all of the time.</param>
    /// <exception cref="ArgumentException">x and y differ in length.</exception>
    public static CorrelationResult Compute(ReadOnlySpan<double> x, ReadOnlySpan<double> y, ulong seed = 0, bool interval = true) =>
        Compute(new Variable("x", x.ToArray()), new Variable("y", y.ToArray()), seed, interval);

    /// <summary>The same for named columns, whose names the reasons use.</summary>
    /// <inheritdoc cref="Compute(ReadOnlySpan{double}, ReadOnlySpan{double}, ulong, bool)"/>
    public static CorrelationResult Compute(Variable x, Variable y, ulong seed = 0, bool interval = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var sample = ResidualSample.Of(x, y, HeldFixed.Nothing);
        var result = Of(sample, sample.Complete.Take(x.Values), sample.Complete.Take(y.Values));
        if (result.R is not { } r) return result;
        var line = LeastSquaresLine.Fit(sample.Complete.Take(x.Values), sample.Complete.Take(y.Values))!.Value;
        var ends = interval ? BootstrapInterval.OfPearson(sample.X!, sample.Y!, r, seed) : null;
        return result with { Slope = line.Slope, Intercept = line.Intercept, Interval95 = ends?.Ends, IntervalMethod = ends?.Method };
    }

    /// <summary>
    /// Partial and within-strata correlation: Pearson's r between what is left of x and of y once strata means and the least-squares fit on the
    /// covariates are taken out; ρ and τ-b of these residuals; Fisher's interval. A covariate that is constant or a combination of earlier ones
    /// adds nothing and is passed over.
    /// </summary>
    /// <returns>The result; undefined with too few rows for what is held fixed, or where that explains x or y wholly.</returns>
    /// <exception cref="ArgumentException">Columns differ in length.</exception>
    public static CorrelationResult Partial(Variable x, Variable y, HeldFixed held)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(held);
        var sample = ResidualSample.Of(x, y, held);
        return Of(sample, sample.X, sample.Y);
    }

    /// <summary>
    /// What r would be without each row in turn, the strongest influence first; none beyond <see cref="MostRowsForInfluence"/> rows or where r is
    /// undefined.
    /// </summary>
    /// <exception cref="ArgumentException">Columns differ in length.</exception>
    public static IReadOnlyList<Influence> LeaveOneOut(Variable x, Variable y, HeldFixed held)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var sample = ResidualSample.Of(x, y, held);
        if (sample.UndefinedReason is not null || sample.Complete.Count > MostRowsForInfluence) return [];
        var influences = new List<Influence>();
        var without = x with { Values = [.. x.Values] };
        foreach (var row in sample.Complete.Rows)
        {
            without.Values[row] = double.NaN;
            var rest = ResidualSample.Of(without, y, held);
            without.Values[row] = x.Values[row];
            influences.Add(rest.UndefinedReason is null
                ? new Influence(row, rest.R, sample.R - rest.R, null)
                : new Influence(row, null, null, rest.UndefinedReason));
        }
        return [.. influences.OrderByDescending(influence => Math.Abs(influence.Change ?? double.PositiveInfinity)).ThenBy(influence => influence.Row)];
    }

    /// <summary>Pearson's r over the rows with finite values; null where undefined.</summary>
    public static double? Pearson(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var sample = ResidualSample.Of(new Variable("x", x.ToArray()), new Variable("y", y.ToArray()), HeldFixed.Nothing);
        return sample.UndefinedReason is null ? sample.R : null;
    }

    /// <summary>Spearman's ρ: Pearson's r of the mid-ranks; null where undefined.</summary>
    public static double? Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var complete = CompleteRows.Of([new Variable("x", x.ToArray()), new Variable("y", y.ToArray())]);
        return Pearson(Ranks.Of(complete.Take(x.ToArray())), Ranks.Of(complete.Take(y.ToArray())));
    }

    /// <summary>Fisher's 95 % interval: tanh(atanh r ± 1.96/√(n − 3 − k)), k the dimensions held fixed; null where n − 3 − k is below 1.</summary>
    internal static Interval? FisherInterval(double r, int count, int heldFixed)
    {
        if (count - 3 - heldFixed < 1) return null;
        var reach = NormalQuantile975 / Math.Sqrt(count - 3 - heldFixed);
        var z = Math.Atanh(r);
        return new Interval(Math.Tanh(z - reach), Math.Tanh(z + reach));
    }

    private static CorrelationResult Of(ResidualSample sample, double[]? x, double[]? y)
    {
        var result = new CorrelationResult
        {
            Count = sample.Complete.Count,
            Rows = sample.Complete.Rows,
            LeftOut = sample.Complete.LeftOut,
            StrataCount = Math.Max(1, sample.Complete.StratumLengths.Length),
            UndefinedReason = sample.UndefinedReason,
        };
        if (sample.UndefinedReason is not null) return result;
        return result with
        {
            R = sample.R,
            R2 = sample.R * sample.R,
            Spearman = Spearman(x, y),
            Kendall = KendallTau.Of(x, y),
            // The strata's mean is counted once already, as it is without strata.
            FisherInterval95 = FisherInterval(sample.R, sample.Complete.Count, sample.Residuals.Dimensions - 1),
        };
    }
}

/// <summary>What one row does to r.</summary>
/// <param name="Row">The row, from 0.</param>
/// <param name="RWithout">r over the other rows; null where undefined.</param>
/// <param name="Change">r less <paramref name="RWithout"/>: what the row adds.</param>
/// <param name="UndefinedReason">Why r is undefined without the row.</param>
public sealed record Influence(int Row, double? RWithout, double? Change, string? UndefinedReason);
