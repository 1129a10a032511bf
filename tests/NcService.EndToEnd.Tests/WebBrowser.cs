using Microsoft.Playwright;

namespace NcService.EndToEnd.Tests;

/// <summary>Debian's Chromium, driven by Playwright, with its console watched.</summary>
internal sealed class WebBrowser : IAsyncDisposable
{
    private const string Executable = "/usr/bin/chromium";

    // Two cores are shared with other work: waiting longer costs nothing where all is well.
    private const float Patience = 30_000;
    private readonly IPlaywright playwright;
    private readonly IBrowser browser;

    private string? session;

    private WebBrowser(IPlaywright playwright, IBrowser browser) => (this.playwright, this.browser) = (playwright, browser);

    /// <summary>Why browser tests are skipped, or null.</summary>
    public static string? SkipReason { get; } = File.Exists(Executable) ? null : $"needs a browser: {Executable} (Debian package chromium)";

    public static async Task<WebBrowser> StartAsync()
    {
        Assertions.SetDefaultExpectTimeout(Patience);
        var driver = await Playwright.CreateAsync();
        var chromium = await driver.Chromium.LaunchAsync(new() { ExecutablePath = Executable, Args = ["--no-sandbox", "--disable-background-networking"] });
        return new WebBrowser(driver, chromium);
    }

    /// <summary>Follows the printed link; every page opened from now on is signed in.</summary>
    public async Task SignInAsync(Uri link)
    {
        await using var context = await browser.NewContextAsync();
        context.SetDefaultTimeout(Patience);
        await (await context.NewPageAsync()).GotoAsync(link.ToString());
        session = await context.StorageStateAsync();
    }

    /// <summary>Opens a page in a window of its own.</summary>
    /// <param name="address">Its base address.</param>
    /// <param name="dark">The system's theme.</param>
    /// <param name="width">Width of the window.</param>
    /// <param name="scripts">False turns scripts off.</param>
    public async Task<WatchedPage> OpenAsync(Uri address, bool dark = false, int width = 1280, bool scripts = true)
    {
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new() { Width = width, Height = 900 },
            JavaScriptEnabled = scripts,
            // A theme that is switched is there at once, so that colours are not measured half way.
            ReducedMotion = ReducedMotion.Reduce,
            StorageState = session,
        });
        context.SetDefaultTimeout(Patience);
        return new WatchedPage(await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
