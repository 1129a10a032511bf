using Microsoft.Playwright;

namespace NcService.EndToEnd.Tests;

/// <summary>A page and what went wrong in it.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private readonly List<string> faults = [];

    public WatchedPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") faults.Add($"{page.Url}: {message.Text}");
        };
        page.PageError += (_, error) => faults.Add($"{page.Url}: {error}");
        page.Response += (_, response) =>
        {
            if (response.Status >= 400) faults.Add($"{response.Status} {response.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>Console errors and warnings, uncaught exceptions, refused requests.</summary>
    public IReadOnlyList<string> Faults => faults;

    /// <summary>Opens an address and waits until the circuit has taken the page over: only then do its buttons work.</summary>
    public async Task OpenAsync(string path)
    {
        await Page.GotoAsync(path);
        await Page.Locator("main[data-interactive='true']").WaitForAsync();
    }

    /// <summary>Waits until every figure of the page is drawn.</summary>
    public async Task ChartsAreDrawnAsync()
    {
        foreach (var box in await Page.Locator(".chart-box").AllAsync()) await Assertions.Expect(box).ToContainClassAsync("drawn");
    }

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();
}
