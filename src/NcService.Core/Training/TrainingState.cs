namespace NcService.Core.Training;

/// <summary>What a run needs, beside the tensors, to go on exactly where it was.</summary>
internal sealed record TrainingState
{
    /// <summary>Steps done; with the options it fixes data position and learning rate.</summary>
    public required long Step { get; init; }

    public required long Tokens { get; init; }

    public required double Seconds { get; init; }

    public required double InitialValidationLoss { get; init; }

    /// <summary>Sum and number of the step losses that no log line has told yet.</summary>
    public required double PendingLoss { get; init; }

    public required int PendingSteps { get; init; }

    /// <summary>The last step's learning rate and gradient norm, for the last log line of a run whose final validation was cancelled.</summary>
    public double LastLearningRate { get; init; }

    public double LastGradientNorm { get; init; }

    /// <summary>Of everything the result depends on; another run's state is refused.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>SHA-256 of the tensors' file beside this one.</summary>
    public string Hash { get; init; } = "";
}
