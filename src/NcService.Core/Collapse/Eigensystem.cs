using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>Eigenvalues and eigenvectors of a symmetric matrix without negative eigenvalues, [d, d] in float64.</summary>
internal sealed class Eigensystem : IDisposable
{
    private Eigensystem(double[] values, Tensor vectors) => (Values, Vectors) = (values, vectors);

    /// <summary>λ in increasing order; negatives, which only rounding makes, set to 0.</summary>
    public double[] Values { get; }

    /// <summary>The eigenvectors as columns, in the order of <see cref="Values"/>.</summary>
    public Tensor Vectors { get; }

    /// <summary>Decomposes a matrix.</summary>
    public static Eigensystem Of(Tensor matrix)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(matrix);
        return new Eigensystem(Array.ConvertAll(TensorMemory.ToDoubles(values), value => Math.Max(0, value)), vectors.DetachFromDisposeScope());
    }

    /// <summary>Σ qᵢᵀ A qᵢ / λᵢ over the largest eigenvalues: the trace of A times the pseudo-inverse of that rank.</summary>
    public double TraceOfProductWithInverse(Tensor matrix, int rank)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();

        // 0L, as a literal 0 would be taken for a ScalarType.
        var along = TensorMemory.ToDoubles(matrix.mm(Vectors).mul(Vectors).sum(0L));
        var sum = new CompensatedSum();
        for (var i = Values.Length - rank; i < Values.Length; i++) sum.Add(along[i] / Values[i]);
        return sum.Value;
    }

    /// <inheritdoc/>
    public void Dispose() => Vectors.Dispose();
}
