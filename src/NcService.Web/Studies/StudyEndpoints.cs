using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.Studies;

/// <summary>Studies: grids of runs, and imported result tables.</summary>
internal static class StudyEndpoints
{
    /// <summary>Maps /studies.</summary>
    public static void MapStudies(this IEndpointRouteBuilder api)
    {
        var studies = api.MapGroup("/studies").WithTags("Studies");
        studies.MapGet("/", ListAsync).WithName("listStudies").WithSummary("Lists studies, the newest first, with their progress.");
        studies.MapGet("/{id}", GetAsync).WithName("getStudy").WithSummary("A study, its definition and how far it is.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Page<StudySummary>> ListAsync([AsParameters] PageRequest page, NcServiceContext context, CancellationToken cancellationToken)
    {
        var studies = await page.ReadAsync(context.Studies.AsNoTracking().OrderByDescending(study => study.Id), study => study, cancellationToken);
        var progress = await StudyQueries.ProgressAsync(context, [.. studies.Items.Select(study => study.Id)], cancellationToken);
        return studies.Map(study => StudySummary.From(study, progress[study.Id]));
    }

    private static async Task<Results<Ok<StudyDetails>, ProblemHttpResult>> GetAsync(long id, NcServiceContext context, CancellationToken cancellationToken)
    {
        var study = await context.Studies.AsNoTracking().SingleOrDefaultAsync(study => study.Id == id, cancellationToken);
        if (study is null) return Problems.NotFound("study", id);
        var progress = await StudyQueries.ProgressAsync(context, id, cancellationToken);
        return TypedResults.Ok(new StudyDetails(
            StudySummary.From(study, progress), study.Definition is null ? null : JsonSerializer.Deserialize<JsonElement>(study.Definition)));
    }
}
