using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NcService.Platform;
using NcService.Platform.Store;

namespace NcService.Cli;

/// <summary>The store and the services over it, used from this process with no server.</summary>
internal sealed class LocalStore : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private LocalStore(ServiceProvider services) => _services = services;

    /// <summary>Opens the store under a data folder, or the one the environment names (NcService__ConnectionString), and migrates it where needed.</summary>
    /// <param name="dataFolder">Where the store and its files are; made where absent.</param>
    /// <param name="verb">Told, on standard error, of what goes wrong inside.</param>
    /// <param name="configure">Settings of this call.</param>
    /// <param name="ct">Stops waiting for the store.</param>
    public static async Task<LocalStore> OpenAsync(string dataFolder, VerbInvocation verb, Action<NcServiceOptions>? configure, CancellationToken ct)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var options = OptionsReader.Read(configuration);
        options.DataDirectory = dataFolder;
        configure?.Invoke(options);
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerProvider>(new RemarkLoggerProvider(verb));
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
        services.AddNcServicePlatform(options);
        var store = new LocalStore(services.BuildServiceProvider());
        await store.Get<StoreMigrator>().MigrateAsync(ct);
        return store;
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private sealed class RemarkLoggerProvider(VerbInvocation verb) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new RemarkLogger(verb);

        public void Dispose()
        {
            // Nothing to give back: standard error belongs to the process.
        }
    }

    private sealed class RemarkLogger(VerbInvocation verb) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) verb.Remark(exception is null ? formatter(state, exception) : $"{formatter(state, exception)}: {exception.Message}");
        }
    }
}
