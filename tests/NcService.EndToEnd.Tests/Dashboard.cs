using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;

namespace NcService.EndToEnd.Tests;

/// <summary>A server and a browser, shared by the tests of a class.</summary>
public sealed class Dashboard : IAsyncLifetime
{
    internal ServerProcess Server { get; private set; } = null!;

    internal WebBrowser Browser { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        // Where tests are skipped, nothing is started.
        if (WebBrowser.SkipReason is not null) return;
        var server = ServerProcess.StartAsync();
        Browser = await WebBrowser.StartAsync();
        Server = await server;
        await Browser.SignInAsync(Server.LoginLink);
    }

    public async Task DisposeAsync()
    {
        if (Browser is not null) await Browser.DisposeAsync();
        if (Server is not null) await Server.DisposeAsync();
    }

    /// <summary>The server's store, for what a worker would write.</summary>
    internal NcServiceContext OpenStore() =>
        new(new DbContextOptionsBuilder<NcServiceContext>().UseSqlite($"Data Source={Path.Combine(Server.DataDirectory, "ncservice.db")};Pooling=False").Options);
}
