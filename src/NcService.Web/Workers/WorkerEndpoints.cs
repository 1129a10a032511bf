using Microsoft.EntityFrameworkCore;
using NcService.Platform;
using NcService.Platform.Store;

namespace NcService.Web.Workers;

/// <summary>A node that executes jobs.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Host">Host it runs on.</param>
/// <param name="ProcessId">Process id on that host.</param>
/// <param name="Device">Its device: cpu or cuda:N.</param>
/// <param name="MemoryBytes">Resident memory of the node and its child.</param>
/// <param name="DeviceMemoryUsedBytes">Memory of its device in use, by whomever; null where it is the CPU or nothing tells.</param>
/// <param name="DeviceMemoryBytes">All memory of its device.</param>
/// <param name="CurrentJobId">The job it executes now.</param>
/// <param name="StartedAt">When it started (UTC).</param>
/// <param name="HeartbeatAt">Its last sign of life (UTC).</param>
/// <param name="Alive">Whether that sign is recent enough.</param>
internal sealed record WorkerDetails(
    string Name, string Host, int ProcessId, string Device, long MemoryBytes, long? DeviceMemoryUsedBytes, long? DeviceMemoryBytes, long? CurrentJobId, DateTime StartedAt, DateTime HeartbeatAt, bool Alive);

/// <summary>The nodes that execute jobs.</summary>
internal static class WorkerEndpoints
{
    /// <summary>Maps /workers.</summary>
    public static void MapWorkers(this IEndpointRouteBuilder api) =>
        api.MapGet("/workers", ListAsync).WithTags("Workers").WithName("listWorkers").WithSummary("Lists the nodes that execute jobs.");

    private static async Task<IReadOnlyList<WorkerDetails>> ListAsync(
        NcServiceContext context, NcServiceOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow().UtcDateTime.AddSeconds(-options.LeaseSeconds);
        var workers = await context.Workers.AsNoTracking().OrderBy(worker => worker.Name).ToListAsync(cancellationToken);
        return [.. workers.Select(worker => new WorkerDetails(
            worker.Name, worker.Host, worker.ProcessId, worker.Device, worker.MemoryBytes, worker.DeviceMemoryUsedBytes, worker.DeviceMemoryBytes, worker.CurrentJobId,
            worker.StartedAt, worker.HeartbeatAt, worker.HeartbeatAt >= oldest))];
    }
}
