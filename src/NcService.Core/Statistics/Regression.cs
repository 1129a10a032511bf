namespace NcService.Core.Statistics;

/// <summary>How well a set of measurements accounts for an outcome by least squares.</summary>
public sealed record RegressionResult
{
    /// <summary>The measurements in the model.</summary>
    public required IReadOnlyList<string> Measurements { get; init; }

    /// <summary>n: the rows used.</summary>
    public required int Count { get; init; }

    /// <summary>R²: the share accounted for of the outcome's variance, or of what the things held fixed leave of it.</summary>
    public double? R2 { get; init; }

    /// <summary>R² corrected for the number of measurements; null without a spare row.</summary>
    public double? AdjustedR2 { get; init; }

    /// <summary>
    /// Leave-one-out R² (1 − PRESS over the sum of squares; Allen 1974): each row is predicted from the others. Below 0 the model predicts worse than
    /// the mean does. Null where a row cannot be left out.
    /// </summary>
    public double? LeaveOneOutR2 { get; init; }

    /// <summary>The rows (from 0) that were used.</summary>
    public IReadOnlyList<int> Rows { get; init; } = [];

    /// <summary>The rows left out, each with its reason.</summary>
    public IReadOnlyList<LeftOutRow> LeftOut { get; init; } = [];

    /// <summary>Why the numbers are null, or null where they are not.</summary>
    public string? UndefinedReason { get; init; }
}

/// <summary>Least-squares models of an outcome.</summary>
public static class Regression
{
    /// <summary>Fits the outcome on a chosen set of measurements.</summary>
    /// <param name="measurements">Columns of [n].</param>
    /// <param name="outcome">[n].</param>
    /// <param name="held">What is taken out of all of them first.</param>
    /// <exception cref="ArgumentException">Columns differ in length.</exception>
    public static RegressionResult Fit(IReadOnlyList<Variable> measurements, Variable outcome, HeldFixed held)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(held);
        var complete = CompleteRows.Of([outcome, .. measurements, .. held.Covariates], held.Strata);
        double[][] Kept(IEnumerable<Variable> variables) => [.. variables.Select(variable => complete.Take(variable.Values))];
        var covariates = Kept(held.Covariates);
        var before = new Residuals(covariates, complete.StratumLengths);
        var after = new Residuals([.. covariates, .. Kept(measurements)], complete.StratumLengths);
        var result = new RegressionResult
        {
            Measurements = [.. measurements.Select(measurement => measurement.Name)],
            Count = complete.Count,
            Rows = complete.Rows,
            LeftOut = complete.LeftOut,
        };
        if (complete.Count - after.Dimensions < 1)
            return result with { UndefinedReason = $"{complete.Count} rows are too few to fit {after.Dimensions} numbers and have one over" };
        if (before.Of(outcome.Name, complete.Take(outcome.Values), out var reason) is not { } y) return result with { UndefinedReason = reason };

        var residual = (double[])y.Clone();
        var leverage = InverseStratumLengths(complete.StratumLengths);
        foreach (var direction in after.Basis)
        {
            var share = CentredColumn.Dot(direction, residual);
            for (var i = 0; i < residual.Length; i++)
            {
                residual[i] -= share * direction[i];
                leverage[i] += direction[i] * direction[i];
            }
        }
        var left = CentredColumn.Dot(residual, residual);
        var (freeBefore, freeAfter) = (complete.Count - before.Dimensions, complete.Count - after.Dimensions);
        return result with { R2 = Math.Clamp(1 - left, 0, 1), AdjustedR2 = 1 - left * freeBefore / freeAfter, LeaveOneOutR2 = Press(residual, leverage, after) is { } press ? 1 - press : null };
    }

    /// <summary>Σ (eᵢ/(1 − hᵢ))²: the squared errors of predicting each row from the others; null where a row is all that fixes a coefficient.</summary>
    private static double? Press(double[] residual, double[] leverage, Residuals model)
    {
        // Beyond this 1 − h has lost too many digits to be taken from h.
        const double largeLeverage = 0.999;
        var sum = 0.0;
        for (var i = 0; i < residual.Length; i++)
        {
            var error = residual[i] / (1 - leverage[i]);
            if (leverage[i] > largeLeverage)
            {
                // The coefficient of a column that is one in this row alone is the row's error of prediction.
                var alone = new double[residual.Length];
                alone[i] = 1;
                if (model.Of("the row", alone, out _) is not { } direction) return null;
                error = CentredColumn.Dot(direction, residual) / CentredColumn.Dot(direction, alone);
            }
            sum += error * error;
        }
        return sum;
    }

    private static double[] InverseStratumLengths(int[] lengths) => [.. lengths.SelectMany(length => Enumerable.Repeat(1.0 / length, length))];
}
