using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using NcService.Web.Datasets;
using NcService.Web.Hosting;

namespace NcService.Web.Studies;

/// <summary>Creating and cancelling studies.</summary>
internal static class StudyCreation
{
    /// <summary>Maps POST /studies and /studies/{id}/cancel.</summary>
    public static void MapStudyCreation(this IEndpointRouteBuilder studies)
    {
        studies.MapPost("/", CreateAsync).WithName("createStudy")
            .WithSummary("Creates a study, its runs and its jobs, from a definition or a preset. The same request with the same Idempotency-Key creates one study: 201 the first time, 200 after.")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        studies.MapPost("/{id}/cancel", CancelAsync).WithName("cancelStudy")
            .WithSummary("Cancels every job of a study that has not ended; what has been trained and measured stays.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Created<StudyDetails>, Ok<StudyDetails>, ProblemHttpResult>> CreateAsync(
        StudyRequest request, [FromHeader(Name = IdempotencyKey.Header)] string? idempotencyKey,
        HttpContext http, NcServiceContext context, StudyService studies, CorpusPaths corpora, CancellationToken cancellationToken)
    {
        IdempotencyKey.Check(idempotencyKey, http.Request);
        var definition = Checked(request.Definition, corpora);
        var existing = idempotencyKey is null ? null : await context.Studies.AsNoTracking().SingleOrDefaultAsync(study => study.IdempotencyKey == idempotencyKey, cancellationToken);
        if (existing is null && await context.Studies.AnyAsync(study => study.Name == definition.Name, cancellationToken))
            return Problems.Conflict($"There is a study named '{definition.Name}' already.");
        if (definition.Dataset is { } dataset && !await context.Datasets.AnyAsync(stored => stored.Name == dataset, cancellationToken))
            throw new FieldException("dataset", $"There is no dataset named '{dataset}'.");
        try
        {
            var study = await studies.CreateAsync(definition, http.User.Identity?.Name, idempotencyKey, cancellationToken);
            var details = await StudyEndpoints.DetailsAsync(study, context, cancellationToken);
            return existing is null ? TypedResults.Created($"/api/v1/studies/{study.Id}", details) : TypedResults.Ok(details);
        }
        catch (InputException fault) when (existing is not null)
        {
            return Problems.Conflict(fault.Message);
        }
    }

    private static async Task<Results<Ok<StudyDetails>, ProblemHttpResult>> CancelAsync(
        long id, NcServiceContext context, StudyService studies, CancellationToken cancellationToken)
    {
        var study = await context.Studies.AsNoTracking().SingleOrDefaultAsync(study => study.Id == id, cancellationToken);
        if (study is null) return Problems.NotFound("study", id);
        await studies.CancelAsync(id, cancellationToken);
        return TypedResults.Ok(await StudyEndpoints.DetailsAsync(study, context, cancellationToken));
    }

    private static StudyDefinition Checked(StudyDefinition definition, CorpusPaths corpora)
    {
        if (definition.Grids.Any(grid => grid is null)) throw new FieldException("grids", "A grid is null.");
        var faults = StudyValidation.Check(definition);
        if (faults.Count > 0) throw new FieldException([.. faults.Select(fault => (FieldNames.Camel(fault.Field), fault.Message))]);
        return definition.Dataset is null ? definition with { Corpus = corpora.Checked(definition.Corpus, "corpus") } : definition;
    }
}
