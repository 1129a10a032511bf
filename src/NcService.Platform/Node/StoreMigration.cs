using Microsoft.Extensions.Hosting;
using NcService.Platform.Jobs;
using NcService.Platform.Store;

namespace NcService.Platform.Node;

/// <summary>Brings the store up to date before anything that starts after it uses it.</summary>
public sealed class StoreMigration(StoreMigrator migrator, TimeProvider time) : IHostedService
{
    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => StoreRetry.RunAsync(
        async () =>
        {
            await migrator.MigrateAsync(cancellationToken);
            return true;
        },
        time, cancellationToken);

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
