using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using NcService.Platform.Store;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>What a first visitor meets: an empty store, and one thing to do.</summary>
[Collection(DashboardTests.Name)]
public sealed class FirstVisitTests(Dashboard dashboard)
{
    [BrowserFact]
    public async Task One_button_starts_the_demo_once_even_where_scripts_are_off()
    {
        await using var server = await ServerProcess.StartAsync(executeJobs: false);
        await dashboard.Browser.SignInAsync(server.LoginLink);
        await using (var first = await dashboard.Browser.OpenAsync(server.Address, scripts: false))
        await using (var second = await dashboard.Browser.OpenAsync(server.Address, scripts: false))
        {
            await first.Page.GotoAsync("/");
            await second.Page.GotoAsync("/");
            // The second press, on a page that was open before, finds the study that the first one made.
            foreach (var visit in new[] { first, second })
            {
                await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Start the demo study" }).ClickAsync();
                await Expect(visit.Page.Locator("h1")).ToHaveTextAsync("demo");
            }
        }

        await using var store = server.OpenStore();
        var study = await store.Studies.SingleAsync();
        var states = await store.Runs.Where(run => run.StudyId == study.Id).Select(run => run.Job!.State).ToListAsync();
        // Twelve architectures and eight seeds of one.
        Assert.InRange(states.Count, 19, 21);
        Assert.All(states, state => Assert.Equal(JobState.Queued, state));

        await using var page = await dashboard.Browser.OpenAsync(server.Address);
        await page.OpenAsync($"/studies/{study.Id}");
        await Expect(page.Page.Locator("[data-value=count]")).ToHaveTextAsync($"{states.Count} in all");
        await Expect(page.Page.Locator(".grid-runs .badge.queued").First).ToBeVisibleAsync();
        Assert.Empty(page.Faults);
    }

    [SharedBrowserFact]
    public async Task The_mouse_alone_leads_from_an_empty_store_to_a_permutation_table()
    {
        // A server that works itself: the test that is asked for runs in its child process.
        await using var server = await ServerProcess.StartAsync(executeJobs: true);
        await dashboard.Browser.SignInAsync(server.LoginLink);
        await using var visit = await dashboard.Browser.OpenAsync(server.Address);
        var page = visit.Page;
        await visit.OpenAsync("/");
        await page.GetByRole(AriaRole.Link, new() { Name = "import the published tables" }).ClickAsync();
        var chooser = await page.RunAndWaitForFileChooserAsync(() => page.Locator(".drop").ClickAsync());
        await chooser.SetFilesAsync(SharedData.Path("golden/paper/lc-2024_05_18.csv"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Import" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("lc-2024_05_18");
        await page.GetByRole(AriaRole.Link, new() { Name = "With scale held fixed" }).ClickAsync();
        await Expect(page.Locator("main[data-interactive='true']")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Run the test" }).ClickAsync();

        // Table 1 of the study: R² = 0.49 with p below one in a thousand for agreement, next to nothing for uniform duality.
        await Expect(Cell("ncc_agreement_seen", "p")).ToContainTextAsync("0.0", new() { Timeout = 60_000 });
        Assert.InRange(await NumberAsync("ncc_agreement_seen"), 0, 0.005);
        Assert.InRange(await NumberAsync("selfdual_cov"), 0.9, 1);
        Assert.Empty(visit.Faults);

        ILocator Cell(string measurement, string value) => page.Locator($"tr[data-measurement={measurement}] [data-value={value}]");
        async Task<double> NumberAsync(string measurement) =>
            double.Parse((await Cell(measurement, "p").InnerTextAsync()).Replace("<", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
