using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace NcService.Core.Collapse;

/// <summary>Scores in float64 by an explicit dot product or an explicit difference: what every decision comes down to.</summary>
/// <param name="classifier">W: [K, d] float64, contiguous on the CPU.</param>
/// <param name="means">μ: [K, d] float64, contiguous on the CPU.</param>
internal sealed unsafe class ExactScores(Tensor classifier, Tensor means)
{
    private readonly int dimension = (int)means.shape[1];
    private readonly double* weightRows = TensorMemory.Pointer<double>(classifier);
    private readonly double* meanRows = TensorMemory.Pointer<double>(means);

    /// <summary>The score of class c for a sample, not centred: w_c·h, or −‖h − μ_c‖.</summary>
    public double Score(DecisionRule rule, ReadOnlySpan<double> sample, int c)
    {
        GC.KeepAlive(classifier);
        GC.KeepAlive(means);
        var start = (long)c * dimension;
        return rule == DecisionRule.NearestCentre
            ? -TensorPrimitives.Distance(sample, new ReadOnlySpan<double>(meanRows + start, dimension))
            : TensorPrimitives.Dot(sample, new ReadOnlySpan<double>(weightRows + start, dimension));
    }

    /// <summary>The class of the highest score among some, by increasing id, so that of equal scores the lowest id wins; −1 where there are none.</summary>
    public long Best(DecisionRule rule, ReadOnlySpan<double> sample, ReadOnlySpan<int> classes)
    {
        var (best, highest) = (-1L, double.NegativeInfinity);
        foreach (var c in classes)
        {
            var score = Score(rule, sample, c);
            if (best >= 0 && !(score > highest)) continue;
            (best, highest) = (c, score);
        }
        return best;
    }
}
