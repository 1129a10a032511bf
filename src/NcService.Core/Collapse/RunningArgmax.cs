using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// Best and second-best score and the id of the best, over tiles of classes that come in increasing order. Equal scores keep the lower id and
/// leave a margin of zero.
/// </summary>
internal sealed class RunningArgmax(long samples, ScalarType dtype, Device device)
{
    private readonly Tensor best = full([samples], double.NegativeInfinity, dtype: dtype, device: device);
    private readonly Tensor second = full([samples], double.NegativeInfinity, dtype: dtype, device: device);
    private readonly Tensor ids = full([samples], -1L, dtype: ScalarType.Int64, device: device);

    /// <summary>The ids of the best scores, −1 where every score was −∞.</summary>
    public long[] Ids() => TensorMemory.ToLongs(ids);

    /// <summary>The best scores.</summary>
    public double[] Best() => TensorMemory.ToDoubles(best);

    /// <summary>The second-best scores, −∞ where there was one class only.</summary>
    public double[] Second() => TensorMemory.ToDoubles(second);

    /// <summary>Takes the scores [n, t] of the classes from <paramref name="firstClass"/> on, and overwrites them.</summary>
    public void Add(Tensor scores, long firstClass)
    {
        var (tileBest, tileIds) = scores.max(1);
        scores.scatter_(1, tileIds.unsqueeze(1), full_like(tileBest, double.NegativeInfinity).unsqueeze(1));
        var tileSecond = scores.amax(1);

        // The loser of the two bests competes with both seconds.
        second.copy_(best.minimum(tileBest).maximum(second.maximum(tileSecond)));
        ids.copy_(tileIds.add(firstClass).where(tileBest.gt(best), ids));
        best.copy_(best.maximum(tileBest));
    }
}
