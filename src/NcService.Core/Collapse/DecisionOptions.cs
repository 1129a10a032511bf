namespace NcService.Core.Collapse;

/// <summary>How decisions are taken.</summary>
public sealed record DecisionOptions
{
    /// <summary>m: classes with fewer training samples are left out of C.</summary>
    public int MinimumSamples { get; init; } = 1;

    /// <summary>Classes scored at once; the [n, K] matrix of scores is never held.</summary>
    public int ClassTile { get; init; } = 2048;

    /// <summary>Samples scored at once.</summary>
    public int SampleTile { get; init; } = 1024;

    /// <summary>Add up the cross-entropy as well.</summary>
    public bool Loss { get; init; }

    /// <summary>How classes are screened on the CPU.</summary>
    internal ScreenFormat Screen { get; init; }
}
