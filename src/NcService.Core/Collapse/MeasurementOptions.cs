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
    public int TileRows { get; init; } = 512;

    /// <summary>Columns of a tile.</summary>
    public int TileColumns { get; init; } = 1024;

    /// <summary>Refuses options that have no meaning.</summary>
    /// <exception cref="InputException">An option is out of its range.</exception>
    public void Validate()
    {
        if (MinimumSamples < 1) throw new InputException($"Minimum samples per class must be at least 1, not {MinimumSamples}.");
        if (!double.IsFinite(RieszExponent)) throw new InputException($"The Riesz exponent must be a finite number, not {RieszExponent}.");
        if (TileRows < 1 || TileColumns < 1) throw new InputException($"Tiles must have at least one row and column, not {TileRows} × {TileColumns}.");
    }
}
