using NcService.Platform.Store;

namespace NcService.Platform.Jobs;

/// <summary>The work of one kind of job. It may run again after any crash, so what it writes to files it writes whole or replaces.</summary>
public interface IJobExecutor
{
    /// <summary>The kind it does.</summary>
    JobKind Kind { get; }

    /// <summary>Does the work and returns how its rows are written; those are committed with the job's state, or not at all.</summary>
    Task<ResultWriter> ExecuteAsync(Job job, IJobProgress progress, CancellationToken cancellationToken);
}
