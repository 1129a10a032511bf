namespace NcService.Core.Statistics;

/// <summary>
/// What is left of columns once strata and covariates are taken out: each stratum's mean, then the least-squares fit on the covariates. The dot
/// product of two such columns is their (partial, within-strata) Pearson correlation.
/// </summary>
internal sealed class Residuals
{
    /// <summary>A column whose residual is below this share of its length is explained up to rounding.</summary>
    private const double DependenceTolerance = 1e-10;

    private readonly int[] _stratumLengths;
    private readonly List<double[]> _basis = [];

    /// <summary>Takes the covariates in order; one that is constant or a combination of earlier ones adds nothing and is passed over.</summary>
    /// <param name="covariates">[n] each, rows stratum by stratum.</param>
    /// <param name="stratumLengths">Rows of each stratum.</param>
    public Residuals(IEnumerable<double[]> covariates, int[] stratumLengths)
    {
        _stratumLengths = stratumLengths;
        foreach (var covariate in covariates)
        {
            if (Within(covariate) is { } within && Outside(within) is { } residual) _basis.Add(residual);
        }
    }

    /// <summary>Orthonormal directions of the covariates within strata, [n] each.</summary>
    public IReadOnlyList<double[]> Basis => _basis;

    /// <summary>Dimensions that strata means and covariates take up.</summary>
    public int Dimensions => _stratumLengths.Length + _basis.Count;

    /// <summary>The residual of a column, of length one, [n]; null with the reason where nothing is left.</summary>
    public double[]? Of(string name, double[] values, out string? reason)
    {
        reason = null;
        if (CentredColumn.Of(values) is null) reason = $"{name} is constant over the rows";
        else if (Within(values) is not { } within) reason = $"{name} is constant within every stratum";
        else if (Outside(within) is { } residual) return residual;
        else reason = $"the covariates explain {name} wholly";
        return null;
    }

    private double[]? Within(double[] values)
    {
        if (CentredColumn.Of(values) is not { } centred) return null;
        if (_stratumLengths.Length == 1) return centred.Unit;
        var within = centred.Unit;
        var first = 0;
        foreach (var length in _stratumLengths)
        {
            var stratum = within.AsSpan(first, length);
            for (var pass = 0; pass < 2; pass++)
            {
                var mean = 0.0;
                foreach (var value in stratum) mean += value;
                mean /= length;
                foreach (ref var value in stratum) value -= mean;
            }
            first += length;
        }
        return Normalised(within);
    }

    /// <summary>Gram–Schmidt against the basis, projected twice so that it is orthogonal to rounding.</summary>
    private double[]? Outside(double[] column)
    {
        if (_basis.Count == 0) return column;
        var residual = (double[])column.Clone();
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var direction in _basis)
            {
                var share = CentredColumn.Dot(residual, direction);
                for (var i = 0; i < residual.Length; i++) residual[i] -= share * direction[i];
            }
        }
        return Normalised(residual);
    }

    private static double[]? Normalised(double[] column)
    {
        var length = Math.Sqrt(CentredColumn.Dot(column, column));
        return length < DependenceTolerance ? null : Array.ConvertAll(column, value => value / length);
    }
}
