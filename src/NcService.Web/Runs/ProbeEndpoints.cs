using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NcService.Core.Collapse;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.Runs;

/// <summary>Neural collapse measured while a run trains.</summary>
internal static class ProbeEndpoints
{
    /// <summary>Maps /runs/{id}/probe.</summary>
    public static void MapProbes(this IEndpointRouteBuilder api) =>
        api.MapGet("/runs/{id}/probe", GetAsync).WithTags("Runs").WithName("getRunProbe")
            .WithSummary("The measurements taken on a fixed set of chunks every so many steps of the training, also while it trains; empty where the study asked for none.")
            .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<IReadOnlyList<ProbePoint>>, ProblemHttpResult>> GetAsync(
        long id, NcServiceContext context, ArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var run = await context.Runs.AsNoTracking().SingleOrDefaultAsync(run => run.Id == id, cancellationToken);
        if (run is null) return Problems.NotFound("run", id);
        return TypedResults.Ok(run.ArtifactPath is null ? [] : CollapseProbe.Read(Path.Combine(artifacts.Resolve(run.ArtifactPath), CollapseProbe.FileName)));
    }
}
