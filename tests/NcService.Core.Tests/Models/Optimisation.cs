using NcService.Core.Models;
using NcService.Core.Training;

namespace NcService.Core.Tests.Models;

/// <summary>Head, optimiser and step of a model, together.</summary>
internal sealed class Optimisation : IDisposable
{
    private readonly SlicedCrossEntropy _head;

    public Optimisation(GptNeo model, double weightDecay, double clip, bool decayEverything = false, int? sliceRows = null, int? microBatchSize = null)
    {
        _head = new SlicedCrossEntropy(model, sliceRows);
        Optimizer = new AdamW(model, weightDecay, decayEverything);
        Step = new TrainingStep(model, new TrainingOptions { GradientClip = clip, WeightDecay = weightDecay, MicroBatchSize = microBatchSize }, _head, Optimizer);
    }

    public AdamW Optimizer { get; }

    public TrainingStep Step { get; }

    public void Dispose()
    {
        Step.Dispose();
        Optimizer.Dispose();
        _head.Dispose();
    }
}
