using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.Datasets;

/// <summary>Datasets: tokenised and packed corpora.</summary>
internal static class DatasetEndpoints
{
    /// <summary>Maps /datasets.</summary>
    public static void MapDatasets(this IEndpointRouteBuilder api)
    {
        var datasets = api.MapGroup("/datasets").WithTags("Datasets");
        datasets.MapGet("/", ListAsync).WithName("listDatasets").WithSummary("Lists datasets, the newest first.");
        datasets.MapGet("/{id}", GetAsync).WithName("getDataset").WithSummary("A dataset and where its preparation stands.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static Task<Page<DatasetDetails>> ListAsync([AsParameters] PageRequest page, NcServiceContext context, CancellationToken cancellationToken) =>
        page.ReadAsync(context.Datasets.AsNoTracking().Include(dataset => dataset.Job).OrderByDescending(dataset => dataset.Id), DatasetDetails.From, cancellationToken);

    private static async Task<Results<Ok<DatasetDetails>, ProblemHttpResult>> GetAsync(long id, NcServiceContext context, CancellationToken cancellationToken) =>
        await context.Datasets.AsNoTracking().Include(dataset => dataset.Job).SingleOrDefaultAsync(dataset => dataset.Id == id, cancellationToken) is { } dataset
            ? TypedResults.Ok(DatasetDetails.From(dataset))
            : Problems.NotFound("dataset", id);
}
