using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.Jobs;

/// <summary>What can be asked of a job.</summary>
internal static class JobActions
{
    /// <summary>Maps /jobs/{id}/cancel and /jobs/{id}/retry.</summary>
    public static void MapJobActions(this IEndpointRouteBuilder jobs)
    {
        jobs.MapPost("/{id}/cancel", CancelAsync).WithName("cancelJob")
            .WithSummary("Cancels a job: at once while it is queued; a running one stops within a training step. A job that has ended stays as it is.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        jobs.MapPost("/{id}/retry", RetryAsync).WithName("retryJob")
            .WithSummary("Queues a failed or cancelled job again, with what it depends on and what waited for it; one that waits for its next try is tried now.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<JobDetails>, ProblemHttpResult>> CancelAsync(
        long id, NcServiceContext context, JobQueue queue, CancellationToken cancellationToken)
    {
        if (!await context.Jobs.AnyAsync(job => job.Id == id, cancellationToken)) return Problems.NotFound("job", id);
        await queue.CancelAsync(id, cancellationToken);
        return await AfterwardsAsync(id, context, cancellationToken);
    }

    private static async Task<Results<Ok<JobDetails>, ProblemHttpResult>> RetryAsync(
        long id, NcServiceContext context, JobQueue queue, CancellationToken cancellationToken)
    {
        var job = await context.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.Id == id, cancellationToken);
        if (job is null) return Problems.NotFound("job", id);
        if (job is not { State: JobState.Failed or JobState.Cancelled } and not { State: JobState.Queued, NextTryAt: not null })
            return Problems.Conflict($"Job {id} is {job.State.ToString().ToLowerInvariant()}; only a job that failed, was cancelled or waits for its next try can be retried.");
        await queue.RetryAsync(id, cancellationToken);
        return await AfterwardsAsync(id, context, cancellationToken);
    }

    private static async Task<Results<Ok<JobDetails>, ProblemHttpResult>> AfterwardsAsync(long id, NcServiceContext context, CancellationToken cancellationToken) =>
        await context.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.Id == id, cancellationToken) is { } job ? TypedResults.Ok(JobDetails.From(job)) : Problems.NotFound("job", id);
}
