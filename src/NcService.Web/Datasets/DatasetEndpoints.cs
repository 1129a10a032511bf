using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using NcService.Web.Hosting;

namespace NcService.Web.Datasets;

/// <summary>Datasets: tokenised and packed corpora.</summary>
internal static class DatasetEndpoints
{
    /// <summary>Maps /datasets.</summary>
    public static void MapDatasets(this IEndpointRouteBuilder api)
    {
        var datasets = api.MapGroup("/datasets").WithTags("Datasets");
        datasets.MapGet("/", ListAsync).WithName("listDatasets").WithSummary("Lists datasets, the newest first; those whose name holds a text, or whose preparation stands so.");
        datasets.MapPost("/", CreateAsync).WithName("createDataset")
            .WithSummary("Creates a dataset and queues its preparation. The same request with the same Idempotency-Key creates one: 201 the first time, 200 after. Files are read only from the folders that NcService:CorpusDirectories lists.")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        datasets.MapGet("/{id}", GetAsync).WithName("getDataset").WithSummary("A dataset and where its preparation stands.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static Task<Page<DatasetDetails>> ListAsync(
        [AsParameters] NameFilter filter, [FromQuery] EnumName<JobState>[]? state, [AsParameters] PageRequest page, NcServiceContext context, CancellationToken cancellationToken)
    {
        var (pattern, states) = (filter.Pattern(), state.Values());
        var wanted = context.Datasets.AsNoTracking().Include(dataset => dataset.Job)
            .Where(dataset => pattern == null || EF.Functions.Like(dataset.Name.ToLower(), pattern, "\\"))
            .Where(dataset => states.Length == 0 || (dataset.Job == null ? states.Contains(JobState.Succeeded) : states.Contains(dataset.Job.State)));
        return page.ReadAsync(wanted.OrderByDescending(dataset => dataset.Id), DatasetDetails.From, cancellationToken);
    }

    private static async Task<Results<Created<DatasetDetails>, Ok<DatasetDetails>, ProblemHttpResult>> CreateAsync(
        DatasetRequest request, [FromHeader(Name = IdempotencyKey.Header)] string? key, HttpContext http, NcServiceContext context, DatasetService datasets, CorpusPaths corpora, CancellationToken cancellationToken)
    {
        if (StudyValidation.CheckName(request.Name) is { } wrong) throw new FieldException("name", wrong);
        IdempotencyKey.Check(key, http.Request);
        var specification = request.Specification with { Corpus = corpora.Checked(request.Specification.Corpus, "specification.corpus") };
        try
        {
            if (key is not null && await datasets.FindAsync(request.Name, specification, key, cancellationToken) is { } existing) return TypedResults.Ok(DatasetDetails.From(existing));
        }
        catch (InputException fault)
        {
            return Problems.Conflict(fault.Message);
        }
        if (await context.Datasets.AnyAsync(dataset => dataset.Name == request.Name, cancellationToken))
            return Problems.Conflict($"There is a dataset named '{request.Name}' already.");
        var created = await datasets.CreateAsync(request.Name, specification, http.User.Identity?.Name, key, cancellationToken);
        return TypedResults.Created($"/api/v1/datasets/{created.Id}", DatasetDetails.From(created));
    }

    private static async Task<Results<Ok<DatasetDetails>, ProblemHttpResult>> GetAsync(long id, NcServiceContext context, CancellationToken cancellationToken) =>
        await context.Datasets.AsNoTracking().Include(dataset => dataset.Job).SingleOrDefaultAsync(dataset => dataset.Id == id, cancellationToken) is { } dataset
            ? TypedResults.Ok(DatasetDetails.From(dataset))
            : Problems.NotFound("dataset", id);
}
