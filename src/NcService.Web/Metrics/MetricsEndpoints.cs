using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NcService.Core.Training;
using NcService.Platform;
using NcService.Platform.Store;
using NcService.Web.Hosting;
using NcService.Web.SignIn;

namespace NcService.Web.Metrics;

/// <summary>Figures for an operator's monitoring, counted in the store at each scrape: every web process tells the same.</summary>
internal static class MetricsEndpoints
{
    private const int RecentJobs = 1_000;
    private static readonly double[] s_quantiles = [0.5, 0.9, 0.99];

    /// <summary>Maps /metrics.</summary>
    public static void MapMetrics(this WebApplication app) =>
        app.MapGet("/metrics", GetAsync).WithTags("Health").WithName("getMetrics")
            .WithSummary("Figures in Prometheus' text form: jobs by state, waits in the queue, speeds, workers and their memory.")
            .Produces<string>(contentType: "text/plain").RequireAuthorization(Scopes.Read);

    private static async Task<ContentHttpResult> GetAsync(NcServiceContext context, NcServiceOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var text = new PrometheusText();
        await AddJobsAsync(text, context, time.GetUtcNow().UtcDateTime, cancellationToken);
        await AddSpeedsAsync(text, context, cancellationToken);
        await AddWorkersAsync(text, context, time.GetUtcNow().UtcDateTime.AddSeconds(-options.LeaseSeconds), cancellationToken);
        return TypedResults.Content(text.ToString(), PrometheusText.ContentType);
    }

    private static async Task AddJobsAsync(PrometheusText text, NcServiceContext context, DateTime now, CancellationToken cancellationToken)
    {
        var counts = await context.Jobs.GroupBy(job => new { job.Kind, job.State }).Select(group => new { group.Key.Kind, group.Key.State, Count = group.Count(), Seconds = group.Sum(job => job.RunSeconds) })
            .ToListAsync(cancellationToken);
        text.Metric("ncservice_jobs", "gauge", "Jobs by kind and state.");
        foreach (var row in counts) text.Sample("ncservice_jobs", row.Count, ("kind", Name(row.Kind)), ("state", Name(row.State)));
        text.Metric("ncservice_job_run_seconds", "gauge", "Seconds that attempts at the jobs there are have held a slot of a node; less once jobs are deleted.");
        foreach (var kind in counts.GroupBy(row => row.Kind)) text.Sample("ncservice_job_run_seconds", kind.Sum(row => row.Seconds), ("kind", Name(kind.Key)));

        var oldest = await context.Jobs.Where(job => job.State == JobState.Queued && !job.Paused).MinAsync(job => (DateTime?)job.CreatedAt, cancellationToken);
        text.Metric("ncservice_queue_oldest_seconds", "gauge", "Age of the oldest job that waits; 0 for none.").Sample("ncservice_queue_oldest_seconds", oldest is { } since ? (now - since).TotalSeconds : 0);
        var waits = (await context.Jobs.Where(job => job.StartedAt != null && job.Attempt == 1).OrderByDescending(job => job.Id).Take(RecentJobs)
            .Select(job => new { job.CreatedAt, job.StartedAt }).ToListAsync(cancellationToken)).Select(job => (job.StartedAt!.Value - job.CreatedAt).TotalSeconds).Order().ToArray();
        text.Metric("ncservice_queue_wait_seconds", "summary", "From request to start, over the latest thousand jobs that started.");
        if (waits.Length > 0)
            foreach (var quantile in s_quantiles) text.Sample("ncservice_queue_wait_seconds", waits[(int)(quantile * (waits.Length - 1))], ("quantile", FormattableString.Invariant($"{quantile}")));
        text.Sample("ncservice_queue_wait_seconds_sum", waits.Sum()).Sample("ncservice_queue_wait_seconds_count", waits.Length);
    }

    private static async Task AddSpeedsAsync(PrometheusText text, NcServiceContext context, CancellationToken cancellationToken)
    {
        var running = await context.Jobs.Where(job => job.State == JobState.Running && job.TokensPerSecond != null).Select(job => new { job.Id, job.Kind, job.TokensPerSecond }).ToListAsync(cancellationToken);
        text.Metric("ncservice_job_tokens_per_second", "gauge", "Speed of training or collection of the jobs that run.");
        foreach (var job in running) text.Sample("ncservice_job_tokens_per_second", job.TokensPerSecond!.Value, ("job", $"{job.Id}"), ("kind", Name(job.Kind)));
        var trainings = await context.Runs.Where(run => run.Job!.State == JobState.Running && run.Job.TokensPerSecond > 0 && run.Options != null && run.Study!.Dataset != null)
            .Select(run => new { run.Id, run.JobId, run.Options, run.Study!.Dataset!.ContextLength, run.Job!.TokensPerSecond }).ToListAsync(cancellationToken);
        text.Metric("ncservice_training_step_seconds", "gauge", "Time of one optimizer step of the trainings that run.");
        foreach (var run in trainings)
            text.Sample("ncservice_training_step_seconds", StoredJson.Read<TrainingOptions>(run.Options)!.BatchSize * run.ContextLength / run.TokensPerSecond!.Value, ("run", $"{run.Id}"), ("job", $"{run.JobId}"));
    }

    private static async Task AddWorkersAsync(PrometheusText text, NcServiceContext context, DateTime oldestBeat, CancellationToken cancellationToken)
    {
        var workers = await context.Workers.AsNoTracking().OrderBy(worker => worker.Name).ToListAsync(cancellationToken);
        text.Metric("ncservice_worker_up", "gauge", "1 for a node that lives, 0 for one that has been silent for longer than its lease.");
        foreach (var worker in workers) text.Sample("ncservice_worker_up", worker.HeartbeatAt >= oldestBeat ? 1 : 0, ("worker", worker.Name), ("device", worker.Device));
        text.Metric("ncservice_worker_memory_bytes", "gauge", "Resident memory of a node and its children.");
        foreach (var worker in workers) text.Sample("ncservice_worker_memory_bytes", worker.MemoryBytes, ("worker", worker.Name));
        text.Metric("ncservice_device_memory_used_bytes", "gauge", "Memory in use of a node's device.");
        foreach (var worker in workers.Where(worker => worker.DeviceMemoryUsedBytes is not null)) text.Sample("ncservice_device_memory_used_bytes", worker.DeviceMemoryUsedBytes!.Value, ("worker", worker.Name), ("device", worker.Device));
        text.Metric("ncservice_device_memory_bytes", "gauge", "All memory of a node's device.");
        foreach (var worker in workers.Where(worker => worker.DeviceMemoryBytes is not null)) text.Sample("ncservice_device_memory_bytes", worker.DeviceMemoryBytes!.Value, ("worker", worker.Name), ("device", worker.Device));
    }

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
