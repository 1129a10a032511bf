using Microsoft.AspNetCore.Http.HttpResults;
using NcService.Platform.Deleting;
using NcService.Web.Hosting;

namespace NcService.Web.Deleting;

/// <summary>Deleting: the same for everything that can be.</summary>
internal static class DeletionEndpoints
{
    /// <summary>Maps DELETE of studies, runs, analyses, datasets and permutation tests.</summary>
    public static void MapDeletions(this IEndpointRouteBuilder api)
    {
        Map(api, "studies", "Studies", "study", "deleteStudy",
            "Deletes a study, also an imported table, with its runs, checkpoints, analyses, permutation tests and their files; its dataset stays. Refused while its jobs have not ended.",
            (deletion, id, token) => deletion.DeleteStudyAsync(id, token));
        Map(api, "runs", "Runs", "run", "deleteRun",
            "Deletes a run with its checkpoints, analyses and their files. Refused while its jobs have not ended, or where it is part of a permutation test.",
            (deletion, id, token) => deletion.DeleteRunAsync(id, token));
        Map(api, "analyses", "Analyses", "analysis", "deleteAnalysis",
            "Deletes an analysis and its files. Refused while its job has not ended, or where its run is part of a permutation test.",
            (deletion, id, token) => deletion.DeleteAnalysisAsync(id, token));
        Map(api, "datasets", "Datasets", "dataset", "deleteDataset",
            "Deletes a dataset and its files. Refused while it is prepared, or where studies or analyses use it.",
            (deletion, id, token) => deletion.DeleteDatasetAsync(id, token));
        Map(api, "permutation-tests", "Permutation tests", "permutation test", "deletePermutationTest",
            "Deletes a permutation test. Refused while its job has not ended.",
            (deletion, id, token) => deletion.DeletePermutationTestAsync(id, token));
    }

    private static void Map(IEndpointRouteBuilder api, string path, string tag, string noun, string name, string summary, Func<Deletion, long, CancellationToken, Task<bool>> deleteAsync) =>
        api.MapDelete($"/{path}/{{id}}", async Task<Results<NoContent, ProblemHttpResult>> (long id, Deletion deletion, CancellationToken cancellationToken) =>
                await deleteAsync(deletion, id, cancellationToken) ? TypedResults.NoContent() : Problems.NotFound(noun, id))
            .WithTags(tag).WithName(name).WithSummary(summary)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
}
