using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Collapse;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.Analyses;

/// <summary>The files of an analysis: its per-class table, what stands behind its measurements, its layers.</summary>
internal static class AnalysisArtifactEndpoints
{
    /// <summary>Maps what lies under /analyses/{id}.</summary>
    public static void MapAnalysisArtifacts(this IEndpointRouteBuilder api)
    {
        api.MapGet("/analyses/{id}/classes", GetClassesAsync).WithTags("Analyses").WithName("listClassesOfAnalysis")
            .WithSummary("The per-class table of an analysis: counts, norms, variances, self-duality, agreement, nearest classes; sorted, searched, by pages.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/analyses/{id}/points", GetPointsAsync).WithTags("Analyses").WithName("getClassPoints")
            .WithSummary("Principal coordinates of the class means, of the classes with the most samples, for a picture.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/analyses/{id}/background", GetBackgroundAsync).WithTags("Analyses").WithName("getAnalysisBackground")
            .WithSummary("What stands behind the measurements: distributions over classes and pairs, shares of the principal directions, the counts behind NC4.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/analyses/{id}/layers", GetLayersAsync).WithTags("Analyses").WithName("listLayersOfAnalysis")
            .WithSummary("The measurements at the output of each block; empty where the analysis was not asked for them.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<Page<ClassTableRow>>, ProblemHttpResult>> GetClassesAsync(
        long id, [AsParameters] ClassFilter filter, [AsParameters] PageRequest page, NcServiceContext context, ArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var (number, size) = page.Checked();
        var query = filter.ToQuery(number, size);
        if (await FileAsync(id, CheckpointAnalysis.ClassTableFile, context, artifacts, cancellationToken) is not { } path) return Problems.NotFound("per-class table of analysis", id);
        using var table = ClassTableFile.Open(path);
        var found = table.Query(query);
        return TypedResults.Ok(new Page<ClassTableRow>(found.Rows, number, size, found.Total));
    }

    private static async Task<Results<Ok<IReadOnlyList<ClassPoint>>, ProblemHttpResult>> GetPointsAsync(
        long id, [FromQuery] int? points, NcServiceContext context, ArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var wanted = points ?? 1000;
        if (wanted is < 1 or > RequestLimits.ClassPoints) throw new FieldException("points", $"{wanted} is not between 1 and {RequestLimits.ClassPoints}.");
        if (await FileAsync(id, CheckpointAnalysis.ClassTableFile, context, artifacts, cancellationToken) is not { } path) return Problems.NotFound("per-class table of analysis", id);
        using var table = ClassTableFile.Open(path);
        return TypedResults.Ok(table.Points(wanted));
    }

    private static async Task<Results<Ok<AnalysisBackground>, ProblemHttpResult>> GetBackgroundAsync(
        long id, NcServiceContext context, ArtifactStore artifacts, CancellationToken cancellationToken) =>
        await FileAsync(id, CheckpointAnalysis.DetailsFile, context, artifacts, cancellationToken) is { } path
            ? TypedResults.Ok(AnalysisBackground.From(CollapseDetails.Load(path)))
            : Problems.NotFound("background of analysis", id);

    private static async Task<Results<Ok<IReadOnlyList<LayerDetails>>, ProblemHttpResult>> GetLayersAsync(
        long id, NcServiceContext context, ArtifactStore artifacts, CancellationToken cancellationToken) =>
        await FileAsync(id, CheckpointAnalysis.DetailsFile, context, artifacts, cancellationToken) is { } path
            ? TypedResults.Ok<IReadOnlyList<LayerDetails>>([.. CollapseDetails.Load(path).Layers.Select(LayerDetails.From)])
            : Problems.NotFound("layers of analysis", id);

    /// <summary>The absolute path of a file of an analysis that has succeeded; null where there is none.</summary>
    private static async Task<string?> FileAsync(long id, string name, NcServiceContext context, ArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var folder = await context.Analyses.Where(analysis => analysis.Id == id).Select(analysis => analysis.ArtifactPath).SingleOrDefaultAsync(cancellationToken);
        return folder is not null && Path.Combine(artifacts.Resolve(folder), name) is var path && File.Exists(path) ? path : null;
    }
}

/// <summary>Which classes are wanted, in which order.</summary>
internal sealed class ClassFilter
{
    /// <summary>id, count, norm, variance, self_duality, validation_samples, agreement or accuracy; with a leading minus the largest first. Undefined values come last.</summary>
    [FromQuery(Name = "sort")]
    public string? Sort { get; init; }

    /// <summary>Only classes whose text holds this, whatever the case, or whose id it is.</summary>
    [FromQuery(Name = "search")]
    public string? Search { get; init; }

    /// <summary>The query for a page.</summary>
    /// <exception cref="FieldException">Nothing can be sorted by that name, or the text is too long.</exception>
    public ClassTableQuery ToQuery(int page, int pageSize)
    {
        var column = string.IsNullOrEmpty(Sort) ? "id" : Sort.TrimStart('-');
        if (!ClassTableFile.SortableColumns.Contains(column))
            throw new FieldException("sort", $"Classes cannot be sorted by '{column}'; possible: {string.Join(", ", ClassTableFile.SortableColumns)}{NearestName.Hint(column, ClassTableFile.SortableColumns).TrimEnd('?')}.");
        if (Search?.Length > RequestLimits.SearchLength) throw new FieldException("search", $"{Search.Length} characters; at most {RequestLimits.SearchLength} are possible.");
        return new ClassTableQuery { Sort = column, Descending = Sort?.StartsWith('-') ?? false, Search = Search, Skip = (page - 1) * pageSize, Take = pageSize };
    }
}
