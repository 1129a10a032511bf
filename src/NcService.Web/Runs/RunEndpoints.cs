using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NcService.Core.Training;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using NcService.Web.Hosting;
using NcService.Web.Jobs;
using NcService.Web.Studies;

namespace NcService.Web.Runs;

/// <summary>Runs: trainings, their settings, losses and loss curves.</summary>
internal static class RunEndpoints
{
    /// <summary>Maps /runs and /studies/{id}/runs.</summary>
    public static void MapRuns(this IEndpointRouteBuilder api)
    {
        api.MapGet("/runs", ListAllAsync).WithTags("Runs").WithName("listRuns").WithSummary("Lists runs of all studies, or of some, filtered and sorted.");
        api.MapPatch("/runs/{id}", AnnotateAsync).WithTags("Runs").WithName("annotateRun").WithSummary("Changes the notes and tags of a run.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        api.MapGet("/studies/{id}/runs", ListAsync).WithTags("Runs").WithName("listRunsOfStudy")
            .WithSummary("Lists a study's runs, filtered and sorted.").ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/runs/{id}", GetAsync).WithTags("Runs").WithName("getRun")
            .WithSummary("A run with its options, job, checkpoints and analyses.").ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/runs/{id}/curve", GetCurveAsync).WithTags("Runs").WithName("getRunCurve")
            .WithSummary("The loss curve of a run, also while it trains, thinned to the number of points asked for.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<Page<RunSummary>>, ProblemHttpResult>> ListAsync(
        long id, [AsParameters] RunFilter filter, [AsParameters] PageRequest page, NcServiceContext context, CancellationToken cancellationToken)
    {
        if (!await context.Studies.AnyAsync(study => study.Id == id, cancellationToken)) return Problems.NotFound("study", id);
        var runs = filter.Apply(context.Runs.AsNoTracking().Include(run => run.Job).Where(run => run.StudyId == id));
        return TypedResults.Ok(await page.ReadAsync(runs, RunSummary.From, cancellationToken));
    }

    private static Task<Page<RunSummary>> ListAllAsync(
        [AsParameters] RunFilter filter, [FromQuery] long[]? studyId, [AsParameters] PageRequest page, NcServiceContext context, CancellationToken cancellationToken)
    {
        var runs = context.Runs.AsNoTracking().Include(run => run.Job).AsQueryable();
        if (studyId is { Length: > 0 }) runs = runs.Where(run => studyId.Contains(run.StudyId));
        return page.ReadAsync(filter.Apply(runs), RunSummary.From, cancellationToken);
    }

    private static async Task<Results<Ok<RunDetails>, ProblemHttpResult>> AnnotateAsync(
        long id, AnnotationRequest request, Annotations annotations, NcServiceContext context, CancellationToken cancellationToken)
    {
        var run = await context.Runs.AsNoTracking().SingleOrDefaultAsync(run => run.Id == id, cancellationToken);
        if (run is null) return Problems.NotFound("run", id);
        await annotations.AnnotateRunAsync(id, request.Notes ?? run.Notes, request.Tags ?? TagList.Read(run.Tags), cancellationToken);
        return await GetAsync(id, context, cancellationToken);
    }

    private static async Task<Results<Ok<RunDetails>, ProblemHttpResult>> GetAsync(long id, NcServiceContext context, CancellationToken cancellationToken)
    {
        var run = await context.Runs.AsNoTracking().Include(run => run.Job).Include(run => run.Checkpoints).SingleOrDefaultAsync(run => run.Id == id, cancellationToken);
        if (run is null) return Problems.NotFound("run", id);
        var analysisIds = await context.Analyses.Where(analysis => analysis.RunId == id).OrderBy(analysis => analysis.Id).Select(analysis => analysis.Id).ToListAsync(cancellationToken);
        var analysisSeconds = await context.Analyses.Where(analysis => analysis.RunId == id && analysis.Job != null).SumAsync(analysis => analysis.Job!.RunSeconds, cancellationToken);
        return TypedResults.Ok(new RunDetails(
            RunSummary.From(run),
            run.Notes,
            StoredJson.Read<TrainingOptions>(run.Options),
            run.Job is null ? null : JobDetails.From(run.Job),
            [.. run.Checkpoints.OrderBy(checkpoint => checkpoint.Step).Select(checkpoint => new CheckpointSummary(checkpoint.Id, checkpoint.Step, checkpoint.CreatedAt))],
            analysisIds,
            (run.Job?.RunSeconds ?? 0) + analysisSeconds));
    }

    private static async Task<Results<Ok<RunCurve>, ProblemHttpResult>> GetCurveAsync(
        long id, [FromQuery] int? points, NcServiceContext context, ArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var wanted = points ?? 500;
        if (wanted is < 2 or > RequestLimits.CurvePoints) throw new FieldException("points", $"{wanted} is not between 2 and {RequestLimits.CurvePoints}.");
        var run = await context.Runs.AsNoTracking().SingleOrDefaultAsync(run => run.Id == id, cancellationToken);
        if (run is null) return Problems.NotFound("run", id);
        if (run.ArtifactPath is null) return TypedResults.Ok(new RunCurve(0, []));
        return TypedResults.Ok(await CurveReader.ReadAsync(Path.Combine(artifacts.Resolve(run.ArtifactPath), "metrics.jsonl"), wanted, cancellationToken));
    }
}
