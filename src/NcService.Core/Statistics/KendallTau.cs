namespace NcService.Core.Statistics;

/// <summary>
/// Kendall's τ-b: concordant less discordant pairs over the geometric mean of the pairs that are untied in x and in y. In O(n log n) by Knight
/// (1966), J. Am. Stat. Assoc. 61, 436.
/// </summary>
public static class KendallTau
{
    /// <summary>τ-b of two columns of finite values, [n]; null where one of them is constant.</summary>
    /// <exception cref="ArgumentException">They differ in length.</exception>
    public static double? Of(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length) throw new ArgumentException($"x has {x.Length} values and y has {y.Length}; they must be paired row by row.", nameof(y));
        var pairs = new (double X, double Y)[x.Length];
        for (var i = 0; i < pairs.Length; i++) pairs[i] = (x[i], y[i]);
        Array.Sort(pairs);
        var all = Choose2(pairs.Length);
        var tiedInX = TiedPairs(pairs, (a, b) => a.X == b.X);
        var tiedInBoth = TiedPairs(pairs, (a, b) => a == b);
        // In order of x, and of y where x ties, the discordant pairs are the inversions of y.
        var discordant = SortByY(pairs, new (double, double)[pairs.Length]);
        var tiedInY = TiedPairs(pairs, (a, b) => a.Y == b.Y);
        if (tiedInX == all || tiedInY == all) return null;
        var difference = all - tiedInX - tiedInY + tiedInBoth - 2 * discordant;
        return Math.Clamp(difference / (Math.Sqrt(all - tiedInX) * Math.Sqrt(all - tiedInY)), -1, 1);
    }

    private static long Choose2(long n) => n * (n - 1) / 2;

    private static long TiedPairs((double X, double Y)[] sorted, Func<(double X, double Y), (double X, double Y), bool> tied)
    {
        var (pairs, run) = (0L, 1L);
        for (var i = 1; i <= sorted.Length; i++)
        {
            if (i < sorted.Length && tied(sorted[i - 1], sorted[i]))
            {
                run++;
                continue;
            }
            pairs += Choose2(run);
            run = 1;
        }
        return pairs;
    }

    /// <summary>Merge sort by y; returns the number of inversions.</summary>
    private static long SortByY(Span<(double X, double Y)> values, Span<(double X, double Y)> scratch)
    {
        if (values.Length < 2) return 0;
        var middle = values.Length / 2;
        var inversions = SortByY(values[..middle], scratch) + SortByY(values[middle..], scratch);
        var (left, right) = (0, middle);
        for (var i = 0; i < values.Length; i++)
        {
            var fromRight = left == middle || (right < values.Length && values[right].Y < values[left].Y);
            if (fromRight) inversions += middle - left;
            scratch[i] = fromRight ? values[right++] : values[left++];
        }
        scratch[..values.Length].CopyTo(values);
        return inversions;
    }
}
