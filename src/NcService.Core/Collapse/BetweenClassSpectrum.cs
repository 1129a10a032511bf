using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>What follows from the eigenvalues of the between-class covariance Σ_B = (1/|C|) Σ m_c m_cᵀ. d × d algebra in float64.</summary>
internal sealed class BetweenClassSpectrum : IDisposable
{
    private readonly Tensor between;
    private readonly Tensor eigenvectors;     // columns, in increasing order of eigenvalue
    private readonly double[] eigenvalues;    // increasing; negatives, which only rounding makes, set to 0
    private readonly int classes;
    private readonly double noise;

    /// <summary>Decomposes Σ_B.</summary>
    /// <param name="centredMoment">Σ m_c m_cᵀ, [d, d].</param>
    /// <param name="classes">|C|.</param>
    /// <param name="rounding">
    /// How far rounding of the features moves a class mean (same unit as the means). Behind a layer norm embeddings lie in a hyperplane, up to
    /// that: the eigenvalue across it is rounding squared, far above float64's own, and its inverse would swamp every other.
    /// </param>
    public BetweenClassSpectrum(Tensor centredMoment, int classes, double rounding)
    {
        this.classes = classes;
        noise = centredMoment.shape[0] * rounding * rounding;
        using var scope = NewDisposeScope();
        between = centredMoment.div(classes).DetachFromDisposeScope();
        var (values, vectors) = linalg.eigh(between);
        eigenvectors = vectors.DetachFromDisposeScope();
        eigenvalues = Array.ConvertAll(TensorMemory.ToDoubles(values), value => Math.Max(0, value));
        Trace = between.trace().item<double>();
        Rank = Math.Min(RankOf(eigenvalues), classes - 1);
    }

    /// <summary>Tr Σ_B.</summary>
    public double Trace { get; }

    /// <summary>Eigenvalues above d·ε times the largest and above what rounding of the features makes, at most |C| − 1 of them.</summary>
    public int Rank { get; }

    /// <summary>exp of the entropy of the normalised eigenvalues.</summary>
    public double EffectiveRank
    {
        get
        {
            var kept = Kept();
            var total = kept.Sum();
            return Math.Exp(-kept.Sum(value => value / total * Math.Log(value / total)));
        }
    }

    /// <summary>‖Σ_B‖_F² / ‖Σ_B‖₂².</summary>
    public double StableRank
    {
        get
        {
            var largest = eigenvalues[^1];
            return Kept().Sum(value => value / largest * (value / largest));
        }
    }

    /// <summary>
    /// ‖G/‖G‖_F − (I − 11ᵀ/C)/√(C−1)‖_F for G = M Mᵀ. G shares its non-zero eigenvalues with Mᵀ M and both matrices vanish on 1, so that the
    /// distance is one of eigenvalues: nothing cancels near a perfect simplex.
    /// </summary>
    public double SimplexError()
    {
        var directions = Math.Min(eigenvalues.Length, classes - 1);
        var top = eigenvalues[^directions..];
        var norm = Math.Sqrt(top.Sum(value => value * value));
        var ideal = 1 / Math.Sqrt(classes - 1);
        var missing = (classes - 1.0 - directions) / (classes - 1.0);
        return Math.Sqrt(top.Sum(value => ((value / norm) - ideal) * ((value / norm) - ideal)) + missing);
    }

    /// <summary>Tr(Σ_W Σ_B⁺), for Papyan's NC1.</summary>
    public double TraceWithPseudoInverse(Tensor within) => TraceOverEigenvalues(within, eigenvectors, eigenvalues, Rank);

    /// <summary>1 − Tr(Σ_T⁺ Σ_B)/rank(Σ_B) with Σ_T = Σ_W + Σ_B (Xu and Liu 2023).</summary>
    public double VariabilityCollapseIndex(Tensor within)
    {
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(within.add(between));
        var total = TensorMemory.ToDoubles(values);
        return 1 - (TraceOverEigenvalues(between, vectors, total, RankOf(total)) / Rank);
    }

    public void Dispose()
    {
        between.Dispose();
        eigenvectors.Dispose();
    }

    private double[] Kept() => eigenvalues[^Rank..];

    private int RankOf(double[] values)
    {
        var cut = Math.Max(values.Length * Math.ScaleB(1, -52) * values[^1], noise);
        return values.Count(value => value > cut);
    }

    /// <summary>Σ qᵢᵀ A qᵢ / λᵢ over the largest eigenvalues.</summary>
    private static double TraceOverEigenvalues(Tensor matrix, Tensor vectors, double[] values, int rank)
    {
        using var scope = NewDisposeScope();

        // 0L, as a literal 0 would be taken for a ScalarType.
        var along = TensorMemory.ToDoubles(matrix.mm(vectors).mul(vectors).sum(0L));
        var sum = new CompensatedSum();
        for (var i = values.Length - rank; i < values.Length; i++) sum.Add(along[i] / values[i]);
        return sum.Value;
    }
}
