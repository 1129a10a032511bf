namespace NcService.Core.Training;

/// <summary>Where a training run stands.</summary>
/// <param name="Step">Optimiser steps done.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
/// <param name="Loss">Mean training loss of the steps since the last report, nats.</param>
/// <param name="LearningRate">The last step's learning rate.</param>
/// <param name="TokensPerSecond">Training speed since this process began, validation apart.</param>
/// <param name="ValidationLoss">Mean loss in nats where this step was validated.</param>
/// <param name="ValidationAccuracy">Share of right next tokens where this step was validated.</param>
public sealed record TrainingProgress(
    long Step, long TotalSteps, double Loss, double LearningRate, double TokensPerSecond, double? ValidationLoss, double? ValidationAccuracy);
