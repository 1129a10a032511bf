namespace NcService.Core.Collapse;

/// <summary>How the values behind a mean are spread: a histogram.</summary>
/// <param name="Name">What is counted, by the common part of its measurements' names, such as norms or interference.</param>
/// <param name="Over">classes or pairs.</param>
/// <param name="Edges">Edges of the bins in increasing order, one more than there are bins; empty where no value is defined.</param>
/// <param name="Counts">Classes or pairs in each bin.</param>
public sealed record Distribution(string Name, string Over, IReadOnlyList<double> Edges, IReadOnlyList<long> Counts)
{
    private const int Bins = 64;

    /// <summary>The distribution over classes of values, those that are undefined (NaN, infinite) left out, in bins of equal width.</summary>
    public static Distribution OverClasses(string name, IReadOnlyList<double> values)
    {
        var defined = values.Where(double.IsFinite).ToArray();
        if (defined.Length == 0) return new Distribution(name, "classes", [], []);
        var (low, high) = (defined.Min(), defined.Max());
        // Equal values, or values that differ in their last digits, are one bin.
        var count = high - low > 1e-12 * Math.Max(Math.Abs(low), Math.Abs(high)) ? Bins : 1;
        var width = (high - low) / count;
        var counts = new long[count];
        foreach (var value in defined) counts[width > 0 ? Math.Min((int)((value - low) / width), count - 1) : 0]++;
        return new Distribution(name, "classes", [.. Enumerable.Range(0, count).Select(bin => low + (bin * width)), high], counts);
    }

    /// <summary>A distribution over pairs.</summary>
    public static Distribution OverPairs(PairHistogram histogram) => new(histogram.Name, "pairs", histogram.Edges, histogram.Counts);
}
