using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using NcService.Platform.Store;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>A page and its server find each other late, lose each other, and meet again.</summary>
[Collection(DashboardTests.Name)]
public sealed class ConnectionTests(Dashboard dashboard)
{
    [BrowserFact]
    public async Task What_is_pressed_or_typed_before_the_page_is_live_counts_then()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var visit = await dashboard.OpenAsync();
        var page = visit.Page;
        await page.RouteAsync("**/blazor.web.js*", async route =>
        {
            await gate.Task;
            await route.ContinueAsync();
        });
        var holding = page.WaitForRequestFinishedAsync(new() { Predicate = request => request.Url.Contains("site.js", StringComparison.Ordinal) });
        await page.GotoAsync("/studies/new", new() { WaitUntil = WaitUntilState.Commit });
        await page.Locator("main[data-interactive='false']").WaitForAsync();
        await holding;
        var add = page.GetByRole(AriaRole.Button, new() { Name = "Add seeds of one size" });
        await Expect(add).ToHaveCSSAsync("cursor", "progress");
        await page.Locator("#grid0-widths").FillAsync("64, 128, 256");
        await page.Locator("#layers").CheckAsync();
        await add.ClickAsync();
        await Expect(add).ToHaveAttributeAsync("aria-busy", "true");
        await Expect(page.GetByText("Grid 2")).ToHaveCountAsync(0);

        gate.SetResult();
        await Expect(page.GetByText("Grid 2")).ToBeVisibleAsync();
        await Expect(add).Not.ToHaveAttributeAsync("aria-busy", "true");
        await Expect(page.Locator("#grid0-widths")).ToHaveValueAsync("64, 128, 256");
        await Expect(page.Locator("#layers")).ToBeCheckedAsync();
        // The server knows it too.
        await Expect(page.Locator(".matrix th").GetByText("256", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Empty(visit.Faults);
    }

    [BrowserFact]
    public async Task What_was_drawn_stays_in_sight_while_the_live_page_reads_its_data()
    {
        await using var visit = await dashboard.OpenAsync();
        var page = visit.Page;
        await page.RouteAsync("**/blazor.web.js*", route => route.AbortAsync());
        await page.GotoAsync("/tokens");
        await page.Locator("main[data-interactive='false']").WaitForAsync();
        await page.WaitForFunctionAsync("document.readyState === 'complete'");
        // As the circuit does it where the store answers late: another element, first with a skeleton, then with the data.
        await page.EvaluateAsync(
            """
            () => {
                const live = document.createElement('main');
                live.dataset.interactive = 'true';
                live.innerHTML = '<div class="skeleton">reading</div>';
                document.querySelector('main').replaceWith(live);
            }
            """);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Tokens" })).ToBeVisibleAsync();
        await Expect(page.Locator(".skeleton")).Not.ToBeVisibleAsync();
        await page.EvaluateAsync("() => { document.querySelector('main[data-interactive=true]').innerHTML = '<h1>Read</h1>'; }");
        await Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Read");
        await Expect(page.Locator("main")).ToHaveCountAsync(1);
    }

    [BrowserFact]
    public async Task A_dropped_connection_is_told_and_mended_and_updates_go_on()
    {
        var jobId = await AddRunningJobAsync();
        await using var visit = await dashboard.OpenAsync();
        var page = visit.Page;
        var line = new Line();
        await page.RouteWebSocketAsync("**/_blazor?*", line.Take);
        await page.RouteAsync("**/_blazor/negotiate*", route => line.Cut ? route.AbortAsync() : route.ContinueAsync());
        await visit.OpenAsync("/");
        var bar = page.GetByRole(AriaRole.Progressbar, new() { Name = "Progress of 01x0048_01d00" });
        await Expect(bar).ToHaveAttributeAsync("aria-valuenow", "25.0");
        var typed = await page.EvaluateAsync<string>("window.since = 'before'");

        await line.CutAsync();
        await Expect(page.GetByText("Connection lost.")).ToBeVisibleAsync();
        await WriteAsync(jobId, job => job.Progress = 0.5);
        line.Cut = false;
        await Expect(bar).ToHaveAttributeAsync("aria-valuenow", "50.0");
        await Expect(page.GetByText("Connection lost.")).Not.ToBeVisibleAsync();
        // The same page, not one that was loaded again.
        Assert.Equal(typed, await page.EvaluateAsync<string>("window.since"));
        await WriteAsync(jobId, job => (job.State, job.FinishedAt) = (JobState.Succeeded, DateTime.UtcNow));
        await Expect(bar).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task A_server_that_was_started_anew_gets_its_pages_back_where_they_were()
    {
        await using var server = await ServerProcess.StartAsync(executeJobs: false);
        await using var browser = await WebBrowser.StartAsync();
        await browser.SignInAsync(server.LoginLink);
        await using var visit = await browser.OpenAsync(server.Address);
        await visit.OpenAsync("/studies/new?preset=paper-seeds");
        // The page asks for itself again.
        await visit.Page.RunAndWaitForRequestAsync(server.StartAgainAsync, request => request.ResourceType == "document");
        await visit.Page.Locator("main[data-interactive='true']").WaitForAsync();
        await Expect(visit.Page.Locator("[data-value=runs]")).ToHaveTextAsync("20");
    }

    private async Task<long> AddRunningJobAsync()
    {
        await using var store = dashboard.OpenStore();
        var now = DateTime.UtcNow;
        var job = new Job { Kind = JobKind.TrainRun, State = JobState.Running, Parameters = "{}", Progress = 0.25, Attempt = 1, CreatedAt = now, StartedAt = now, HeartbeatAt = now, ProgressAt = now };
        store.Studies.Add(new Study { Name = "A study on a bad line", CreatedAt = now, Runs = { new Run { Name = "01x0048_01d00", Width = 48, Depth = 1, Epochs = 1, Seed = 0, ParameterCount = 1, CreatedAt = now, Job = job } } });
        await store.SaveChangesAsync();
        return job.Id;
    }

    private async Task WriteAsync(long jobId, Action<Job> change)
    {
        await using var store = dashboard.OpenStore();
        change(await store.Jobs.SingleAsync(job => job.Id == jobId));
        await store.SaveChangesAsync();
    }

    /// <summary>The way between page and server.</summary>
    private sealed class Line
    {
        private IWebSocketRoute? open;

        public bool Cut { get; set; }

        public void Take(IWebSocketRoute page)
        {
            open = page;
            if (Cut) _ = page.CloseAsync();
            else page.ConnectToServer();
        }

        public async Task CutAsync()
        {
            Cut = true;
            await open!.CloseAsync();
        }
    }
}
