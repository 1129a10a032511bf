using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Artifacts;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.Jobs;

/// <summary>Jobs: what is being done, by whom, how far.</summary>
internal static class JobEndpoints
{
    /// <summary>Maps /jobs.</summary>
    public static void MapJobs(this IEndpointRouteBuilder api)
    {
        var jobs = api.MapGroup("/jobs").WithTags("Jobs");
        jobs.MapGet("/", ListAsync).WithName("listJobs").WithSummary("Lists jobs, the newest first.");
        jobs.MapGet("/{id}", GetAsync).WithName("getJob").WithSummary("A job and its progress.").ProducesProblem(StatusCodes.Status404NotFound);
        jobs.MapGet("/{id}/log", GetLogAsync).WithName("getJobLog").WithSummary("What the job's processes have written, all attempts in one text; empty before the first.")
            .Produces<string>(contentType: "text/plain").ProducesProblem(StatusCodes.Status404NotFound);
        jobs.MapGet("/{id}/events", WatchAsync).WithName("watchJob")
            .WithSummary("Server-sent events 'job': the job now, at each change and every 15 s; the stream ends when the job has.")
            .Produces<JobDetails>(contentType: "text/event-stream").ProducesProblem(StatusCodes.Status404NotFound);
        jobs.MapJobActions();
        jobs.MapJobHolds();
    }

    private static Task<Page<JobDetails>> ListAsync(
        [AsParameters] PageRequest page,
        [FromQuery] EnumName<JobKind>[]? kind,
        [FromQuery] EnumName<JobState>[]? state,
        [FromQuery] long? studyId,
        NcServiceContext context,
        CancellationToken cancellationToken)
    {
        var kinds = kind.Values();
        var states = state.Values();
        var query = context.Jobs.AsNoTracking()
            .Where(job => (kinds.Length == 0 || kinds.Contains(job.Kind)) && (states.Length == 0 || states.Contains(job.State)) && (studyId == null || job.StudyId == studyId))
            .OrderByDescending(job => job.Id);
        return page.ReadAsync(query, JobDetails.From, cancellationToken);
    }

    private static async Task<Results<Ok<JobDetails>, ProblemHttpResult>> GetAsync(long id, NcServiceContext context, CancellationToken cancellationToken) =>
        await context.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.Id == id, cancellationToken) is { } job
            ? TypedResults.Ok(JobDetails.From(job))
            : Problems.NotFound("job", id);

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> GetLogAsync(
        long id, NcServiceContext context, ArtifactStore artifacts, CancellationToken cancellationToken)
    {
        if (!await context.Jobs.AnyAsync(job => job.Id == id, cancellationToken)) return Problems.NotFound("job", id);
        var path = artifacts.Resolve(JobLog.ArtifactPath(id));
        return TypedResults.Stream(output => CopyAsync(path, output, cancellationToken), "text/plain; charset=utf-8");
    }

    private static async Task CopyAsync(string path, Stream output, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) return;
        await using var log = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await log.CopyToAsync(output, cancellationToken);
    }

    private static async Task<Results<ServerSentEventsResult<JobDetails>, ProblemHttpResult>> WatchAsync(
        long id, NcServiceContext context, EventStream events, CancellationToken cancellationToken)
    {
        if (!await context.Jobs.AnyAsync(job => job.Id == id, cancellationToken)) return Problems.NotFound("job", id);
        return TypedResults.ServerSentEvents(events.WatchAsync(
            "job",
            async token => await context.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.Id == id, token) is { } job ? JobDetails.From(job) : null,
            job => (job.State, job.Progress, job.ProgressText, job.Attempt, job.CancelRequested, job.Paused, job.NextTryAt),
            job => job.State is JobState.Succeeded or JobState.Failed or JobState.Cancelled,
            cancellationToken));
    }
}
