namespace NcService.Core.Statistics;

/// <summary>Ranks of values, equal values sharing the mean of their ranks.</summary>
public static class Ranks
{
    /// <summary>Ranks from 1 to n; ties get the mid-rank. Values must be finite.</summary>
    public static double[] Of(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        var order = new int[sorted.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(sorted, order);
        var ranks = new double[sorted.Length];
        for (var start = 0; start < sorted.Length;)
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start]) end++;
            var midRank = (start + 1 + end) / 2.0;
            for (var i = start; i < end; i++) ranks[order[i]] = midRank;
            start = end;
        }
        return ranks;
    }
}
