using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// Decisions in torch's operators, on any device, by a running argmax over tiles of classes. Scores come from a product in the samples' format, distances from
/// centred vectors: ‖h′ − m_c‖² = ‖h′‖² − 2(h′·m_c − ‖m_c‖²/2) with h′ = h − μ̄. A sample whose two best scores lie within that format's error bound is decided
/// again in float64 (<see cref="CloseDecisions"/>).
/// </summary>
internal sealed class ComposedDecisions(Tensor classifier, Tensor means, Tensor globalMean, bool[] kept, DecisionOptions options) : IDisposable
{
    private readonly bool allKept = Array.TrueForAll(kept, flag => flag);
    private readonly CloseDecisions closeDecisions = new(new ExactScores(classifier, means), options.ClassTile);
    private DecisionScores? scores;

    /// <summary>Decides samples [n, d] in their format on their device.</summary>
    /// <param name="h">The samples.</param>
    /// <param name="exact">The same in float64 on the CPU.</param>
    /// <param name="norms">Their norms.</param>
    /// <param name="labels">Their classes, where losses may be wanted.</param>
    public (Decisions Decisions, int DecidedAgain, double? LossSum) Decide(Tensor h, Tensor exact, double[] norms, long[]? labels)
    {
        var rows = norms.Length;
        var centred64 = exact.sub(globalMean);
        var centredNorms = TensorMemory.ToDoubles(centred64.square().sum(1).sqrt());
        var centred = centred64.to(h.dtype, h.device);
        var prepared = Prepare(h.dtype, h.device);
        RunningArgmax linear = new(rows, h.dtype, h.device), overKept = new(rows, h.dtype, h.device), nearest = new(rows, h.dtype, h.device);
        var loss = labels is not null && options.Loss ? new RunningCrossEntropy(labels, h.device) : null;
        for (var first = 0; first < kept.Length; first += options.ClassTile)
        {
            using var tileScope = NewDisposeScope();
            var count = Math.Min(options.ClassTile, kept.Length - first);
            var tile = prepared.Score(DecisionRule.Linear, h, first, count);
            loss?.Add(tile, first);
            if (!allKept) overKept.Add(prepared.OverKept(tile, first), first);
            linear.Add(tile, first);
            nearest.Add(prepared.Score(DecisionRule.NearestCentre, centred, first, count), first);
        }

        var decisions = new Decisions(linear.Ids(), allKept ? linear.Ids() : overKept.Ids(), nearest.Ids());
        var again = new HashSet<int>(closeDecisions.Decide(DecisionRule.Linear, prepared, h, exact, norms, linear, decisions.Linear));
        if (allKept) decisions.Linear.CopyTo(decisions.LinearOverKept, 0);
        else again.UnionWith(closeDecisions.Decide(DecisionRule.LinearOverKept, prepared, h, exact, norms, overKept, decisions.LinearOverKept));
        again.UnionWith(closeDecisions.Decide(DecisionRule.NearestCentre, prepared, centred, exact, centredNorms, nearest, decisions.NearestCentre));
        return (decisions, again.Count, loss?.Sum());
    }

    /// <inheritdoc/>
    public void Dispose() => scores?.Dispose();

    private DecisionScores Prepare(ScalarType dtype, Device device)
    {
        if (scores is not null && scores.Dtype == dtype && scores.Device.type == device.type && scores.Device.index == device.index) return scores;
        scores?.Dispose();
        return scores = new DecisionScores(classifier, means, globalMean, kept, dtype, device);
    }
}
