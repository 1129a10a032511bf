using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Data;

/// <summary>One run with everything that its page shows.</summary>
/// <param name="Run">The row.</param>
/// <param name="Summary">Its state.</param>
/// <param name="StudyName">Its study.</param>
/// <param name="Dataset">What it was trained on.</param>
/// <param name="Jobs">Its jobs, training first.</param>
/// <param name="Analysis">The latest analysis, with its measurements.</param>
public sealed record RunDetails(Run Run, RunSummary Summary, string StudyName, Dataset? Dataset, IReadOnlyList<JobView> Jobs, Analysis? Analysis);

/// <summary>What the dashboard reads about one run.</summary>
public sealed class RunDetailsQueries(IDbContextFactory<NcServiceContext> contexts, RunQueries runs)
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
        return new RunDetails(
            run, (await runs.FindAsync([id], cancellationToken))[0], run.Study!.Name, run.Study.Dataset, jobs,
            analyses.Find(analysis => analysis.Measurements.Count > 0) ?? analyses.FirstOrDefault());
    }
}
