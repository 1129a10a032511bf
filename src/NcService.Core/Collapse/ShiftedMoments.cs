using System.Runtime.InteropServices;

namespace NcService.Core.Collapse;

/// <summary>
/// Mean and population standard deviation of a stream of values, from sums about a shift that lies near their mean: then nothing
/// cancels, and partial sums about the same shift simply add. (Unshifted, E[x²] − E[x]² loses every digit that the mean has.)
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ShiftedMoments(double Shift, double Sum, double SumOfSquares, long Count)
{
    public double Mean => Shift + (Sum / Count);

    public double StandardDeviation
    {
        get
        {
            var offset = Sum / Count;
            return Math.Sqrt(Math.Max(0, (SumOfSquares / Count) - (offset * offset)));
        }
    }

    /// <summary>Moments of values that lie in memory, about their first mean.</summary>
    public static ShiftedMoments Of(ReadOnlySpan<double> values)
    {
        var shift = new CompensatedSum();
        foreach (var value in values) shift.Add(value);
        var mean = values.IsEmpty ? 0 : shift.Value / values.Length;
        CompensatedSum sum = new(), squares = new();
        foreach (var value in values)
        {
            sum.Add(value - mean);
            squares.Add((value - mean) * (value - mean));
        }
        return new(mean, sum.Value, squares.Value, values.Length);
    }
}

/// <summary>Neumaier's compensated sum: the error does not grow with the number of terms.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct CompensatedSum
{
    private double sum;
    private double compensation;

    public readonly double Value => sum + compensation;

    public void Add(double term)
    {
        var next = sum + term;
        compensation += Math.Abs(sum) >= Math.Abs(term) ? sum - next + term : term - next + sum;
        sum = next;
    }
}
