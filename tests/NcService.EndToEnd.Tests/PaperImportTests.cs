using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>The published result tables, imported through the page.</summary>
[Collection(DashboardTests.Name)]
public sealed class PaperImportTests(Dashboard dashboard)
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
        await using var visit = await dashboard.OpenAsync();
        await visit.OpenAsync($"{await dashboard.PaperAsync()}/permutation");

        foreach (var (measurement, expected) in s_published)
        {
            var row = visit.Page.Locator($"tr[data-measurement={measurement}]");
            await Expect(row.Locator("td").First).ToHaveTextAsync("21");
            var shown = await row.Locator("[data-value=r2]").GetAttributeAsync("title");
            Assert.Equal(expected, double.Parse(shown!, CultureInfo.InvariantCulture), 6);
        }
        Assert.Empty(visit.Faults);
    }

    [BrowserFact]
    public async Task A_table_that_cannot_be_read_is_refused_with_the_reason_beside_the_field()
    {
        await using var visit = await dashboard.OpenAsync();
        await visit.Page.GotoAsync("/import");
        await visit.Page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "poem.csv", MimeType = "text/csv", Buffer = "roses,violets\nred,blue\n"u8.ToArray() });
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Import" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("model");
    }
}
