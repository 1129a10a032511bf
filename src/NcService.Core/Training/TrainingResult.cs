namespace NcService.Core.Training;

/// <summary>What a finished training run gives. Losses are mean next-token cross-entropies in nats.</summary>
public sealed record TrainingResult
{
    /// <summary>Optimiser steps.</summary>
    public required long Steps { get; init; }

    /// <summary>Tokens that went through the network in training.</summary>
    public required long TokensSeen { get; init; }

    /// <summary>Loss on the whole validation split before the first step.</summary>
    public required double InitialValidationLoss { get; init; }

    /// <summary>Loss after the last step on a fixed sample of the training chunks.</summary>
    public required double TrainLoss { get; init; }

    /// <summary>Accuracy on that sample.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Loss on the whole validation split after the last step.</summary>
    public required double ValidationLoss { get; init; }

    /// <summary>Accuracy there.</summary>
    public required double ValidationAccuracy { get; init; }

    /// <summary>exp of the validation loss.</summary>
    public required double Perplexity { get; init; }

    /// <summary>Wall time over all attempts, validation and saving included.</summary>
    public required TimeSpan Elapsed { get; init; }
}
