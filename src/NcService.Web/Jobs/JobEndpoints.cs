using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
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
}
