using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Web.Dashboard.Data;

/// <summary>A run with its training job and latest analysis job, as tables and cards show it.</summary>
public sealed record RunSummary
{
    // Training takes most of a run's time; the rest is its analysis.
    private const double TrainingShare = 0.7;

    /// <summary>The row.</summary>
    public required Run Run { get; init; }

    /// <summary>The training job; null for imported results.</summary>
    public Job? Training { get; init; }

    /// <summary>The job of the latest analysis; null for imported results.</summary>
    public Job? Analysis { get; init; }

    /// <summary>The latest analysis.</summary>
    public long? AnalysisId { get; init; }

    /// <summary>Identity.</summary>
    public long Id => Run.Id;

    /// <summary>Name within its study.</summary>
    public string Name => Run.Name;

    /// <summary>Tags.</summary>
    public IReadOnlyList<string> Tags => TagList.Read(Run.Tags);

    /// <summary>The job that decides the stage.</summary>
    public Job? Current => Training is null || (Training.State == JobState.Succeeded && Analysis is not null) ? Analysis : Training;

    /// <summary>Where it stands.</summary>
    public Stage Stage => Stages.Of(Training?.State, Analysis?.State);

    /// <summary>The same in words: training, analysing, waits for analysis.</summary>
    public string Status => Stage switch
    {
        Stage.Queued when Current!.Paused => "Paused",
        Stage.Running => Current!.Kind == JobKind.TrainRun ? "Training" : "Analysing",
        Stage.Queued when Current!.Kind != JobKind.TrainRun => "Trained, waits for analysis",
        Stage.Failed when Current!.Kind != JobKind.TrainRun => "Analysis failed",
        Stage.Done when Current is null => "Imported",
        var stage => stage.ToString(),
    };

    /// <summary>Share of training and analysis done, 0 to 1; null unless it works now.</summary>
    public double? Progress => Stage == Stage.Running ? ShareOf(Training?.State, Training?.Progress ?? 0, Analysis?.State, Analysis?.Progress ?? 0) : null;

    /// <summary>Training speed now.</summary>
    public double? TokensPerSecond => Stage == Stage.Running ? Current?.TokensPerSecond : null;

    /// <summary>Why it failed.</summary>
    public string? Error => Stage == Stage.Failed ? Current?.Error ?? "No reason was recorded." : null;

    /// <summary>Share of a run's work done, 0 to 1, from the states and shares of its jobs.</summary>
    public static double ShareOf(JobState? training, double trained, JobState? analysis, double analysed) => (training, analysis) switch
    {
        (null, null) => 1,
        ({ } state, null) => Done(state, trained),
        (null, { } state) => Done(state, analysed),
        ({ } first, { } second) => TrainingShare * Done(first, trained) + (1 - TrainingShare) * Done(second, analysed),
    };

    private static double Done(JobState state, double share) => state == JobState.Succeeded ? 1 : Math.Clamp(share, 0, 1);
}
