using NcService.Platform.Store;
using NcService.Platform.Studies;
using NcService.Web.Jobs;

namespace NcService.Web.Studies;

/// <summary>A study and how far it is.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Name">Unique name.</param>
/// <param name="Notes">Free text by its owner.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="ImportedFrom">The file its results were imported from; null for studies trained here.</param>
/// <param name="DatasetId">What its runs are trained on; null for imported results.</param>
/// <param name="RequestedBy">Who asked for it.</param>
/// <param name="CreatedAt">When it was created (UTC).</param>
/// <param name="State">Where it stands as a whole: active while any of its jobs is, else failed, cancelled or succeeded.</param>
/// <param name="Runs">Its runs by the state of their training.</param>
/// <param name="AnalysedRuns">Runs with measurements.</param>
/// <param name="Jobs">All jobs that work for it, by state.</param>
internal sealed record StudySummary(
    long Id,
    string Name,
    string? Notes,
    IReadOnlyList<string> Tags,
    string? ImportedFrom,
    long? DatasetId,
    string? RequestedBy,
    DateTime CreatedAt,
    JobState State,
    StateCounts Runs,
    int AnalysedRuns,
    StateCounts Jobs)
{
    /// <summary>The contract of a stored study with its counts.</summary>
    public static StudySummary From(Study study, StudyProgress progress) => new(
        study.Id, study.Name, study.Notes, TagList.Read(study.Tags), study.ImportedFrom, study.DatasetId, study.RequestedBy, study.CreatedAt,
        progress.State, progress.Runs, progress.AnalysedRuns, progress.Jobs);
}

/// <summary>A study with its definition.</summary>
/// <param name="Study">The study.</param>
/// <param name="Definition">What it is made of; null for imported results.</param>
internal sealed record StudyDetails(StudySummary Study, StudyDefinition? Definition);

/// <summary>A study's progress at one moment.</summary>
/// <param name="Progress">Its counts.</param>
/// <param name="Running">The jobs that run now, at most 200.</param>
internal sealed record StudyEvent(StudyProgress Progress, IReadOnlyList<JobDetails> Running)
{
    /// <summary>What counts as a change.</summary>
    public string ChangeKey() => string.Join('|', Running.Select(job => $"{job.Id} {job.Attempt} {job.Progress} {job.ProgressText}").Prepend(Progress.ToString()));
}

/// <summary>How far a study is.</summary>
/// <param name="State">Where it stands as a whole.</param>
/// <param name="Runs">Its runs by the state of their training.</param>
/// <param name="AnalysedRuns">Runs with measurements.</param>
/// <param name="Jobs">All jobs that work for it, by state.</param>
internal sealed record StudyProgress(JobState State, StateCounts Runs, int AnalysedRuns, StateCounts Jobs)
{
    /// <summary>A study without runs and jobs.</summary>
    public static StudyProgress None { get; } = new(JobState.Succeeded, new(0, 0, 0, 0, 0), 0, new(0, 0, 0, 0, 0));

    /// <summary>The state of the whole from its jobs' states.</summary>
    public static JobState StateOf(StateCounts jobs) => jobs switch
    {
        { Running: > 0 } => JobState.Running,
        { Queued: > 0 } => jobs.Total > jobs.Queued ? JobState.Running : JobState.Queued,
        { Failed: > 0 } => JobState.Failed,
        { Cancelled: > 0 } => JobState.Cancelled,
        _ => JobState.Succeeded,
    };
}
