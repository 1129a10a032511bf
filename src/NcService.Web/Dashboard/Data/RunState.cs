using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Data;

/// <summary>A run beside its training job and latest analysis job, as one query brings it.</summary>
internal sealed class RunState
{
    // Training takes most of a run's time; the rest is its analysis.
    private const double TrainingShare = 0.7;

    public required long Id { get; init; }
    public required long StudyId { get; init; }
    public required string Name { get; init; }
    public required int Width { get; init; }
    public required int Depth { get; init; }
    public required int Epochs { get; init; }
    public double? WeightDecay { get; init; }
    public int? Seed { get; init; }
    public required long ParameterCount { get; init; }
    public double? ValidationLoss { get; init; }
    public double? ValidationAccuracy { get; init; }
    public string? ArtifactPath { get; init; }
    public Job? Training { get; init; }
    public Job? Analysis { get; init; }

    /// <summary>The job that decides the run's stage.</summary>
    private Job? Current => Training is null || (Training.State == JobState.Succeeded && Analysis is not null) ? Analysis : Training;

    /// <summary>Share of the run's work done, 0 to 1.</summary>
    public double Share => (Training, Analysis) switch
    {
        (null, null) => 1,
        ({ } training, null) => training.State == JobState.Succeeded ? 1 : training.Progress,
        (null, { } analysis) => Done(analysis),
        var (training, analysis) => TrainingShare * Done(training) + (1 - TrainingShare) * Done(analysis),
    };

    public RunSummary ToSummary()
    {
        var stage = Stages.Of(Training?.State, Analysis?.State);
        return new RunSummary
        {
            Id = Id,
            Name = Name,
            Width = Width,
            Depth = Depth,
            Epochs = Epochs,
            WeightDecay = WeightDecay,
            Seed = Seed,
            ParameterCount = ParameterCount,
            ValidationLoss = ValidationLoss,
            ValidationAccuracy = ValidationAccuracy,
            ArtifactPath = ArtifactPath,
            Stage = stage,
            Status = Describe(stage),
            Progress = stage == Stage.Running ? Share : null,
            TokensPerSecond = stage == Stage.Running ? Current?.TokensPerSecond : null,
            Error = stage == Stage.Failed ? Current?.Error ?? "no reason was recorded" : null,
            JobId = Current?.Id,
        };
    }

    private string Describe(Stage stage) => stage switch
    {
        Stage.Running => Current!.Kind == JobKind.TrainRun ? "Training" : "Analysing",
        Stage.Queued when Current!.Kind != JobKind.TrainRun => "Trained, waits for analysis",
        Stage.Failed when Current!.Kind != JobKind.TrainRun => "Analysis failed",
        Stage.Done when Current is null => "Imported",
        _ => stage.ToString(),
    };

    private static double Done(Job job) => job.State == JobState.Succeeded ? 1 : Math.Clamp(job.Progress, 0, 1);
}
