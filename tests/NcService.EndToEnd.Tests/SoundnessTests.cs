using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace NcService.EndToEnd.Tests;

/// <summary>Every page, with something to show, in both themes and at three widths, under the real content security policy.</summary>
[Collection(DashboardTests.Name)]
public sealed class SoundnessTests(Dashboard dashboard)
{
    private static readonly int[] s_widths = [390, 1280, 2560];

    [SharedBrowserFact]
    public async Task Every_page_is_sound_in_both_themes_at_three_widths()
    {
        var study = await dashboard.PaperAsync();
        long[] runs;
        await using (var store = dashboard.OpenStore())
        {
            var id = long.Parse(study.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture);
            runs = await store.Runs.Where(run => run.StudyId == id).OrderBy(run => run.Id).Select(run => run.Id).Take(3).ToArrayAsync();
        }
        string[] pages =
        [
            "/", "/studies", "/studies/new", "/studies/new?preset=demo", study, $"{study}?d=768&l=2&c=width,loss,cdnv_dist4&sort=-loss", $"{study}/scale", $"{study}/scale?m=selfdual_mean&ranks=true&given=logParameters", $"{study}/permutation",
            $"{study}/permutation?set=filter&within=architecture", $"{study}/beyond?x=cdnv_dist4,selfdual_mean&by=weightDecay", $"/runs/{runs[0]}/classes",
            $"/runs/{runs[0]}", $"/compare?runs={string.Join(',', runs)}", "/compare", "/datasets", "/tokens", "/jobs", "/jobs?state=failed", "/studies/999999", "/not-found",
        ];
        await using var visit = await dashboard.OpenAsync();
        var found = new List<string>();
        foreach (var page in pages)
        {
            await visit.OpenAsync(page);
            await visit.ChartsAreDrawnAsync();
            await LookAsync(visit, page, found);
        }
        // Plain forms, without a circuit.
        foreach (var page in new[] { "/import", "/login" })
        {
            await visit.Page.GotoAsync(page);
            await LookAsync(visit, page, found);
        }
        found.AddRange(visit.Faults);
        Assert.True(found.Count == 0, string.Join("\n", found));
    }

    private static async Task LookAsync(WatchedPage visit, string page, List<string> found)
    {
        foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await visit.Page.EmulateMediaAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
            foreach (var width in s_widths)
            {
                await visit.Page.SetViewportSizeAsync(width, 900);
                var excess = await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
                if (excess > 0) found.Add($"{page} is {excess} px wider than a window of {width} px ({theme}).");
            }
            await visit.Page.SetViewportSizeAsync(1280, 900);
            found.AddRange(await visit.ExamineAsync($"{page} ({theme})"));
        }
    }
}
