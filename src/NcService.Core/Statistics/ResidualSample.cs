namespace NcService.Core.Statistics;

/// <summary>A measurement and an outcome over their complete rows, with what is held fixed taken out of both.</summary>
internal sealed class ResidualSample
{
    private ResidualSample(string measurement, CompleteRows complete, Residuals residuals) =>
        (Measurement, Complete, Residuals) = (measurement, complete, residuals);

    public string Measurement { get; }

    public CompleteRows Complete { get; }

    public Residuals Residuals { get; }

    /// <summary>Unit residual of the measurement, [n]; null where undefined.</summary>
    public double[]? X { get; private set; }

    /// <summary>Unit residual of the outcome, [n]; null where undefined.</summary>
    public double[]? Y { get; private set; }

    public string? UndefinedReason { get; private set; }

    /// <summary>Pearson's r of the residuals.</summary>
    public double R => Math.Clamp(CentredColumn.Dot(X, Y), -1, 1);

    public static ResidualSample Of(Variable x, Variable y, HeldFixed held)
    {
        var complete = CompleteRows.Of([x, y, .. held.Covariates], held.Strata);
        var residuals = new Residuals(held.Covariates.Select(covariate => complete.Take(covariate.Values)), complete.StratumLengths);
        var sample = new ResidualSample(x.Name, complete, residuals);
        sample.UndefinedReason = sample.WhyTooFew(held);
        if (sample.UndefinedReason is not null) return sample;
        sample.X = residuals.Of(x.Name, complete.Take(x.Values), out var reason);
        sample.Y = residuals.Of(y.Name, complete.Take(y.Values), out var reasonOfY);
        sample.UndefinedReason = reason ?? reasonOfY;
        return sample;
    }

    private string? WhyTooFew(HeldFixed held)
    {
        var (n, strata, covariates) = (Complete.Count, Complete.StratumLengths.Length, Residuals.Basis.Count);
        if (n - Residuals.Dimensions >= 2 && n >= 3) return null;
        if (held.Strata is null && covariates == 0) return $"fewer than 3 rows with finite values ({n})";
        return held.Strata is null
            ? $"{n} rows are too few for {covariates} covariates (3 more rows than covariates are needed)"
            : $"{n} rows are too few for {strata} strata and {covariates} covariates (2 more rows than both together are needed)";
    }
}
