using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NcService.Platform.Store;
using Npgsql;

namespace NcService.Platform.Tests;

/// <summary>The platform's services over a migrated store of their own, in a fresh folder.</summary>
internal sealed class TestPlatform : IAsyncDisposable
{
    private readonly TestFolder folder = new();
    private readonly ServiceProvider services;

    private TestPlatform(Action<NcServiceOptions>? configure, TimeProvider? time)
    {
        Options = new NcServiceOptions { DataDirectory = folder.Path, Device = "cpu", Threads = 1, Retry = { FirstDelaySeconds = 0 } };
        configure?.Invoke(Options);
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddSingleton(time ?? TimeProvider.System);
        collection.AddNcServicePlatform(Options);
        services = collection.BuildServiceProvider();
    }

    public NcServiceOptions Options { get; }

    public static async Task<TestPlatform> CreateAsync(Action<NcServiceOptions>? configure = null, TimeProvider? time = null)
    {
        var platform = new TestPlatform(configure, time);
        await platform.Get<StoreMigrator>().MigrateAsync(CancellationToken.None);
        return platform;
    }

    public static TestPlatform CreateUnmigrated(Action<NcServiceOptions>? configure = null) => new(configure, null);

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    public NcServiceContext OpenStore() => Get<IDbContextFactory<NcServiceContext>>().CreateDbContext();

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        SqliteConnection.ClearAllPools();
        NpgsqlConnection.ClearAllPools();
        folder.Dispose();
    }
}
