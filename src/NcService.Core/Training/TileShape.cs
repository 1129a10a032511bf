using NcService.Core.Models.Kernels;

namespace NcService.Core.Training;

/// <summary>How the vocabulary and a slice of tokens are cut up so that a tile's classifier rows, their gradients and its scores stay in a core's second-level cache.</summary>
/// <param name="Classes">Classes of a tile; the last may have fewer.</param>
/// <param name="Rows">Tokens of a block.</param>
internal readonly record struct TileShape(int Classes, int Rows)
{
    // Floats of each of the three: half a megabyte of a cache of two.
    private const int Floats = 1 << 17;

    /// <summary>The shape for a model.</summary>
    /// <param name="width">d.</param>
    /// <param name="vocabulary">K: a small one is cut into as many tiles as threads can share.</param>
    public static TileShape For(int width, int vocabulary)
    {
        var most = Math.Clamp(Floats / Panels.Padded(width), 10 * ProductKernel.Rows, 85 * ProductKernel.Rows);
        var share = (vocabulary + TiledCrossEntropy.Groups - 1) / TiledCrossEntropy.Groups;
        var classes = (Math.Min(most, share + ProductKernel.Rows - 1) / ProductKernel.Rows) * ProductKernel.Rows;
        return new TileShape(classes, Math.Min(Floats / classes / Panels.Columns * Panels.Columns, 512));
    }

    /// <summary>Tiles of a vocabulary.</summary>
    public int Tiles(int vocabulary) => (vocabulary + Classes - 1) / Classes;
}
