using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs;

/// <summary>What becomes of the jobs that wait for one that will not succeed.</summary>
internal static class JobDependents
{
    /// <summary>Ends the queued jobs that wait for <paramref name="jobId"/>, directly or by way of others, within the caller's transaction. The reason names the one that failed by itself.</summary>
    public static async Task EndAsync(NcServiceContext context, long jobId, JobState state, DateTime now, CancellationToken cancellationToken)
    {
        var error = state == JobState.Failed ? $"What it depended on failed: job {jobId}." : null;
        var ended = new List<long> { jobId };
        for (var i = 0; i < ended.Count; i++)
        {
            var waiting = await WaitingFor(context, ended[i]).Where(job => job.State == JobState.Queued).Select(job => job.Id).ToListAsync(cancellationToken);
            if (waiting.Count == 0) continue;
            await context.Jobs.Where(job => waiting.Contains(job.Id) && job.State == JobState.Queued).ExecuteUpdateAsync(set => set
                .SetProperty(job => job.State, state)
                .SetProperty(job => job.Error, error)
                .SetProperty(job => job.FinishedAt, now), cancellationToken);
            ended.AddRange(waiting);
        }
    }

    /// <summary>The jobs that name <paramref name="jobId"/> as their dependency.</summary>
    public static IQueryable<Job> WaitingFor(NcServiceContext context, long jobId) =>
        context.Jobs.Where(job => job.DependsOn.Any(dependency => dependency.DependsOnJobId == jobId));
}
