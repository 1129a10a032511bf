using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>The three ways to score classes for a sample; the decision is the class of the highest score.</summary>
internal enum DecisionRule
{
    /// <summary>w_k·h over all K classes.</summary>
    Linear,

    /// <summary>w_c·h over the kept classes.</summary>
    LinearOverKept,

    /// <summary>−‖h − μ_c‖² over the kept classes, up to terms that all classes share.</summary>
    NearestCentre,
}

/// <summary>Classifier and centred class means in the format and on the device of the samples, scored tile by tile.</summary>
internal sealed class DecisionScores : IDisposable
{
    private readonly Tensor weights;      // (K, d)
    private readonly Tensor centred;      // (K, d) μ_c − μ̄
    private readonly Tensor halfSquares;  // (K) ‖μ_c − μ̄‖²/2, +∞ for classes that are not kept
    private readonly Tensor keptBias;     // (K) 0, −∞ for classes that are not kept

    public DecisionScores(Tensor classifier, Tensor means, Tensor globalMean, bool[] kept, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        Dtype = dtype;
        Device = device;
        weights = classifier.to(dtype, device).DetachFromDisposeScope();
        var keptFlags = tensor(kept);
        var centred64 = means.sub(globalMean).masked_fill_(keptFlags.logical_not().unsqueeze(1), 0);
        var squares = centred64.square().sum(1);
        LargestMean = Math.Sqrt(squares.max().item<double>());
        LargestWeight = Math.Sqrt(classifier.to(ScalarType.Float64).square().sum(1).max().item<double>());
        centred = centred64.to(dtype, device).DetachFromDisposeScope();
        halfSquares = squares.mul(0.5).masked_fill_(keptFlags.logical_not(), double.PositiveInfinity).to(dtype, device).DetachFromDisposeScope();
        keptBias = zeros(kept.Length, dtype: dtype).masked_fill_(keptFlags.logical_not(), double.NegativeInfinity).to(device).DetachFromDisposeScope();
    }

    /// <summary>K.</summary>
    public int ClassCount => (int)weights.shape[0];

    public ScalarType Dtype { get; }

    public Device Device { get; }

    /// <summary>The largest ‖w_k‖.</summary>
    public double LargestWeight { get; }

    /// <summary>The largest ‖μ_c − μ̄‖ over the kept classes.</summary>
    public double LargestMean { get; }

    /// <summary>Scores [n, t] of the classes [first, first + count) for samples [n, d]: plain ones for the linear rules, centred ones for the other.</summary>
    public Tensor Score(DecisionRule rule, Tensor samples, int first, int count)
    {
        if (rule == DecisionRule.NearestCentre)
            return samples.mm(centred.narrow(0, first, count).t()).sub_(halfSquares.narrow(0, first, count));
        var scores = samples.mm(weights.narrow(0, first, count).t());
        return rule == DecisionRule.LinearOverKept ? OverKept(scores, first) : scores;
    }

    /// <summary>Linear scores with those of classes that are not kept at −∞.</summary>
    public Tensor OverKept(Tensor scores, int first) => scores.add(keptBias.narrow(0, first, scores.shape[1]));

    /// <summary>How far a score of a sample may be off, at most: rounding of the inputs, of the products and of their sum over d terms in any order.</summary>
    public double ErrorBound(DecisionRule rule, double sampleNorm, int dimension)
    {
        var unit = Dtype == ScalarType.Float64 ? Math.ScaleB(1, -53) : Math.ScaleB(1, -24);
        var factor = 1.01 * unit * (dimension + 8);
        return rule == DecisionRule.NearestCentre
            ? factor * ((sampleNorm * LargestMean) + (0.5 * LargestMean * LargestMean))
            : factor * sampleNorm * LargestWeight;
    }

    public void Dispose()
    {
        weights.Dispose();
        centred.Dispose();
        halfSquares.Dispose();
        keptBias.Dispose();
    }
}
