using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using NcService.Web.Hosting;
using NcService.Web.Jobs;
using NcService.Web.Runs;

namespace NcService.Web.Studies;

/// <summary>Studies: grids of runs, and imported result tables.</summary>
internal static class StudyEndpoints
{
    /// <summary>Maps /studies.</summary>
    public static void MapStudies(this IEndpointRouteBuilder api)
    {
        var studies = api.MapGroup("/studies").WithTags("Studies");
        studies.MapGet("/", ListAsync).WithName("listStudies").WithSummary("Lists studies, the newest first, with their progress; those whose name holds a text, or that have a tag.");
        studies.MapPatch("/{id}", AnnotateAsync).WithName("annotateStudy").WithSummary("Changes the notes and tags of a study.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        studies.MapStudyCreation();
        studies.MapStudyHolds();
        studies.MapGet("/{id}", GetAsync).WithName("getStudy").WithSummary("A study, its definition and how far it is.").ProducesProblem(StatusCodes.Status404NotFound);
        studies.MapGet("/{id}/events", WatchAsync).WithName("watchStudy")
            .WithSummary("Server-sent events 'study': its progress and running jobs now, at each change and every 15 s; the stream ends when no job is left.")
            .Produces<StudyEvent>(contentType: "text/event-stream").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Page<StudySummary>> ListAsync(
        [AsParameters] NameFilter filter, [FromQuery] string[]? tag, [AsParameters] PageRequest page, NcServiceContext context, CancellationToken cancellationToken)
    {
        var wanted = context.Studies.AsNoTracking();
        if (filter.Pattern() is { } pattern) wanted = wanted.Where(study => EF.Functions.Like(study.Name.ToLower(), pattern, "\\"));
        if (RunFilter.Needles(tag) is { } needles) wanted = wanted.Where(study => needles.Any(needle => study.Tags.Contains(needle)));
        var studies = await page.ReadAsync(wanted.OrderByDescending(study => study.Id), study => study, cancellationToken);
        var progress = await StudyQueries.ProgressAsync(context, [.. studies.Items.Select(study => study.Id)], cancellationToken);
        return studies.Map(study => StudySummary.From(study, progress[study.Id]));
    }

    private static async Task<Results<Ok<StudyDetails>, ProblemHttpResult>> AnnotateAsync(
        long id, AnnotationRequest request, Annotations annotations, NcServiceContext context, CancellationToken cancellationToken)
    {
        var study = await context.Studies.AsNoTracking().SingleOrDefaultAsync(study => study.Id == id, cancellationToken);
        if (study is null) return Problems.NotFound("study", id);
        await annotations.AnnotateStudyAsync(id, request.Notes ?? study.Notes, request.Tags ?? TagList.Read(study.Tags), cancellationToken);
        return await GetAsync(id, context, cancellationToken);
    }

    private static async Task<Results<Ok<StudyDetails>, ProblemHttpResult>> GetAsync(long id, NcServiceContext context, CancellationToken cancellationToken)
    {
        var study = await context.Studies.AsNoTracking().SingleOrDefaultAsync(study => study.Id == id, cancellationToken);
        if (study is null) return Problems.NotFound("study", id);
        return TypedResults.Ok(await DetailsAsync(study, context, cancellationToken));
    }

    private static async Task<Results<ServerSentEventsResult<StudyEvent>, ProblemHttpResult>> WatchAsync(
        long id, NcServiceContext context, EventStream events, CancellationToken cancellationToken)
    {
        if (!await context.Studies.AnyAsync(study => study.Id == id, cancellationToken)) return Problems.NotFound("study", id);
        return TypedResults.ServerSentEvents(events.WatchAsync(
            "study",
            async token => (StudyEvent?)await StudyQueries.EventAsync(context, id, token),
            study => study.ChangeKey(),
            study => !study.Progress.Jobs.Active,
            cancellationToken));
    }

    /// <summary>A stored study with its counts and definition.</summary>
    internal static async Task<StudyDetails> DetailsAsync(Study study, NcServiceContext context, CancellationToken cancellationToken) =>
        new(StudySummary.From(study, await StudyQueries.ProgressAsync(context, study.Id, cancellationToken)), StoredJson.Read<StudyDefinition>(study.Definition));
}
