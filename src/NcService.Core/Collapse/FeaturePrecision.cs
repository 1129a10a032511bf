namespace NcService.Core.Collapse;

/// <summary>The number format in which embeddings came and in which tiles of class means are multiplied. Sums are float64 in either case.</summary>
public enum FeaturePrecision
{
    /// <summary>32 bits (embeddings of 16-bit models are widened to it).</summary>
    Float32,

    /// <summary>64 bits.</summary>
    Float64,
}
