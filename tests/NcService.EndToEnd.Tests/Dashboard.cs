using Microsoft.Playwright;
using NcService.Platform.Store;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>Tests that share one server and one browser, one after the other: on few cores that is the quickest.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class DashboardTests : ICollectionFixture<Dashboard>
{
    public const string Name = "dashboard";
}

/// <summary>A server whose jobs stay queued (what a worker would write, the tests write themselves), and a browser that is signed in.</summary>
public sealed class Dashboard : IAsyncLifetime
{
    private Task<string>? paper;

    internal ServerProcess Server { get; private set; } = null!;

    internal WebBrowser Browser { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        // Where tests are skipped, nothing is started.
        if (WebBrowser.SkipReason is not null) return;
        var server = ServerProcess.StartAsync(executeJobs: false);
        Browser = await WebBrowser.StartAsync();
        Server = await server;
        await Browser.SignInAsync(Server.LoginLink);
    }

    public async Task DisposeAsync()
    {
        if (Browser is not null) await Browser.DisposeAsync();
        if (Server is not null) await Server.DisposeAsync();
    }

    /// <summary>Opens a page in a window of its own.</summary>
    internal Task<WatchedPage> OpenAsync(bool dark = false, int width = 1280) => Browser.OpenAsync(Server.Address, dark, width);

    /// <summary>The server's store, for what a worker would write.</summary>
    internal NcServiceContext OpenStore() => Server.OpenStore();

    /// <summary>The address of the study that the authors' table of May 2024 became; the first caller imports it through the page.</summary>
    internal Task<string> PaperAsync() => paper ??= ImportPaperAsync();

    private async Task<string> ImportPaperAsync()
    {
        await using var visit = await OpenAsync();
        await visit.Page.GotoAsync("/import");
        await visit.Page.Locator("#file").SetInputFilesAsync(SharedData.Path("golden/paper/lc-2024_05_18.csv"));
        await visit.Page.GetByLabel("Name of the study").FillAsync("the table of May 2024");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Import" }).ClickAsync();
        await Expect(visit.Page.Locator("h1")).ToHaveTextAsync("the table of May 2024");
        return new Uri(visit.Page.Url).AbsolutePath.Replace("/scale", "", StringComparison.Ordinal);
    }
}
