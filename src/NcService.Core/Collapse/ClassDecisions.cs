namespace NcService.Core.Collapse;

/// <summary>Decisions on validation samples counted by the samples' own class: what the per-class table says of agreement. Counts of shards add.</summary>
/// <param name="classCount">K.</param>
public sealed class ClassDecisions(int classCount)
{
    /// <summary>Validation samples of each class: [K].</summary>
    public long[] Samples { get; } = new long[classCount];

    /// <summary>Of those, samples where the classifier over all K classes and the nearest centre agree: [K].</summary>
    public long[] Agreements { get; } = new long[classCount];

    /// <summary>Of those, samples where the classifier gives the class: [K].</summary>
    public long[] LinearCorrect { get; } = new long[classCount];

    /// <summary>Of those, samples where the nearest centre gives the class: [K].</summary>
    public long[] NearestCentreCorrect { get; } = new long[classCount];

    /// <summary>The four counts in the order of a file's rows.</summary>
    internal IReadOnlyList<long[]> Rows => [Samples, Agreements, LinearCorrect, NearestCentreCorrect];

    /// <summary>Counts one sample.</summary>
    public void Count(long label, long linear, long nearestCentre)
    {
        Samples[label]++;
        if (linear == nearestCentre) Agreements[label]++;
        if (linear == label) LinearCorrect[label]++;
        if (nearestCentre == label) NearestCentreCorrect[label]++;
    }

    /// <summary>Adds the counts of a disjoint set of samples.</summary>
    /// <exception cref="InputException">They are of another number of classes.</exception>
    public void Merge(ClassDecisions other)
    {
        if (other.Samples.Length != Samples.Length) throw new InputException($"Decisions on {other.Samples.Length} and on {Samples.Length} classes cannot be merged.");
        foreach (var (mine, theirs) in Rows.Zip(other.Rows))
        {
            for (var c = 0; c < mine.Length; c++) mine[c] += theirs[c];
        }
    }
}
