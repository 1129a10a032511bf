using System.Text.Json;
using NcService.Platform.Store;

namespace NcService.Web.Jobs;

/// <summary>A piece of work and where it stands.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Kind">What it does.</param>
/// <param name="State">Where it stands.</param>
/// <param name="StudyId">The study it works for; null where it works for none.</param>
/// <param name="Parameters">Its input: the ids of the rows it works on.</param>
/// <param name="Priority">Higher first; −10 to 10.</param>
/// <param name="Paused">Held back on request: it does not start, or is saving its state to wait in the queue.</param>
/// <param name="Attempt">Number of its latest start; 0 before the first.</param>
/// <param name="FailedTries">Tries that its surroundings failed: a full disk, a store that was gone, a process that died.</param>
/// <param name="MaximumTries">How many such tries it has; after the last it is failed.</param>
/// <param name="NextTryAt">It waits, and is tried again then (UTC).</param>
/// <param name="Progress">Share done, 0 to 1.</param>
/// <param name="ProgressText">What it is doing, in words.</param>
/// <param name="TokensPerSecond">Speed of training or collection.</param>
/// <param name="ExpectedAt">When it should end, by its own estimate (UTC).</param>
/// <param name="Error">Why it failed.</param>
/// <param name="CancelRequested">Someone asked for it to stop.</param>
/// <param name="RequestedBy">Who asked for it.</param>
/// <param name="WorkerName">The node that executes or executed it.</param>
/// <param name="CreatedAt">When it was asked for (UTC).</param>
/// <param name="StartedAt">When its latest attempt began (UTC).</param>
/// <param name="FinishedAt">When it ended (UTC).</param>
/// <param name="HeartbeatAt">When its node last said that the process lives (UTC).</param>
/// <param name="ProgressAt">When it last progressed (UTC): alive is not progressing.</param>
/// <param name="RunSeconds">Seconds that its attempts have held a slot of their node, without the one under way; a device's, for trainings and analyses.</param>
internal sealed record JobDetails(
    long Id,
    JobKind Kind,
    JobState State,
    long? StudyId,
    JsonElement Parameters,
    int Priority,
    bool Paused,
    int Attempt,
    int FailedTries,
    int MaximumTries,
    DateTime? NextTryAt,
    double Progress,
    string? ProgressText,
    double? TokensPerSecond,
    DateTime? ExpectedAt,
    string? Error,
    bool CancelRequested,
    string? RequestedBy,
    string? WorkerName,
    DateTime CreatedAt,
    DateTime? StartedAt,
    DateTime? FinishedAt,
    DateTime? HeartbeatAt,
    DateTime? ProgressAt,
    double RunSeconds)
{
    /// <summary>The contract of a stored job.</summary>
    public static JobDetails From(Job job) => new(
        job.Id, job.Kind, job.State, job.StudyId, JsonSerializer.Deserialize<JsonElement>(job.Parameters), job.Priority, job.Paused, job.Attempt,
        job.FailedTries, job.MaximumTries, job.NextTryAt, job.Progress,
        job.ProgressText, Numbers.Finite(job.TokensPerSecond), job.ExpectedAt, job.Error, job.CancelRequested, job.RequestedBy, job.WorkerName,
        job.CreatedAt, job.StartedAt, job.FinishedAt, job.HeartbeatAt, job.ProgressAt, job.RunSeconds);
}

/// <summary>Jobs (or runs) by state.</summary>
/// <param name="Queued">Waiting for what they depend on, or for a device.</param>
/// <param name="Running">Being executed.</param>
/// <param name="Succeeded">Done.</param>
/// <param name="Failed">Ended with an error.</param>
/// <param name="Cancelled">Ended on request.</param>
internal sealed record StateCounts(int Queued, int Running, int Succeeded, int Failed, int Cancelled)
{
    /// <summary>How many there are.</summary>
    public int Total => Queued + Running + Succeeded + Failed + Cancelled;

    /// <summary>True while something can still happen.</summary>
    public bool Active => Queued + Running > 0;

    /// <summary>Counts from one number a state.</summary>
    public static StateCounts From(IReadOnlyDictionary<JobState, int> counts) => new(
        counts.GetValueOrDefault(JobState.Queued), counts.GetValueOrDefault(JobState.Running), counts.GetValueOrDefault(JobState.Succeeded),
        counts.GetValueOrDefault(JobState.Failed), counts.GetValueOrDefault(JobState.Cancelled));
}
