using Microsoft.EntityFrameworkCore;

namespace NcService.Platform.Store;

/// <summary>
/// Fairness between studies, by start-time fair queueing (Goyal, Vin and Cheng 1996): a study's jobs get consecutive turns, beginning after its last
/// one or after the turn that is being served now, whichever is later. So a study that comes late alternates with one that has hundreds of jobs
/// waiting, and one that was idle has saved up nothing. Jobs without a study are a flow of whoever asked for them.
/// </summary>
internal static class JobTurns
{
    /// <summary>Gives the jobs that are about to be saved for the first time their turns, in the order they were added.</summary>
    public static async Task AssignAsync(NcServiceContext context, CancellationToken cancellationToken)
    {
        var added = context.ChangeTracker.Entries<Job>().Where(entry => entry.State == EntityState.Added && entry.Entity.Turn == 0).Select(entry => entry.Entity).ToList();
        foreach (var flow in added.GroupBy(job => (job.Priority, job.StudyId, RequestedBy: job.StudyId is null ? job.RequestedBy : null)))
        {
            var turn = await LastAsync(context, flow.Key.Priority, flow.Key.StudyId, flow.Key.RequestedBy, cancellationToken);
            foreach (var job in flow) job.Turn = ++turn;
        }
    }

    private static async Task<long> LastAsync(NcServiceContext context, int priority, long? studyId, string? requestedBy, CancellationToken cancellationToken)
    {
        var jobs = context.Jobs.Where(job => job.Priority == priority);
        var served = await jobs.Where(job => job.Attempt > 0).MaxAsync(job => (long?)job.Turn, cancellationToken) ?? 0;
        var flow = studyId is null ? jobs.Where(job => job.StudyId == null && job.RequestedBy == requestedBy) : jobs.Where(job => job.StudyId == studyId);
        var own = await flow.MaxAsync(job => (long?)job.Turn, cancellationToken) ?? 0;
        return Math.Max(served, own);
    }
}
