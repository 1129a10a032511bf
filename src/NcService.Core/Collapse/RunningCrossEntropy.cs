using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>−ln softmax(scores)[label] over tiles of classes: a running maximum and a running sum of exponentials about it, in float64.</summary>
internal sealed class RunningCrossEntropy
{
    private readonly Tensor labels;
    private readonly Tensor maximum;
    private readonly Tensor exponentials;
    private readonly Tensor labelScores;

    public RunningCrossEntropy(long[] labels, Device device)
    {
        this.labels = tensor(labels, device: device);
        maximum = full([labels.Length], double.NegativeInfinity, dtype: ScalarType.Float64, device: device);
        exponentials = zeros(labels.Length, dtype: ScalarType.Float64, device: device);
        labelScores = zeros(labels.Length, dtype: ScalarType.Float64, device: device);
    }

    /// <summary>Takes the scores [n, t] of the classes from <paramref name="firstClass"/> on.</summary>
    public void Add(Tensor scores, long firstClass)
    {
        var next = maximum.maximum(scores.amax(1).to(ScalarType.Float64));
        var tile = scores.sub(next.to(scores.dtype).unsqueeze(1)).exp_().sum(1).to(ScalarType.Float64);

        // The tile was shifted by the maximum as its own format holds it.
        var correction = next.to(scores.dtype).to(ScalarType.Float64).sub(next).exp();
        exponentials.copy_(exponentials.mul(maximum.sub(next).exp()).add(tile.mul(correction)));
        maximum.copy_(next);

        var column = labels.sub(firstClass);
        var inTile = column.ge(0).logical_and(column.lt(scores.shape[1]));
        var found = scores.gather(1, column.clamp(0, scores.shape[1] - 1).unsqueeze(1)).squeeze(1).to(ScalarType.Float64);
        labelScores.copy_(found.where(inTile, labelScores));
    }

    /// <summary>The sum over samples, in nats.</summary>
    public double Sum() => maximum.add(exponentials.log()).sub(labelScores).sum().item<double>();
}
