namespace NcService.Core.Statistics;

/// <summary>Correlation of two columns with covariates held fixed.</summary>
public static class PartialCorrelation
{
    /// <summary>A column whose residual is below this share of its length is explained by the covariates up to rounding.</summary>
    private const double DependenceTolerance = 1e-10;

    /// <summary>
    /// Pearson's r (and ρ of the residuals' ranks) between what is left of x and of y after least-squares regression on the covariates
    /// and a constant. A covariate that is constant or a combination of earlier ones adds nothing and is passed over.
    /// </summary>
    /// <param name="x">[n].</param>
    /// <param name="y">[n].</param>
    /// <param name="covariates">Columns of [n], such as width, depth or ln parameters.</param>
    /// <returns>The result; undefined with fewer than 3 rows more than independent covariates, or where covariates explain x or y wholly.</returns>
    /// <exception cref="ArgumentException">Columns differ in length.</exception>
    public static CorrelationResult Compute(ReadOnlySpan<double> x, ReadOnlySpan<double> y, params IReadOnlyList<double[]> covariates)
    {
        ArgumentNullException.ThrowIfNull(covariates);
        var (keptX, keptY, kept, leftOut) = FiniteRows(x, y, covariates);
        var basis = OrthonormalBasis(kept);
        CorrelationResult Undefined(string reason) => new() { Count = keptX.Length, LeftOut = leftOut, UndefinedReason = reason };
        if (keptX.Length - basis.Count < 3)
            return Undefined($"{keptX.Length} rows are too few for {basis.Count} covariates (3 more rows than covariates are needed)");
        if (CentredColumn.Of(keptX) is not { } centredX) return Undefined("x is constant over the rows");
        if (CentredColumn.Of(keptY) is not { } centredY) return Undefined("y is constant over the rows");
        var residualX = Residual(centredX.Unit, basis);
        var residualY = Residual(centredY.Unit, basis);
        if (Length(residualX) < DependenceTolerance) return Undefined("the covariates explain x wholly");
        if (Length(residualY) < DependenceTolerance) return Undefined("the covariates explain y wholly");
        var r = CentredColumn.Of(residualX)!.Correlate(CentredColumn.Of(residualY)!);
        return new CorrelationResult
        {
            Count = keptX.Length,
            R = r,
            R2 = r * r,
            Spearman = Correlation.Spearman(residualX, residualY),
            LeftOut = leftOut,
        };
    }

    private static (double[] X, double[] Y, double[][] Covariates, int[] LeftOut) FiniteRows(
        ReadOnlySpan<double> x, ReadOnlySpan<double> y, IReadOnlyList<double[]> covariates)
    {
        if (x.Length != y.Length) throw new ArgumentException($"x has {x.Length} values and y has {y.Length}.", nameof(y));
        var rows = new List<int>();
        var leftOut = new List<int>();
        foreach (var column in covariates)
        {
            if (column.Length != x.Length)
                throw new ArgumentException($"a covariate has {column.Length} values and x has {x.Length}.", nameof(covariates));
        }
        for (var i = 0; i < x.Length; i++)
        {
            var finite = double.IsFinite(x[i]) && double.IsFinite(y[i]) && covariates.All(column => double.IsFinite(column[i]));
            (finite ? rows : leftOut).Add(i);
        }
        var keptX = new double[rows.Count];
        var keptY = new double[rows.Count];
        for (var i = 0; i < rows.Count; i++) (keptX[i], keptY[i]) = (x[rows[i]], y[rows[i]]);
        return (keptX, keptY, [.. covariates.Select(column => rows.Select(row => column[row]).ToArray())], [.. leftOut]);
    }

    /// <summary>Gram–Schmidt over the centred covariates, each projected twice so that it is orthogonal to rounding.</summary>
    private static List<double[]> OrthonormalBasis(double[][] covariates)
    {
        var basis = new List<double[]>();
        foreach (var covariate in covariates)
        {
            if (CentredColumn.Of(covariate) is not { } centred) continue;
            var residual = Residual(centred.Unit, basis);
            var length = Length(residual);
            if (length >= DependenceTolerance) basis.Add([.. residual.Select(value => value / length)]);
        }
        return basis;
    }

    private static double[] Residual(double[] column, List<double[]> basis)
    {
        var residual = (double[])column.Clone();
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var direction in basis)
            {
                var share = CentredColumn.Dot(residual, direction);
                for (var i = 0; i < residual.Length; i++) residual[i] -= share * direction[i];
            }
        }
        return residual;
    }

    private static double Length(double[] column) => Math.Sqrt(CentredColumn.Dot(column, column));
}
