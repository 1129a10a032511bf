namespace NcService.Core.Training;

/// <summary>How many steps a run has, which chunks each takes, and at what learning rate.</summary>
public sealed class TrainingSchedule
{
    private readonly TrainingOptions _options;
    private readonly int _chunkCount;
    private int[] _order = [];
    private int _orderEpoch = -1;

    /// <summary>The schedule of a run over so many chunks.</summary>
    /// <exception cref="InputException">There are no chunks.</exception>
    public TrainingSchedule(TrainingOptions options, int chunkCount)
    {
        if (chunkCount < 1) throw new InputException("The dataset has no training chunk: the corpus is shorter than one context length.");
        _options = options;
        _chunkCount = chunkCount;
        StepsPerEpoch = (chunkCount + options.BatchSize - 1) / options.BatchSize;
        var steps = (long)StepsPerEpoch * options.Epochs;
        TotalSteps = options.MaximumSteps is { } most ? Math.Min(most, steps) : steps;
    }

    /// <summary>Steps of one pass; the last may be smaller.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>Steps of the run.</summary>
    public long TotalSteps { get; }

    /// <summary>The chunks of a step (from 0). Steps may be asked for in any order; going on within an epoch is cheap.</summary>
    public ReadOnlySpan<int> ChunksOf(long step)
    {
        var epoch = (int)(step / StepsPerEpoch);
        if (epoch != _orderEpoch) (_order, _orderEpoch) = (DataOrder.Permutation(_chunkCount, _options.Seed, epoch), epoch);
        var start = (int)(step % StepsPerEpoch) * _options.BatchSize;
        return _order.AsSpan(start, Math.Min(_options.BatchSize, _chunkCount - start));
    }

    /// <summary>Learning rate of a step (from 0): lr · (1 − step / total).</summary>
    public double LearningRateOf(long step) => _options.LearningRate * (TotalSteps - step) / TotalSteps;
}
