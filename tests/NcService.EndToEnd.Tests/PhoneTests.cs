using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>What a phone shows at once, and that a wider window hides nothing.</summary>
[Collection(DashboardTests.Name)]
public sealed class PhoneTests(Dashboard dashboard)
{
    private const int Phone = 390;

    [SharedBrowserFact]
    public async Task A_phone_leafs_through_panels_and_a_wider_window_shows_all()
    {
        var study = await dashboard.PaperAsync();
        await using var visit = await dashboard.OpenAsync(width: Phone);
        var page = visit.Page;
        await visit.OpenAsync($"{study}/scale");
        var panels = page.Locator(".panel figure:visible");
        var drawn = page.Locator(".panel figure:visible .chart-box.drawn");
        await Expect(drawn).ToHaveCountAsync(1);
        await Expect(panels).ToContainTextAsync(["Against width"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await Expect(panels).ToContainTextAsync(["Against depth"]);
        await Expect(drawn).ToHaveCountAsync(1);
        await Expect(page).ToHaveURLAsync(new Uri(dashboard.Server.Address, $"{study}/scale?over=depth").ToString());

        // Another measurement is chosen above the figure.
        await page.Locator("#measurement").SelectOptionAsync("selfdual_mean");
        await Expect(page.Locator("aside h2")).ToHaveTextAsync("Self-duality");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "log x" })).Not.ToBeVisibleAsync();
        await page.GetByText("Runs, axes, what is held fixed").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "log x" })).ToBeVisibleAsync();
        Assert.InRange(await HeightAsync(page), 1000, 3200);
        Assert.Empty(await visit.ExamineAsync("over scale on a phone"));

        await page.SetViewportSizeAsync(1280, 900);
        await Expect(drawn).ToHaveCountAsync(2);
        await Expect(page.Locator("#measurement")).Not.ToBeVisibleAsync();
        await using var wide = await dashboard.OpenAsync();
        await wide.OpenAsync($"{study}/scale");
        await Expect(wide.Page.GetByRole(AriaRole.Button, new() { Name = "log x" })).ToBeVisibleAsync();
        await wide.ChartsAreDrawnAsync();
        await Expect(wide.Page.Locator(".panel figure:visible .chart-box.drawn")).ToHaveCountAsync(2);
        Assert.Empty(visit.Faults);
        Assert.Empty(wide.Faults);
    }

    [SharedBrowserFact]
    public async Task A_phone_opens_groups_of_a_comparison_and_a_wider_window_shows_all()
    {
        var study = await dashboard.PaperAsync();
        await using var visit = await dashboard.OpenAsync(width: Phone);
        var page = visit.Page;
        await using var store = dashboard.OpenStore();
        var id = long.Parse(study.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture);
        var runs = await store.Runs.Where(run => run.StudyId == id).OrderBy(run => run.Id).Select(run => run.Id).Take(3).ToListAsync();
        await visit.OpenAsync($"/compare?runs={string.Join(',', runs)}");
        var row = page.Locator("table.compare tbody tr").Filter(new() { HasText = "Uniform duality" }).First;
        var group = page.GetByRole(AriaRole.Button, new() { Name = "UNC3" });
        await Expect(row).Not.ToBeVisibleAsync();
        await Expect(group).ToHaveAttributeAsync("aria-expanded", "false");
        Assert.InRange(await HeightAsync(page), 700, 1600);
        Assert.Empty(await visit.ExamineAsync("a comparison on a phone"));
        await group.ClickAsync();
        await Expect(row).ToBeVisibleAsync();
        await group.ClickAsync();
        await Expect(row).Not.ToBeVisibleAsync();
        await page.SetViewportSizeAsync(1280, 900);
        await Expect(row).ToBeVisibleAsync();
        await Expect(group).Not.ToBeVisibleAsync();
        Assert.Empty(visit.Faults);
    }

    [BrowserFact]
    public async Task States_of_jobs_stand_in_one_row()
    {
        await using var visit = await dashboard.OpenAsync(width: 360);
        await visit.OpenAsync("/jobs");
        var tops = await visit.Page.Locator("nav.counts a").EvaluateAllAsync<double[]>("all => all.map(one => one.getBoundingClientRect().top)");
        Assert.Equal(6, tops.Length);
        Assert.Single(tops.Distinct());
        Assert.Equal(0, await visit.Page.Locator("nav.counts").EvaluateAsync<int>("row => row.scrollWidth - row.clientWidth"));
    }

    private static Task<int> HeightAsync(IPage page) => page.EvaluateAsync<int>("document.documentElement.scrollHeight");
}
