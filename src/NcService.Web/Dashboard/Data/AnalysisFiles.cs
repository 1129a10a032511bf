using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Collapse;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Data;

/// <summary>An analysis and the files that its job left.</summary>
/// <param name="Analysis">The row, with its measurements.</param>
/// <param name="ClassTable">Path of the per-class table; null where it was not kept.</param>
/// <param name="Details">Distributions, layers and shares; null where they were not kept.</param>
public sealed record AnalysisView(Analysis Analysis, string? ClassTable, CollapseDetails? Details);

/// <summary>What the dashboard reads of analyses: what their jobs have stored, nothing is computed again.</summary>
public sealed class AnalysisFiles(IDbContextFactory<NcServiceContext> contexts, ArtifactStore artifacts)
{
    /// <summary>An analysis, or null where there is none.</summary>
    /// <exception cref="InputException">Its files are damaged.</exception>
    public Task<AnalysisView?> FindAsync(long id, CancellationToken cancellationToken) => ReadAsync(analyses => analyses.Where(analysis => analysis.Id == id), cancellationToken);

    /// <summary>The latest analysis of a run that has measured something; null where there is none.</summary>
    /// <exception cref="InputException">Its files are damaged.</exception>
    public Task<AnalysisView?> LatestOfRunAsync(long runId, CancellationToken cancellationToken) =>
        ReadAsync(analyses => analyses.Where(analysis => analysis.RunId == runId && analysis.Measurements.Count > 0).OrderByDescending(analysis => analysis.Id), cancellationToken);

    private async Task<AnalysisView?> ReadAsync(Func<IQueryable<Analysis>, IQueryable<Analysis>> select, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var analyses = context.Analyses.AsNoTracking().Include(analysis => analysis.Measurements).Include(analysis => analysis.Run).Include(analysis => analysis.Dataset).Include(analysis => analysis.Job);
        if (await select(analyses).FirstOrDefaultAsync(cancellationToken) is not { } found) return null;
        return new AnalysisView(found, PathOf(found, CheckpointAnalysis.ClassTableFile), PathOf(found, CheckpointAnalysis.DetailsFile) is { } details ? CollapseDetails.Load(details) : null);
    }

    private string? PathOf(Analysis analysis, string name) =>
        analysis.ArtifactPath is { } folder && Path.Combine(artifacts.Resolve(folder), name) is var path && File.Exists(path) ? path : null;
}
