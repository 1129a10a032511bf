using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>Where class means lie along the directions in which they spread most (principal component analysis; Pearson 1901).</summary>
/// <param name="Shares">The share of the spread of class means along each of the directions, decreasing.</param>
/// <param name="Coordinates">m_c along each direction: [C][directions].</param>
public sealed record PrincipalCoordinates(IReadOnlyList<double> Shares, IReadOnlyList<double[]> Coordinates)
{
    /// <summary>Directions that are kept.</summary>
    public const int Directions = 3;

    /// <summary>Works them out from the kept classes' geometry, in float64.</summary>
    internal static PrincipalCoordinates Of(ClassGeometry geometry)
    {
        if (geometry.Count == 0) return new PrincipalCoordinates([], []);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var eigenvalues = geometry.Principal.Values;
        var total = eigenvalues.Sum();
        var kept = Math.Min(Directions, eigenvalues.Length);
        var axes = Oriented(geometry.Principal.Vectors.narrow(1, eigenvalues.Length - kept, kept).flip(1));                  // (d, kept)
        var global = tensor(geometry.GlobalMean);
        var flat = TensorMemory.ToDoubles(geometry.Means.mm(axes).sub(global.unsqueeze(0).mm(axes)));     // (C, kept)
        return new PrincipalCoordinates(
            [.. Enumerable.Reverse(eigenvalues).Take(kept).Select(value => total > 0 ? value / total : 0)],
            [.. flat.Chunk(kept)]);
    }

    /// <summary>Each axis with its largest entry positive: a decomposition leaves the sign open.</summary>
    private static Tensor Oriented(Tensor axes)
    {
        var columns = TensorMemory.ToDoubles(axes.t()).Chunk((int)axes.shape[0]).ToArray();
        var signs = columns.Select(column => column.MaxBy(value => Math.Abs(value)) < 0 ? -1.0 : 1.0).ToArray();
        return axes.mul(tensor(signs));
    }
}
