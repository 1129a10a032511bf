using Microsoft.Playwright;

namespace NcService.EndToEnd.Tests;

/// <summary>A page and what went wrong in it.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private static readonly Lazy<string> s_axe = new(ReadAxe);
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

    /// <summary>Waits until every figure is drawn that the window shows.</summary>
    public async Task ChartsAreDrawnAsync()
    {
        foreach (var box in await Page.Locator(".chart-box:visible").AllAsync()) await Assertions.Expect(box).ToContainClassAsync("drawn");
    }

    /// <summary>What axe finds serious or critical, one line each. The page's own content security policy is in force.</summary>
    public async Task<IReadOnlyList<string>> ExamineAsync(string where)
    {
        // As a debugger evaluates it: a script element would be refused by the policy.
        if (!await Page.EvaluateAsync<bool>("typeof axe === 'object'")) await Page.EvaluateAsync(s_axe.Value);
        return await Page.EvaluateAsync<string[]>(
            """
            where => axe.run().then(result => result.violations.filter(found => found.impact === 'serious' || found.impact === 'critical')
                .map(found => `${where}: ${found.id}: ${found.help}: ${found.nodes.slice(0, 4).map(node => node.html.slice(0, 240) + ' ' + node.failureSummary.slice(0, 240)).join(' | ')}`))
            """, where);
    }

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();

    private static string ReadAxe()
    {
        using var source = typeof(Deque.AxeCore.Commons.AxeResult).Assembly.GetManifestResourceStream("Deque.AxeCore.Commons.Resources.axe.min.js")!;
        using var reader = new StreamReader(source);
        return reader.ReadToEnd();
    }
}
