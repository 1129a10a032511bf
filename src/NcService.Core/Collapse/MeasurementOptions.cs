namespace NcService.Core.Collapse;

/// <summary>How measurements are taken; the defaults are METRICS.md's definitions.</summary>
public sealed record MeasurementOptions
{
    /// <summary>m: classes with fewer training samples are left out of C.</summary>
    public int MinimumSamples { get; init; } = 1;

    /// <summary>
    /// Variances with 1/(n_c − 1) instead of 1/n_c in <c>cdnv</c> and <c>cdnv_dist4</c>; pairs with a class of one sample are left out of them.
    /// </summary>
    public bool Unbiased { get; init; }

    /// <summary>s of the Riesz kernel sign(s)‖u − u′‖^(−s).</summary>
    public double RieszExponent { get; init; } = 1;

    /// <summary>The format of the tiles of cosines; null takes the one in which the embeddings came.</summary>
    public FeaturePrecision? TilePrecision { get; init; }

    /// <summary>Rows of a tile.</summary>
    public int TileRows { get; init; } = 1024;

    /// <summary>Columns of a tile.</summary>
    public int TileColumns { get; init; } = 2048;

    /// <summary>
    /// Pairs to draw at random instead of visiting all, for class counts whose square is beyond what one can wait for; null visits all. Measurements of pairs
    /// are then estimates, with the intervals of <see cref="PairDetails.Intervals"/>; interference stays exact.
    /// </summary>
    public long? PairSample { get; init; }

    /// <summary>Seed of the sample of pairs.</summary>
    public int PairSampleSeed { get; init; }

    /// <summary>Refuses options that have no meaning.</summary>
    /// <exception cref="InputException">An option is out of its range.</exception>
    public void Validate()
    {
        if (MinimumSamples < 1) throw new InputException($"Minimum samples per class must be at least 1, not {MinimumSamples}.");
        if (!double.IsFinite(RieszExponent)) throw new InputException($"The Riesz exponent must be a finite number, not {RieszExponent}.");
        if (PairSample < 1000) throw new InputException($"A sample of pairs must have at least 1000 of them, not {PairSample}.");
        if (TileRows < 1 || TileColumns < 1) throw new InputException($"Tiles must have at least one row and column, not {TileRows} × {TileColumns}.");
    }
}
