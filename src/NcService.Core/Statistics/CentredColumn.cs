namespace NcService.Core.Statistics;

/// <summary>
/// A column minus its mean, scaled to length one, so that the dot product of two is their Pearson correlation. Only IEEE basic operations in a
/// fixed order, so the same bits on every machine; scaling by a power of two first keeps squares from overflow and underflow.
/// </summary>
internal sealed class CentredColumn
{
    /// <summary>A spread below this share of the largest value is rounding, and the column counts as constant.</summary>
    private const double ConstantTolerance = 1e-13;

    private CentredColumn(double[] unit, double mean, double length) => (Unit, Mean, Length) = (unit, mean, length);

    /// <summary>(x − x̄)/‖x − x̄‖, [n].</summary>
    public double[] Unit { get; }

    public double Mean { get; }

    /// <summary>‖x − x̄‖.</summary>
    public double Length { get; }

    /// <summary>The centred column, or null where the column is empty or constant.</summary>
    public static CentredColumn? Of(ReadOnlySpan<double> values)
    {
        var largest = 0.0;
        foreach (var value in values) largest = Math.Max(largest, Math.Abs(value));
        if (largest == 0 || values.Length == 0) return null;
        var exponent = Math.ILogB(largest);
        var unit = new double[values.Length];
        for (var i = 0; i < unit.Length; i++) unit[i] = Math.ScaleB(values[i], -exponent);

        // The second pass over the deviations takes back what the first mean lost to rounding.
        var mean = Sum(unit) / unit.Length;
        var correction = 0.0;
        foreach (var value in unit) correction += value - mean;
        mean += correction / unit.Length;

        var spread = 0.0;
        for (var i = 0; i < unit.Length; i++)
        {
            unit[i] -= mean;
            spread = Math.Max(spread, Math.Abs(unit[i]));
        }
        if (spread <= ConstantTolerance) return null;

        // A second scaling: the squares of deviations far smaller than the values.
        var spreadExponent = Math.ILogB(spread);
        for (var i = 0; i < unit.Length; i++) unit[i] = Math.ScaleB(unit[i], -spreadExponent);
        var squares = 0.0;
        foreach (var value in unit) squares += value * value;
        var length = Math.Sqrt(squares);
        for (var i = 0; i < unit.Length; i++) unit[i] /= length;
        return new CentredColumn(unit, Math.ScaleB(mean, exponent), Math.ScaleB(length, exponent + spreadExponent));
    }

    public double Correlate(CentredColumn other) => Math.Clamp(Dot(Unit, other.Unit), -1, 1);

    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum;
    }
}
