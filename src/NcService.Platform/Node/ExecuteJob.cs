using Microsoft.Extensions.Logging;
using NcService.Platform.Jobs;
using Quartz;

namespace NcService.Platform.Node;

/// <summary>What Quartz runs for each of our jobs: a child process, until it ends. Quartz decides when; the job's row says what became of it.</summary>
public sealed class ExecuteJob(ChildRunner runner, ILogger<ExecuteJob> logger) : IJob
{
    /// <summary>Key of the job's id in the trigger's data.</summary>
    public const string JobId = "jobId";

    /// <summary>The one Quartz job that all triggers fire.</summary>
    public static readonly JobKey Key = new("execute", "ncservice");

    /// <inheritdoc />
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var jobId = long.Parse(context.MergedJobDataMap.GetString(JobId)!);
        try
        {
            if (!await runner.RunAsync(jobId, threads: 0, cancellationToken)) logger.LogDebug("Job {JobId} was taken by somebody else", jobId);
        }
        catch (Exception exception)
        {
            // Quartz has nothing to repeat: the job's row is queued, or its lease ends, and the dispatcher finds it again.
            logger.LogError(exception, "Job {JobId} could not be executed by this node", jobId);
        }
    }
}
