using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>The decisions on some samples as they lie in a shard: counts, their sum of losses, and the counts by class, for each layer that was decided.</summary>
internal static class DecisionShard
{
    /// <summary>The tensors of one layer; the current dispose scope owns them.</summary>
    public static IEnumerable<KeyValuePair<string, Tensor>> Parts(string layer, DecisionCounts counts, ClassDecisions byClass)
    {
        yield return new($"{layer}/counts", tensor(new[]
        {
            counts.Samples, counts.KeptClasses, counts.Agreements, counts.LinearCorrect, counts.NearestCentreCorrect,
            counts.SeenSamples, counts.SeenAgreements, counts.SeenLinearCorrect, counts.SeenNearestCentreCorrect, counts.DecidedAgain,
        }));
        yield return new($"{layer}/loss_sum", tensor(new[] { counts.LossSum ?? double.NaN }));
        yield return new($"{layer}/by_class", stack([.. byClass.Rows.Select(row => tensor(row))]));
    }

    /// <summary>The decisions of one layer.</summary>
    public static (DecisionCounts Counts, ClassDecisions ByClass) Read(SafeTensorsContent content, string layer)
    {
        var counts = TensorMemory.ToLongs(content.Tensors[$"{layer}/counts"]);
        var loss = TensorMemory.ToDoubles(content.Tensors[$"{layer}/loss_sum"])[0];
        var table = content.Tensors[$"{layer}/by_class"];
        var byClass = new ClassDecisions((int)table.shape[1]);
        var values = TensorMemory.ToLongs(table);
        for (var row = 0; row < byClass.Rows.Count; row++) values.AsSpan(row * (int)table.shape[1], (int)table.shape[1]).CopyTo(byClass.Rows[row]);
        return (new DecisionCounts
        {
            Samples = counts[0],
            KeptClasses = (int)counts[1],
            Agreements = counts[2],
            LinearCorrect = counts[3],
            NearestCentreCorrect = counts[4],
            SeenSamples = counts[5],
            SeenAgreements = counts[6],
            SeenLinearCorrect = counts[7],
            SeenNearestCentreCorrect = counts[8],
            DecidedAgain = counts[9],
            LossSum = double.IsNaN(loss) ? null : loss,
        }, byClass);
    }
}
