namespace NcService.Core.Collapse;

/// <summary>What the pass over pairs of classes can give beside the measurements; asked for here and filled by the same pass.</summary>
public sealed class PairDetails
{
    /// <summary>How many nearest classes to find for every class; 0 for none.</summary>
    public int NearestClasses { get; init; }

    /// <summary>Whether to count the distributions over pairs.</summary>
    public bool Histograms { get; init; }

    /// <summary>The ids of the kept classes, in increasing order: what the lists below are in the order of.</summary>
    public IReadOnlyList<int> Classes { get; internal set; } = [];

    /// <summary>For each kept class those with the nearest means, nearest first, with ‖μ_c − μ_c'‖.</summary>
    public IReadOnlyList<Neighbour[]> NearestByDistance { get; internal set; } = [];

    /// <summary>For each kept class those whose centred means have the nearest direction, nearest first, with u_c·u_c'; empty where the class has no direction.</summary>
    public IReadOnlyList<Neighbour[]> NearestByCosine { get; internal set; } = [];

    /// <summary>Distributions over pairs, where asked for: <c>cdnv</c>, <c>interference</c>, <c>logdist</c> and <c>logdist_uncentred</c>.</summary>
    public IReadOnlyList<PairHistogram> Distributions { get; internal set; } = [];

    /// <summary>95 % confidence intervals of the measurements that come from a sample of pairs (<see cref="MeasurementOptions.PairSample"/>), by name.</summary>
    public IReadOnlyDictionary<string, ConfidenceInterval> Intervals { get; internal set; } = new Dictionary<string, ConfidenceInterval>();
}

/// <summary>A distribution over pairs of classes.</summary>
/// <param name="Name">What is counted, by the common part of its measurements' names.</param>
/// <param name="Edges">Edges of the bins in increasing order, one more than there are bins; the first and the last bin also hold what lies beyond.</param>
/// <param name="Counts">Pairs in each bin.</param>
public sealed record PairHistogram(string Name, IReadOnlyList<double> Edges, IReadOnlyList<long> Counts)
{
    /// <summary>The bins from the first to the last that are not empty.</summary>
    internal static PairHistogram Of(string name, Func<int, double> edge, long[] counts, bool descending)
    {
        var first = Array.FindIndex(counts, count => count > 0);
        var last = Array.FindLastIndex(counts, count => count > 0);
        if (first < 0) return new PairHistogram(name, [], []);
        var edges = Enumerable.Range(first, last - first + 2).Select(edge).ToArray();
        var kept = counts[first..(last + 1)];
        return descending ? new PairHistogram(name, [.. edges.Reverse()], [.. kept.Reverse()]) : new PairHistogram(name, edges, kept);
    }
}

/// <summary>An interval that holds the true value with a stated confidence.</summary>
public readonly record struct ConfidenceInterval(double Low, double High);
