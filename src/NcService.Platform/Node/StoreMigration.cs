using Microsoft.Extensions.Hosting;
using NcService.Platform.Store;

namespace NcService.Platform.Node;

/// <summary>Brings the store up to date before anything that starts after it uses it.</summary>
public sealed class StoreMigration(StoreMigrator migrator) : IHostedService
{
    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => migrator.MigrateAsync(cancellationToken);

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
