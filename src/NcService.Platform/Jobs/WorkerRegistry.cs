using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;

namespace NcService.Platform.Jobs;

/// <summary>This process as one that executes jobs: its name, its row in the store, and its children.</summary>
public sealed class WorkerRegistry(IDbContextFactory<NcServiceContext> contexts, NcServiceOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<long, ChildProcess> children = new();
    private readonly DeviceMonitor device = new(options.Device, time);
    private readonly DateTime startedAt = time.GetUtcNow().UtcDateTime;

    /// <summary>Unique name, kept in the rows of the jobs that this process takes.</summary>
    public string Name { get; } = string.IsNullOrWhiteSpace(options.NodeName) ? $"{Environment.MachineName}-{Environment.ProcessId}" : options.NodeName;

    /// <summary>Jobs that run in children of this process now.</summary>
    public IReadOnlyCollection<long> RunningJobs => [.. children.Keys];

    /// <summary>Says that this process lives, with its memory and what it does.</summary>
    public async Task BeatAsync(CancellationToken cancellationToken)
    {
        var reading = await device.ReadAsync(cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        var memory = Environment.WorkingSet + children.Values.Sum(child => child.MemoryBytes);
        var current = children.Keys.Order().Select(id => (long?)id).FirstOrDefault();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var updated = await context.Workers.Where(worker => worker.Name == Name).ExecuteUpdateAsync(set => set
            .SetProperty(worker => worker.Host, Environment.MachineName)
            .SetProperty(worker => worker.ProcessId, Environment.ProcessId)
            .SetProperty(worker => worker.Device, reading.Device)
            .SetProperty(worker => worker.DeviceMemoryUsedBytes, reading.UsedBytes)
            .SetProperty(worker => worker.DeviceMemoryBytes, reading.TotalBytes)
            .SetProperty(worker => worker.StartedAt, startedAt)
            .SetProperty(worker => worker.HeartbeatAt, now)
            .SetProperty(worker => worker.MemoryBytes, memory)
            .SetProperty(worker => worker.CurrentJobId, current), cancellationToken);
        if (updated == 1) return;
        context.Workers.Add(new Worker
        {
            Name = Name,
            Host = Environment.MachineName,
            ProcessId = Environment.ProcessId,
            Device = reading.Device,
            DeviceMemoryUsedBytes = reading.UsedBytes,
            DeviceMemoryBytes = reading.TotalBytes,
            MemoryBytes = memory,
            CurrentJobId = current,
            StartedAt = startedAt,
            HeartbeatAt = now,
        });
        await context.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Takes this process's row away: it stops in good order.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Workers.Where(worker => worker.Name == Name).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>True where a row describes a process of this machine that is no more (or was an earlier process under this one's name).</summary>
    internal bool IsDeadHere(Worker worker)
    {
        if (worker.Host != Environment.MachineName) return false;
        if (worker.Name == Name) return worker.ProcessId != Environment.ProcessId || worker.StartedAt < startedAt.AddSeconds(-1);
        try
        {
            using var process = Process.GetProcessById(worker.ProcessId);
            // A process that began after the row was made has only inherited the number.
            return process.StartTime.ToUniversalTime() > worker.StartedAt.AddSeconds(2);
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    internal void Add(long jobId, ChildProcess child) => children[jobId] = child;

    internal void Remove(long jobId) => children.TryRemove(jobId, out _);
}
