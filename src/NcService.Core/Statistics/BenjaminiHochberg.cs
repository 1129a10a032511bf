namespace NcService.Core.Statistics;

/// <summary>Control of the false discovery rate over several tests (Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57, 289).</summary>
public static class BenjaminiHochberg
{
    /// <summary>
    /// Adjusted p-values, in the order given: min over ranks j ≥ i of p₍ⱼ₎·m/j, at most 1. A NaN (a test without result) stays NaN and
    /// is not counted in m.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A p-value is below 0 or above 1.</exception>
    public static double[] Adjust(ReadOnlySpan<double> p)
    {
        var adjusted = new double[p.Length];
        var defined = new List<int>(p.Length);
        for (var i = 0; i < p.Length; i++)
        {
            if (p[i] is < 0 or > 1) throw new ArgumentOutOfRangeException(nameof(p), p[i], $"p-value {i} must lie in [0, 1].");
            adjusted[i] = p[i];
            if (!double.IsNaN(p[i])) defined.Add(i);
        }
        defined.Sort((i, j) => adjusted[j].CompareTo(adjusted[i]));
        var smallest = 1.0;
        for (var k = 0; k < defined.Count; k++)
        {
            var rank = defined.Count - k;
            smallest = Math.Min(smallest, adjusted[defined[k]] * defined.Count / rank);
            adjusted[defined[k]] = smallest;
        }
        return adjusted;
    }
}
