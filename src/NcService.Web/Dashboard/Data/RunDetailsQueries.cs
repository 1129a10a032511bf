using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Collapse;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Data;

/// <summary>One run with everything that its page shows.</summary>
/// <param name="Run">The row.</param>
/// <param name="Summary">Its state.</param>
/// <param name="StudyName">Its study.</param>
/// <param name="Dataset">What it was trained on.</param>
/// <param name="Jobs">Its jobs, training first.</param>
/// <param name="Analysis">The latest analysis, with its measurements.</param>
/// <param name="Layers">That analysis at the output of each block; empty where it was not asked for.</param>
/// <param name="Probe">Measurements taken while the run trained; empty where none were asked for.</param>
public sealed record RunDetails(
    Run Run, RunSummary Summary, string StudyName, Dataset? Dataset, IReadOnlyList<JobView> Jobs, Analysis? Analysis, IReadOnlyList<LayerMeasurements> Layers, IReadOnlyList<ProbePoint> Probe);

/// <summary>What the dashboard reads about one run.</summary>
public sealed class RunDetailsQueries(IDbContextFactory<NcServiceContext> contexts, RunQueries runs, ArtifactStore artifacts)
{
    /// <summary>The run, or null where there is none.</summary>
    public async Task<RunDetails?> FindAsync(long id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var run = await context.Runs.AsNoTracking().Include(run => run.Job).Include(run => run.Study!.Dataset).SingleOrDefaultAsync(run => run.Id == id, cancellationToken);
        if (run is null) return null;
        var analyses = await context.Analyses.AsNoTracking().Include(analysis => analysis.Job).Include(analysis => analysis.Measurements)
            .Where(analysis => analysis.RunId == id).OrderByDescending(analysis => analysis.Id).ToListAsync(cancellationToken);
        var jobs = analyses.Select(analysis => analysis.Job).Append(run.Job).OfType<Job>().OrderBy(job => job.Id)
            .Select(job => new JobView(job, run.Name, run.Study!.Name, null)).ToList();
        var analysis = analyses.Find(analysis => analysis.Measurements.Count > 0) ?? analyses.FirstOrDefault();
        return new RunDetails(
            run, (await runs.FindAsync([id], cancellationToken))[0], run.Study!.Name, run.Study.Dataset, jobs, analysis, Layers(analysis?.ArtifactPath),
            run.ArtifactPath is null ? [] : CollapseProbe.Read(Path.Combine(artifacts.Resolve(run.ArtifactPath), CollapseProbe.FileName)));
    }

    // A damaged file is told on the page of the classes; the run is shown without it.
    private IReadOnlyList<LayerMeasurements> Layers(string? folder)
    {
        if (folder is null || Path.Combine(artifacts.Resolve(folder), CheckpointAnalysis.DetailsFile) is not { } path || !File.Exists(path)) return [];
        try
        {
            return CollapseDetails.Load(path).Layers;
        }
        catch (InputException)
        {
            return [];
        }
    }
}
