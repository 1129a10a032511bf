using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using NcService.Platform.Store;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>What a first visitor meets: an empty store, and one thing to do.</summary>
public sealed class FirstVisitTests(Dashboard dashboard) : IClassFixture<Dashboard>
{
    [BrowserFact]
    public async Task One_button_starts_the_demo_once_even_where_scripts_are_off()
    {
        await using (var first = await dashboard.Browser.OpenAsync(dashboard.Server.Address, scripts: false))
        await using (var second = await dashboard.Browser.OpenAsync(dashboard.Server.Address, scripts: false))
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

        await using var store = dashboard.OpenStore();
        var study = await store.Studies.SingleAsync();
        var states = await store.Runs.Where(run => run.StudyId == study.Id).Select(run => run.Job!.State).ToListAsync();
        // Twelve architectures and eight seeds of one.
        Assert.InRange(states.Count, 19, 21);
        Assert.All(states, state => Assert.Equal(JobState.Queued, state));

        await using var page = await dashboard.Browser.OpenAsync(dashboard.Server.Address);
        await page.OpenAsync($"/studies/{study.Id}");
        await Expect(page.Page.Locator(".grid-runs .badge.queued")).ToHaveCountAsync(states.Count);
        Assert.Empty(page.Faults);
    }
}
