using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NcService.Core.Collapse;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.Exports;

/// <summary>Files that programs take along to compute more from.</summary>
internal static class ExportEndpoints
{
    /// <summary>Maps /analyses/{id}/class-statistics.</summary>
    public static void MapExports(this IEndpointRouteBuilder api) =>
        api.MapGet("/analyses/{id}/class-statistics", GetAsync).WithTags("Exports").WithName("getClassStatistics")
            .WithSummary("The class statistics of an analysis (safetensors), of the model or of the output of a block: ncctl measure --statistics measures them again without the model.")
            .Produces<Stream>(contentType: "application/octet-stream").ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> GetAsync(
        long id, [FromQuery] int? layer, NcServiceContext context, ArtifactStore artifacts, CancellationToken cancellationToken)
    {
        if (layer < 1) throw new FieldException("layer", $"{layer} is no block; blocks count from 1, and the model itself comes without this.");
        var analysis = await context.Analyses.AsNoTracking().SingleOrDefaultAsync(analysis => analysis.Id == id, cancellationToken);
        if (analysis is null) return Problems.NotFound("analysis", id);
        var path = analysis.ArtifactPath is { } folder ? Path.Combine(artifacts.Resolve(folder), CheckpointAnalysis.ClassStatisticsFileOf(layer ?? 0)) : null;
        return path is not null && File.Exists(path)
            ? TypedResults.PhysicalFile(path, "application/octet-stream", $"class_statistics_{id}.safetensors", entityTag: EntityTags.OfFile(path), enableRangeProcessing: true)
            : Problems.NotFound("class statistics of analysis", id);
    }
}
