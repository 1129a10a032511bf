namespace NcService.Core.Statistics;

/// <summary>
/// Several measurements and one outcome, ready to be permuted. With nothing held fixed the statistic of an arrangement y* is r = x·y*, columns
/// being centred and of length one. With covariates it is Freedman and Lane's (1983, J. Bus. Econ. Stat. 1, 292): y is its residual, permuted and
/// regressed on the covariates once more, so r = x·y* / √(1 − Σ (b·y*)²) over the covariates' orthonormal directions b.
/// </summary>
internal sealed class PermutationProblem
{
    /// <summary>Fixed-point one. No sum of products passes 2³¹, for the columns have length one (Cauchy and Schwarz).</summary>
    public const int FixedOne = short.MaxValue;

    /// <summary>Prepares the columns.</summary>
    /// <param name="x">Unit residuals of the measurements, [m][n], rows stratum by stratum.</param>
    /// <param name="y">Unit residual of the outcome, [n].</param>
    /// <param name="basis">Directions of the covariates, [p][n].</param>
    /// <param name="stratumLengths">Rows of each stratum.</param>
    /// <param name="alternative">Which r count as extreme.</param>
    public PermutationProblem(double[][] x, double[] y, IReadOnlyList<double[]> basis, int[] stratumLengths, Alternative alternative)
    {
        (X, Y, Basis, StratumLengths, Alternative) = (x, y, [.. basis], stratumLengths, alternative);
        FixedY = Array.ConvertAll(y, ToFixed);
        R = Array.ConvertAll(x, column => Math.Clamp(CentredColumn.Dot(column, y), -1, 1));
        WeakestFirst = [.. Enumerable.Range(0, x.Length).OrderBy(m => Statistic(R[m])).ThenBy(m => m)];
        Margin = MarginOfFixedPoint();
    }

    public double[][] X { get; }

    public double[] Y { get; }

    public double[][] Basis { get; }

    public int[] StratumLengths { get; }

    public Alternative Alternative { get; }

    public int RowCount => Y.Length;

    /// <summary>y in fixed point, [n].</summary>
    public short[] FixedY { get; }

    /// <summary>Observed r, [m].</summary>
    public double[] R { get; }

    /// <summary>The measurements in order of their observed statistic, for the step-down maximum.</summary>
    public int[] WeakestFirst { get; }

    /// <summary>Below this, 1 − Σ (b·y*)² is left to full precision.</summary>
    public float SmallestRemainder => RowCount > 8 * Basis.Length ? 0.5f : 0.0625f;

    /// <summary>An r from fixed point may differ from the true one by at most this.</summary>
    public double Margin { get; }

    /// <summary>What is compared with its observed value: |r|, r or −r.</summary>
    public double Statistic(double r) => Alternative switch
    {
        Alternative.TwoSided => Math.Abs(r),
        Alternative.Greater => r,
        _ => -r,
    };

    public static short ToFixed(double value) => (short)Math.Round(value * FixedOne);

    /// <summary>The r of every measurement for one arrangement, in full precision and a fixed order of summation.</summary>
    public void Evaluate(ReadOnlySpan<double> arranged, Span<double> r)
    {
        var remainder = 1.0;
        foreach (var direction in Basis)
        {
            var share = CentredColumn.Dot(direction, arranged);
            remainder -= share * share;
        }
        // Where the covariates explain the permuted residual wholly nothing is left to go together with x.
        var scale = remainder > 1e-20 ? 1 / Math.Sqrt(remainder) : 0;
        for (var m = 0; m < r.Length; m++) r[m] = CentredColumn.Dot(X[m], arranged) * scale;
    }

    /// <summary>
    /// |x·y − x'·y'| ≤ ‖x − x'‖ ‖y‖ + ‖x'‖ ‖y − y'‖ for rounded x', y'; the rest is what dividing by the remainder makes of it, and the rounding
    /// of the 24-bit numbers in which r is compared.
    /// </summary>
    private double MarginOfFixedPoint()
    {
        const double singlePrecision = 2e-6;
        var errorOfY = RoundingError(Y);
        double ErrorOfProduct(double[] column) => RoundingError(column) + (1 + RoundingError(column)) * errorOfY;
        var product = X.Max(ErrorOfProduct);
        if (Basis.Length == 0) return product + singlePrecision;
        var share = Basis.Max(ErrorOfProduct);
        var remainder = 2 * Math.Sqrt(Basis.Length) * share + Basis.Length * share * share;
        var smallest = SmallestRemainder - remainder;
        return smallest <= 0 ? double.PositiveInfinity : product / Math.Sqrt(smallest) + remainder / (2 * smallest) + 8 * singlePrecision;
    }

    private static double RoundingError(double[] column) => Math.Sqrt(column.Sum(value =>
    {
        var error = value - (double)ToFixed(value) / FixedOne;
        return error * error;
    }));
}
