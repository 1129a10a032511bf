using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using NcService.Platform.Store;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>A browser that nothing else runs beside.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FirstVisit
{
    public const string Name = "first visit";
}

/// <summary>What a first visitor meets: an empty store, and one thing to do. A browser of its own, as it signs in elsewhere than the others.</summary>
[Collection(FirstVisit.Name)]
public sealed class FirstVisitTests
{
    [BrowserFact]
    public async Task One_button_starts_the_demo_once_even_where_scripts_are_off()
    {
        await using var server = await ServerProcess.StartAsync(executeJobs: false);
        await using var browser = await WebBrowser.StartAsync();
        await browser.SignInAsync(server.LoginLink);
        await using (var first = await browser.OpenAsync(server.Address, scripts: false))
        await using (var second = await browser.OpenAsync(server.Address, scripts: false))
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

        await using var page = await browser.OpenAsync(server.Address);
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
        await using var browser = await WebBrowser.StartAsync();
        await browser.SignInAsync(server.LoginLink);
        await using var visit = await browser.OpenAsync(server.Address);
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
        await Expect(Cell("ncc_agreement_seen", "max-t")).ToContainTextAsync("0.0");

        // All runs at once with everything but the seed held fixed, in one direction, until it is decided.
        await page.GetByRole(AriaRole.Link, new() { Name = "Other runs" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "compare only runs that differ in nothing but the seed" }).ClickAsync();
        await page.GetByLabel("Permutations").SelectOptionAsync("100000");
        await page.GetByLabel("Question").SelectOptionAsync("Less");
        await page.GetByLabel("End early").SelectOptionAsync("0.05");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run the test" }).ClickAsync();
        await Expect(Cell("ncc_agreement_seen", "p")).Not.ToHaveTextAsync("–", new() { Timeout = 60_000 });
        await Expect(page.GetByText("Losses were exchanged within each of")).ToBeVisibleAsync();
        await Expect(page.GetByText("falls as the outcome rises, until 0.05 is decided").First).ToBeVisibleAsync();
        await using var store = server.OpenStore();
        var report = await store.PermutationTests.Include(test => test.Rows).OrderByDescending(test => test.Id).FirstAsync();
        Assert.Equal(230, JsonSerializer.Deserialize<long[]>(report.RunIds)!.Length);
        var row = report.Rows.Single(one => one.Measurement == "ncc_agreement_seen");
        Assert.Equal(row.PLess!.Value, await NumberAsync("ncc_agreement_seen"), 0.0001);
        Assert.True(row.StrataCount > 1);
        Assert.Empty(visit.Faults);

        ILocator Cell(string measurement, string value) => page.Locator($"tr[data-measurement={measurement}] [data-value={value}]");
        async Task<double> NumberAsync(string measurement) =>
            double.Parse((await Cell(measurement, "p").InnerTextAsync()).Replace("<", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
