using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.Analyses;

/// <summary>Analyses: the measurements of checkpoints.</summary>
internal static class AnalysisEndpoints
{
    /// <summary>Maps /analyses and /runs/{id}/analyses.</summary>
    public static void MapAnalyses(this IEndpointRouteBuilder api)
    {
        api.MapGet("/analyses", ListAllAsync).WithTags("Analyses").WithName("listAnalyses")
            .WithSummary("Lists analyses with their measurements, the newest first: of all runs and of uploaded embeddings, or of one run, study or dataset.");
        api.MapGet("/runs/{id}/analyses", ListAsync).WithTags("Analyses").WithName("listAnalysesOfRun")
            .WithSummary("The analyses of a run's checkpoints, the newest first.").ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/analyses/{id}", GetAsync).WithTags("Analyses").WithName("getAnalysis")
            .WithSummary("An analysis with all its measurements.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<Page<AnalysisDetails>>, ProblemHttpResult>> ListAsync(
        long id, [AsParameters] PageRequest page, NcServiceContext context, CancellationToken cancellationToken)
    {
        if (!await context.Runs.AnyAsync(run => run.Id == id, cancellationToken)) return Problems.NotFound("run", id);
        var analyses = Stored(context).Where(analysis => analysis.RunId == id).OrderByDescending(analysis => analysis.Id);
        return TypedResults.Ok(await page.ReadAsync(analyses, AnalysisDetails.From, cancellationToken));
    }

    private static Task<Page<AnalysisDetails>> ListAllAsync(
        [AsParameters] PageRequest page, [FromQuery] long? runId, [FromQuery] long? studyId, [FromQuery] long? datasetId, [FromQuery] EnumName<JobState>[]? state,
        NcServiceContext context, CancellationToken cancellationToken)
    {
        var states = state.Values();
        var wanted = Stored(context)
            .Where(analysis => (runId == null || analysis.RunId == runId) && (studyId == null || analysis.Run!.StudyId == studyId) && (datasetId == null || analysis.DatasetId == datasetId))
            .Where(analysis => states.Length == 0 || (analysis.Job == null ? states.Contains(JobState.Succeeded) : states.Contains(analysis.Job.State)))
            .OrderByDescending(analysis => analysis.Id);
        return page.ReadAsync(wanted, AnalysisDetails.From, cancellationToken);
    }

    private static async Task<Results<Ok<AnalysisDetails>, ProblemHttpResult>> GetAsync(long id, NcServiceContext context, CancellationToken cancellationToken) =>
        await Stored(context).SingleOrDefaultAsync(analysis => analysis.Id == id, cancellationToken) is { } analysis
            ? TypedResults.Ok(AnalysisDetails.From(analysis))
            : Problems.NotFound("analysis", id);

    private static IQueryable<Analysis> Stored(NcServiceContext context) =>
        context.Analyses.AsNoTracking().Include(analysis => analysis.Job).Include(analysis => analysis.Measurements);
}
