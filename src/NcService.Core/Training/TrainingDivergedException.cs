namespace NcService.Core.Training;

/// <summary>A loss or gradient became NaN or infinite; the run was stopped before the weights were touched by it.</summary>
public sealed class TrainingDivergedException(long step, string quantity, double value, string? lastGoodState) : Exception(
    $"Training diverged at step {step}: the {quantity} is {value}. "
    + (lastGoodState is null ? "No state had been saved before it. " : $"The last good state is {lastGoodState}. ")
    + "Try a lower learning rate (a third of it), gradient clipping at 1.0, Float32 in place of BFloat16, or another seed.")
{
    /// <summary>The step (from 1) at which it was noticed.</summary>
    public long Step { get; } = step;

    /// <summary>The last saved state, if any.</summary>
    public string? LastGoodState { get; } = lastGoodState;
}
