using Microsoft.Extensions.DependencyInjection;
using NcService.Core;
using NcService.Platform.Node;
using NcService.Platform.Store;
using Quartz;

namespace NcService.Platform;

/// <summary>Makes a process a node: a Quartz scheduler that starts a child process for each job.</summary>
public static class NodeServices
{
    /// <summary>
    /// Registers the node. On SQLite one process at a time may be a node (Quartz's locks are in-process there); on PostgreSQL nodes form a
    /// cluster. Call after <c>AddNcServicePlatform</c>.
    /// </summary>
    /// <exception cref="InputException">The options name no execution group, or one that does not exist.</exception>
    public static IServiceCollection AddNcServiceNode(this IServiceCollection services)
    {
        var options = services.Select(service => service.ImplementationInstance).OfType<NcServiceOptions>().LastOrDefault()
            ?? throw new InvalidOperationException("AddNcServicePlatform comes first.");
        services.AddHostedService<StoreMigration>();
        services.AddHostedService<ArtifactSweep>();
        if (!options.ExecuteJobs) return services;

        var slots = Slots(options);
        services.AddHostedService<NodeHeartbeat>();
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = "ncservice";
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
                // A trigger that another node scheduled is seen at the next look only: an idle device shall not wait half a minute for it.
                scheduler.IdleWaitTime = TimeSpan.FromSeconds(2);
            });
            quartz.UseDefaultThreadPool(slots.Values.Sum());
            quartz.UsePersistentStore(store =>
            {
                store.ConfigureStore(configure =>
                {
                    configure.StoreJobDataAsStrings = true;
                    configure.DbRetryInterval = TimeSpan.FromSeconds(2);
                });
                if (options.UsesPostgreSql)
                {
                    // Its transactions are short, and all nodes wait for its locks.
                    store.UsePostgres(StoreConnection.PostgreSqlConnectionString(options, options.LeaseSeconds));
                    store.UseClustering(cluster => cluster.CheckinInterval = TimeSpan.FromSeconds(Math.Min(7.5, options.LeaseSeconds / 4)));
                }
                else
                {
                    // A file of its own: nothing in it is true that the jobs' rows do not say, and their writes need not wait for it.
                    store.UseSqlite(StoreConnection.SqliteConnectionString(options, "scheduler.db"));
                }
                store.ProvisionSchema();
            });
            quartz.UseExecutionLimits(limits =>
            {
                foreach (var (group, count) in slots) limits.ForGroup(group, count, ExecutionLimitScope.Node);
            });
            quartz.AddJob<ExecuteJob>(job => job.WithIdentity(ExecuteJob.Key).StoreDurably());
        });
        services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
        services.AddHostedService<JobDispatcher>();
        return services;
    }

    private static Dictionary<string, int> Slots(NcServiceOptions options)
    {
        var served = options.Queues.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var wrong = served.FirstOrDefault(queue => queue is not (JobOrder.Gpu or JobOrder.Cpu));
        if (wrong is not null || served.Length == 0)
            throw new InputException($"{NcServiceOptions.SectionName}:{nameof(options.Queues)} is '{options.Queues}'; it takes gpu, cpu or gpu,cpu.");
        if (options.GpuJobs < 1 || options.CpuJobs < 1)
            throw new InputException($"{NcServiceOptions.SectionName}:{nameof(options.GpuJobs)} and {nameof(options.CpuJobs)} are at least 1.");
        // A group that is not served gets no slot on this node.
        return new Dictionary<string, int>
        {
            [JobOrder.Gpu] = served.Contains(JobOrder.Gpu) ? options.GpuJobs : 0,
            [JobOrder.Cpu] = served.Contains(JobOrder.Cpu) ? options.CpuJobs : 0,
        };
    }
}
