using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace NcService.EndToEnd.Tests;

/// <summary>Everything can be reached by the Tab key, is named and is seen when it is reached.</summary>
[Collection(DashboardTests.Name)]
public sealed class KeyboardStopTests(Dashboard dashboard)
{
    [SharedBrowserFact]
    public async Task Every_stop_of_the_Tab_key_is_named_seen_and_left_again()
    {
        var study = await dashboard.PaperAsync();
        await using var store = dashboard.OpenStore();
        var id = long.Parse(study.Split('/')[^1], CultureInfo.InvariantCulture);
        var runs = await store.Runs.Where(run => run.StudyId == id).OrderBy(run => run.Id).Select(run => run.Id).Take(3).ToListAsync();
        var (run, compare) = ($"/runs/{runs[0]}", $"/compare?runs={string.Join(',', runs)}");
        await using var visit = await dashboard.OpenAsync();
        var page = visit.Page;
        var faults = new List<string>();
        foreach (var (width, addresses) in new (int, string[])[]
        {
            (1280, ["/", "/studies", "/studies/new?preset=demo", $"{study}/scale", $"{study}/permutation", $"{study}/beyond", run, compare, "/jobs", "/datasets", "/tokens", "/import"]),
            (390, [$"{study}/scale", $"{study}/permutation", compare, run]),
        })
        {
            await page.SetViewportSizeAsync(width, 900);
            foreach (var address in addresses)
            {
                await page.GotoAsync(address);
                if (address is not "/import") await page.Locator("main[data-interactive='true']").WaitForAsync();
                var stops = new List<string>();
                do
                {
                    await page.Keyboard.PressAsync("Tab");
                    stops.Add(await Keyboard.StopAsync(page));
                }
                while (stops[^1].Length > 0 && stops.Count < Keyboard.MostStops && (stops.Count < 2 || stops[^1] != stops[^2]));
                if (stops[^1].Length > 0) faults.Add($"{address} at {width} px keeps the focus at {stops[^1]}");
                if (stops.Count < 4) faults.Add($"{address} at {width} px has {stops.Count} stops");
                faults.AddRange(stops.Where(stop => stop.StartsWith(Keyboard.Fault, StringComparison.Ordinal)).Select(stop => $"{address} at {width} px: {stop}"));
            }
        }
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }
}
