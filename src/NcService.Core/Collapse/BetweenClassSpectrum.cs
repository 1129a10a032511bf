using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>What follows from the eigenvalues of the between-class covariance Σ_B = (1/|C|) Σ m_c m_cᵀ. d × d algebra in float64.</summary>
internal sealed class BetweenClassSpectrum
{
    private readonly ClassGeometry geometry;
    private readonly double[] eigenvalues;    // increasing
    private readonly int classes;
    private readonly double noise;

    /// <summary>The spectrum of a geometry, which must outlive it.</summary>
    /// <param name="geometry">The class means about their global mean.</param>
    /// <param name="rounding">
    /// How far rounding of the features moves a class mean (same unit as the means). Behind a layer norm embeddings lie in a hyperplane, up to
    /// that: the eigenvalue across it is rounding squared, far above float64's own, and its inverse would swamp every other.
    /// </param>
    public BetweenClassSpectrum(ClassGeometry geometry, double rounding)
    {
        this.geometry = geometry;
        classes = geometry.Count;
        eigenvalues = Array.ConvertAll(geometry.Principal.Values, value => value / classes);
        noise = eigenvalues.Length * rounding * rounding;
        using var scope = NewDisposeScope();
        Trace = geometry.CentredMoment.trace().item<double>() / classes;
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
    public double TraceWithPseudoInverse(Tensor within) => geometry.Principal.TraceOfProductWithInverse(within, Rank) * classes;

    /// <summary>1 − Tr(Σ_T⁺ Σ_B)/rank(Σ_B) with Σ_T = Σ_W + Σ_B (Xu and Liu 2023).</summary>
    public double VariabilityCollapseIndex(Tensor within)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var between = geometry.CentredMoment.div(classes);
        var total = within.add(between);

        // No eigenvalue of Σ_T is below Σ_B's least, and none is above Tr Σ_T: where that leaves none to cut, the pseudo-inverse is the inverse, and solving costs
        // a tenth of a decomposition.
        if (eigenvalues[0] > Cut(total.trace().item<double>())) return 1 - (linalg.solve(total, between).trace().item<double>() / Rank);
        using var decomposed = Eigensystem.Of(total);
        return 1 - (decomposed.TraceOfProductWithInverse(between, RankOf(decomposed.Values)) / Rank);
    }

    private double[] Kept() => eigenvalues[^Rank..];

    private int RankOf(double[] values)
    {
        var cut = Cut(values[^1]);
        return values.Count(value => value > cut);
    }

    /// <summary>What is zero beside the largest eigenvalue: d·ε of it, and what rounding of the features makes.</summary>
    private double Cut(double largest) => Math.Max(eigenvalues.Length * Math.ScaleB(1, -52) * largest, noise);
}
