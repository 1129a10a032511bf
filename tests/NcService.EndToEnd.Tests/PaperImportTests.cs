using System.Globalization;
using Deque.AxeCore.Playwright;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>The published result tables, imported through the page, and every page looked at with them.</summary>
public sealed class PaperImportTests(Dashboard dashboard) : IClassFixture<Dashboard>
{
    /// <summary>R² with the validation loss over the 21 models of one architecture: golden/paper/README.md.</summary>
    private static readonly Dictionary<string, double> s_published = new()
    {
        ["cdnv_dist4"] = 0.192011,
        ["lognorms_cov"] = 0.026174,
        ["interference_cov"] = 0.218574,
        ["logdist_uncentred_cov"] = 0.487935,
        ["selfdual_mean"] = 0.322210,
        ["selfdual_cov"] = 0.000036,
        ["ncc_agreement_seen"] = 0.490278,
    };

    [SharedBrowserFact]
    public async Task The_imported_table_shows_the_published_r_squared_values()
    {
        await using var visit = await dashboard.Browser.OpenAsync(dashboard.Server.Address);
        var study = await ImportAsync(visit.Page, "the table of May 2024");
        await visit.OpenAsync($"{study}/permutation");

        foreach (var (measurement, expected) in s_published)
        {
            var row = visit.Page.Locator($"tr[data-measurement={measurement}]");
            await Expect(row.Locator("td").First).ToHaveTextAsync("21");
            var shown = await row.Locator("[data-value=r2]").GetAttributeAsync("title");
            Assert.Equal(expected, double.Parse(shown!, CultureInfo.InvariantCulture), 6);
        }
        Assert.Empty(visit.Faults);
    }

    [SharedBrowserFact]
    public async Task Every_page_is_sound_in_both_themes_and_at_both_ends_of_the_width()
    {
        string study;
        await using (var visit = await dashboard.Browser.OpenAsync(dashboard.Server.Address)) study = await ImportAsync(visit.Page, "the table to look at");
        await using var store = dashboard.OpenStore();
        var run = await store.Runs.Where(run => run.Study!.Name == "the table to look at").Select(run => run.Id).FirstAsync();
        string[] pages = ["/", "/studies", "/studies/new", study, $"{study}/scale", $"{study}/permutation", $"/runs/{run}", "/jobs"];

        foreach (var (dark, width) in new[] { (false, 1440), (true, 390) })
        {
            await using var visit = await dashboard.Browser.OpenAsync(dashboard.Server.Address, dark, width);
            foreach (var page in pages)
            {
                await visit.OpenAsync(page);
                await visit.ChartsAreDrawnAsync();
                var excess = await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
                Assert.True(excess <= 0, $"{page} is {excess} px wider than a window of {width} px.");
            }
            await visit.Page.GotoAsync("/import");
            Assert.Empty(visit.Faults);
        }

        await using var examined = await dashboard.Browser.OpenAsync(dashboard.Server.Address, bypassPolicy: true);
        var found = new List<string>();
        foreach (var page in pages)
        {
            await examined.OpenAsync(page);
            await examined.ChartsAreDrawnAsync();
            await ExamineAsync(page);
        }
        await examined.Page.GotoAsync("/import");
        await ExamineAsync("/import");
        Assert.True(found.Count == 0, string.Join("\n", found));

        async Task ExamineAsync(string page)
        {
            var serious = (await examined.Page.RunAxe()).Violations.Where(violation => violation.Impact is "serious" or "critical");
            found.AddRange(serious.Select(violation => $"{page}: {violation.Id}: {violation.Help}: {string.Join(" | ", violation.Nodes.Select(node => node.Html))}"));
        }
    }

    [BrowserFact]
    public async Task A_table_that_cannot_be_read_is_refused_with_the_reason_beside_the_field()
    {
        await using var visit = await dashboard.Browser.OpenAsync(dashboard.Server.Address);
        await visit.Page.GotoAsync("/import");
        await visit.Page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "poem.csv", MimeType = "text/csv", Buffer = "roses,violets\nred,blue\n"u8.ToArray() });
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Import" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("model");
    }

    private static async Task<string> ImportAsync(IPage page, string name)
    {
        await page.GotoAsync("/import");
        await page.Locator("#file").SetInputFilesAsync(SharedData.Path("golden/paper/lc-2024_05_18.csv"));
        await page.GetByLabel("Name of the study").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Import" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync(name);
        return new Uri(page.Url).AbsolutePath.Replace("/scale", "", StringComparison.Ordinal);
    }
}
