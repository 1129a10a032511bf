using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;
using NcService.Web.Hosting;
using NcService.Web.Jobs;

namespace NcService.Web.Studies;

/// <summary>How far studies are, counted in the store.</summary>
internal static class StudyQueries
{
    /// <summary>The progress of each of the studies; a constant number of queries however many runs they have.</summary>
    public static async Task<IReadOnlyDictionary<long, StudyProgress>> ProgressAsync(NcServiceContext context, IReadOnlyList<long> studyIds, CancellationToken cancellationToken)
    {
        var runs = await context.Runs.Where(run => studyIds.Contains(run.StudyId))
            .GroupBy(run => new { run.StudyId, State = run.Job == null ? JobState.Succeeded : run.Job.State })
            .Select(group => new { group.Key.StudyId, group.Key.State, Count = group.Count() })
            .ToListAsync(cancellationToken);
        var analysed = await context.Runs.Where(run => studyIds.Contains(run.StudyId) && run.Analyses.Any(analysis => analysis.Measurements.Count > 0))
            .GroupBy(run => run.StudyId)
            .Select(group => new { StudyId = group.Key, Count = group.Count() })
            .ToDictionaryAsync(row => row.StudyId, row => row.Count, cancellationToken);
        var jobs = await context.Jobs.Where(job => job.StudyId != null && studyIds.Contains(job.StudyId.Value))
            .GroupBy(job => new { StudyId = job.StudyId!.Value, job.State })
            .Select(group => new { group.Key.StudyId, group.Key.State, Count = group.Count() })
            .ToListAsync(cancellationToken);
        return studyIds.ToDictionary(id => id, id =>
        {
            var jobCounts = StateCounts.From(jobs.Where(row => row.StudyId == id).ToDictionary(row => row.State, row => row.Count));
            var runCounts = StateCounts.From(runs.Where(row => row.StudyId == id).ToDictionary(row => row.State, row => row.Count));
            return new StudyProgress(StudyProgress.StateOf(jobCounts), runCounts, analysed.GetValueOrDefault(id), jobCounts);
        });
    }

    /// <summary>The progress of one study with the jobs that run now.</summary>
    public static async Task<StudyEvent> EventAsync(NcServiceContext context, long studyId, CancellationToken cancellationToken)
    {
        var running = await context.Jobs.AsNoTracking().Where(job => job.StudyId == studyId && job.State == JobState.Running)
            .OrderBy(job => job.Id).Take(RequestLimits.PageSize).ToListAsync(cancellationToken);
        return new StudyEvent(await ProgressAsync(context, studyId, cancellationToken), [.. running.Select(JobDetails.From)]);
    }

    /// <summary>The progress of one study.</summary>
    public static async Task<StudyProgress> ProgressAsync(NcServiceContext context, long studyId, CancellationToken cancellationToken) =>
        (await ProgressAsync(context, [studyId], cancellationToken))[studyId];
}
