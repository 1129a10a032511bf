using System.Linq.Expressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.Jobs;

/// <summary>Another priority.</summary>
internal sealed record PriorityRequest
{
    /// <summary>−10 to 10; higher first.</summary>
    public required int Priority { get; init; }
}

/// <summary>How many jobs an action changed.</summary>
/// <param name="Jobs">Jobs that are otherwise than before.</param>
internal sealed record ChangedJobs(int Jobs);

/// <summary>Holding jobs back, letting them go on, and moving them in the queue: one by its id, or all of a study.</summary>
internal static class JobHolds
{
    /// <summary>Maps /jobs/{id}/pause, /resume and /priority.</summary>
    public static void MapJobHolds(this IEndpointRouteBuilder jobs) => Map(
        jobs, OneAsync, "Job",
        "Holds a job back; a running one saves its state within a training step and waits. A job that has ended stays as it is.",
        "Lets a job that is held back take its turn; it goes on from its saved state.",
        "Gives a job that waits another priority.");

    /// <summary>Maps /studies/{id}/pause, /resume and /priority.</summary>
    public static void MapStudyHolds(this IEndpointRouteBuilder studies) => Map(
        studies, AllAsync, "Study",
        "Holds back every job of a study; running ones save their state within a training step and wait.",
        "Lets the jobs of a study take their turns again.",
        "Gives the jobs of a study that wait another priority.");

    private static void Map<T>(
        IEndpointRouteBuilder things, Func<long, NcServiceContext, Func<Expression<Func<Job, bool>>, Task<int>>, CancellationToken, Task<Results<Ok<T>, ProblemHttpResult>>> changeAsync,
        string noun, string pause, string resume, string prioritise)
    {
        things.MapPost("/{id}/pause", (long id, NcServiceContext context, JobQueue queue, CancellationToken token) => changeAsync(id, context, jobs => queue.PauseAsync(jobs, token), token))
            .WithName($"pause{noun}").WithSummary(pause).ProducesProblem(StatusCodes.Status404NotFound);
        things.MapPost("/{id}/resume", (long id, NcServiceContext context, JobQueue queue, CancellationToken token) => changeAsync(id, context, jobs => queue.ResumeAsync(jobs, token), token))
            .WithName($"resume{noun}").WithSummary(resume).ProducesProblem(StatusCodes.Status404NotFound);
        things.MapPost("/{id}/priority", (long id, PriorityRequest request, NcServiceContext context, JobQueue queue, CancellationToken token) =>
                changeAsync(id, context, jobs => queue.PrioritiseAsync(jobs, Checked(request), token), token))
            .WithName($"prioritise{noun}").WithSummary(prioritise)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
    }

    private static int Checked(PriorityRequest request) => request.Priority is >= -JobQueue.MaximumPriority and <= JobQueue.MaximumPriority
        ? request.Priority
        : throw new FieldException("priority", $"{request.Priority} is not between {-JobQueue.MaximumPriority} and {JobQueue.MaximumPriority}.");

    private static async Task<Results<Ok<JobDetails>, ProblemHttpResult>> OneAsync(
        long id, NcServiceContext context, Func<Expression<Func<Job, bool>>, Task<int>> change, CancellationToken cancellationToken)
    {
        await change(job => job.Id == id);
        return await context.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.Id == id, cancellationToken) is { } job ? TypedResults.Ok(JobDetails.From(job)) : Problems.NotFound("job", id);
    }

    private static async Task<Results<Ok<ChangedJobs>, ProblemHttpResult>> AllAsync(
        long id, NcServiceContext context, Func<Expression<Func<Job, bool>>, Task<int>> change, CancellationToken cancellationToken)
    {
        if (!await context.Studies.AnyAsync(study => study.Id == id, cancellationToken)) return Problems.NotFound("study", id);
        return TypedResults.Ok(new ChangedJobs(await change(job => job.StudyId == id)));
    }
}
