namespace NcService.Core.Statistics;

/// <summary>The rows of two columns in which both values are finite, and which rows were left out.</summary>
internal sealed class PairedSample
{
    private PairedSample(double[] x, double[] y, int[] leftOut) => (X, Y, LeftOut) = (x, y, leftOut);

    public double[] X { get; }

    public double[] Y { get; }

    /// <summary>Indices of the rows with a missing or infinite value.</summary>
    public int[] LeftOut { get; }

    public int Count => X.Length;

    public static PairedSample Of(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"x has {x.Length} values and y has {y.Length}; they must be paired row by row.", nameof(y));
        var keptX = new List<double>(x.Length);
        var keptY = new List<double>(x.Length);
        var leftOut = new List<int>();
        for (var i = 0; i < x.Length; i++)
        {
            if (double.IsFinite(x[i]) && double.IsFinite(y[i]))
            {
                keptX.Add(x[i]);
                keptY.Add(y[i]);
            }
            else
            {
                leftOut.Add(i);
            }
        }
        return new PairedSample([.. keptX], [.. keptY], [.. leftOut]);
    }

    /// <summary>Why no correlation is defined, or null where it is.</summary>
    public string? WhyUndefined(CentredColumn? x, CentredColumn? y)
    {
        if (Count < 3) return $"fewer than 3 rows with finite values ({Count})";
        if (x is null) return "x is constant over the rows";
        return y is null ? "y is constant over the rows" : null;
    }
}
