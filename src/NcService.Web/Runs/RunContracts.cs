using NcService.Core.Training;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using NcService.Web.Jobs;

namespace NcService.Web.Runs;

/// <summary>One training: its architecture, settings, seed and, once trained, its losses.</summary>
/// <param name="Id">Identity.</param>
/// <param name="StudyId">The study it belongs to.</param>
/// <param name="Name">Name within the study: depth x width _ epochs, decay, seed.</param>
/// <param name="Width">Dimension d of the context embeddings.</param>
/// <param name="Depth">Number of blocks L.</param>
/// <param name="Epochs">Passes over the training split.</param>
/// <param name="WeightDecay">AdamW's weight decay; null where an imported table does not say.</param>
/// <param name="Seed">Seed of initialisation and data order; null where an imported table does not say.</param>
/// <param name="ParameterCount">Trainable parameters, the tied head counted once.</param>
/// <param name="Imported">True where the model was not trained here: the row came from a result table, or the checkpoint from elsewhere.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="State">Where its training stands; succeeded for imported results.</param>
/// <param name="Progress">Share of the training done, 0 to 1.</param>
/// <param name="ProgressText">What the training is doing, in words.</param>
/// <param name="InitialValidationLoss">Mean next-token cross-entropy over the validation split before training (nats).</param>
/// <param name="ValidationLoss">The same after training (nats).</param>
/// <param name="ValidationAccuracy">Share of validation samples whose most likely token is right.</param>
/// <param name="TrainLoss">Mean cross-entropy over training samples (nats).</param>
/// <param name="TokensSeen">Tokens that training has seen.</param>
/// <param name="TrainingSeconds">Wall time of training, summed over attempts.</param>
/// <param name="CreatedAt">When it was created (UTC).</param>
/// <param name="JobId">The training job; null for imported results.</param>
internal sealed record RunSummary(
    long Id,
    long StudyId,
    string Name,
    int Width,
    int Depth,
    int Epochs,
    double? WeightDecay,
    int? Seed,
    long ParameterCount,
    bool Imported,
    IReadOnlyList<string> Tags,
    JobState State,
    double Progress,
    string? ProgressText,
    double? InitialValidationLoss,
    double? ValidationLoss,
    double? ValidationAccuracy,
    double? TrainLoss,
    long? TokensSeen,
    double? TrainingSeconds,
    DateTime CreatedAt,
    long? JobId)
{
    /// <summary>The contract of a stored run, loaded with its job.</summary>
    public static RunSummary From(Run run) => new(
        run.Id, run.StudyId, run.Name, run.Width, run.Depth, run.Epochs, run.WeightDecay, run.Seed, run.ParameterCount, run.Imported, TagList.Read(run.Tags),
        run.Job?.State ?? JobState.Succeeded, run.Job?.Progress ?? 1, run.Job?.ProgressText,
        Numbers.Finite(run.InitialValidationLoss), Numbers.Finite(run.ValidationLoss), Numbers.Finite(run.ValidationAccuracy), Numbers.Finite(run.TrainLoss),
        run.TokensSeen, run.TrainingSeconds, run.CreatedAt, run.JobId);
}

/// <summary>A saved model in Hugging Face layout.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Step">Optimizer steps at the time of saving.</param>
/// <param name="CreatedAt">When it was saved (UTC).</param>
internal sealed record CheckpointSummary(long Id, long Step, DateTime CreatedAt);

/// <summary>A run with everything that belongs to it.</summary>
/// <param name="Run">The run.</param>
/// <param name="Notes">Free text by its owner.</param>
/// <param name="Options">The training options; null for imported results.</param>
/// <param name="Job">The training job; null for imported results.</param>
/// <param name="Checkpoints">Its saved models.</param>
/// <param name="AnalysisIds">Its analyses.</param>
/// <param name="DeviceSeconds">Seconds that its training and analyses have held a device, over all attempts that have ended.</param>
internal sealed record RunDetails(
    RunSummary Run, string? Notes, TrainingOptions? Options, JobDetails? Job, IReadOnlyList<CheckpointSummary> Checkpoints, IReadOnlyList<long> AnalysisIds,
    double DeviceSeconds);

/// <summary>One logged step of a training.</summary>
/// <param name="Step">Optimizer step.</param>
/// <param name="Tokens">Tokens seen by then.</param>
/// <param name="Seconds">Seconds since the training began.</param>
/// <param name="Loss">Training loss of the step (nats).</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="ValidationLoss">Validation loss, where it was evaluated then (nats).</param>
/// <param name="ValidationAccuracy">Validation accuracy, where it was evaluated then.</param>
internal sealed record CurvePoint(
    long Step, long? Tokens, double? Seconds, double? Loss, double? LearningRate, double? ValidationLoss, double? ValidationAccuracy);

/// <summary>The loss curve of a run.</summary>
/// <param name="LoggedSteps">Steps that the log holds, of which the points are a selection.</param>
/// <param name="Points">Points in order of their steps; first, last and up to half of them evaluations.</param>
internal sealed record RunCurve(int LoggedSteps, IReadOnlyList<CurvePoint> Points);
