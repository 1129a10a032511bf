using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>Everything can be reached by the Tab key, is named and is seen when it is reached. A server that works itself, and a browser of its own.</summary>
[Collection(FirstVisit.Name)]
public sealed class KeyboardTests
{
    private const int MostStops = 250;
    private const string Fault = "FAULT";

    [SharedBrowserFact]
    public async Task The_keyboard_alone_leads_from_an_empty_store_to_a_permutation_result()
    {
        await using var server = await ServerProcess.StartAsync(executeJobs: true);
        await using var browser = await WebBrowser.StartAsync();
        await browser.SignInAsync(server.LoginLink);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await visit.OpenAsync("/");
        await TabToAsync(page, "import the published tables");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Import");
        await TabToAsync(page, "Drop a CSV file here, or choose one");
        var chooser = await page.RunAndWaitForFileChooserAsync(() => page.Keyboard.PressAsync("Enter"));
        await chooser.SetFilesAsync(SharedData.Path("golden/paper/lc-2024_05_18.csv"));
        await TabToAsync(page, "Import", within: "main");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("lc-2024_05_18");
        await LiveAsync();
        await visit.ChartsAreDrawnAsync();

        // Over scale: a choice in a panel that closes behind the focus, and an axis.
        await TabToAsync(page, "Held fixed: nothing");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".choice-panel")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".choice-panel")).Not.ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, "SVG", starts: "Save the picture");
        await Expect(page.Locator(".choice-panel")).Not.ToBeVisibleAsync();

        await TabToAsync(page, "With scale held fixed");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".tabs a.active")).ToHaveTextAsync("With scale held fixed");
        await TabToAsync(page, "Run the test");
        await page.Keyboard.PressAsync("Enter");
        var p = page.Locator("tr[data-measurement=ncc_agreement_seen] [data-value=p]");
        await Expect(p).ToContainTextAsync("0.0", new() { Timeout = 60_000 });

        // The row that is chosen shows its null distribution.
        await TabToAsync(page, "Agreement over seen tokens", within: "table");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("tr.chosen")).ToHaveAttributeAsync("data-measurement", "ncc_agreement_seen");
        await Expect(page.Locator(".chart-box").First).ToContainClassAsync("drawn");
        await Expect(page.Locator("aside h2")).ToHaveTextAsync("Agreement over seen tokens");
        Assert.Empty(visit.Faults);

        Task LiveAsync() => page.Locator("main[data-interactive='true']").WaitForAsync();
    }

    [SharedBrowserFact]
    public async Task Every_stop_of_the_Tab_key_is_named_seen_and_left_again()
    {
        await using var server = await ServerProcess.StartAsync(executeJobs: false);
        await using var browser = await WebBrowser.StartAsync();
        await browser.SignInAsync(server.LoginLink);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await page.GotoAsync("/import");
        await page.Locator("#file").SetInputFilesAsync(SharedData.Path("golden/paper/lc-2024_05_18.csv"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Import" }).ClickAsync();
        var study = new Uri(page.Url).AbsolutePath.Replace("/scale", "", StringComparison.Ordinal);
        var faults = new List<string>();
        foreach (var (width, addresses) in new (int, string[])[]
        {
            (1280, ["/", "/studies", "/studies/new?preset=demo", $"{study}/scale", $"{study}/permutation", $"{study}/beyond", "/runs/1", "/compare?runs=1,2,3", "/jobs", "/datasets", "/tokens", "/import"]),
            (390, [$"{study}/scale", $"{study}/permutation", "/compare?runs=1,2,3", "/runs/1"]),
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
                    stops.Add(await StopAsync(page));
                }
                while (stops[^1].Length > 0 && stops.Count < MostStops && (stops.Count < 2 || stops[^1] != stops[^2]));
                if (stops[^1].Length > 0) faults.Add($"{address} at {width} px keeps the focus at {stops[^1]}");
                if (stops.Count < 4) faults.Add($"{address} at {width} px has {stops.Count} stops");
                faults.AddRange(stops.Where(stop => stop.StartsWith(Fault, StringComparison.Ordinal)).Select(stop => $"{address} at {width} px: {stop}"));
            }
        }
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    /// <summary>Presses Tab until what has the name has the focus.</summary>
    private static async Task TabToAsync(IPage page, string name, string? within = null, string? starts = null)
    {
        for (var presses = 0; presses < MostStops; presses++)
        {
            await page.Keyboard.PressAsync("Tab");
            var stop = await StopAsync(page);
            Assert.False(stop.StartsWith(Fault, StringComparison.Ordinal), $"{page.Url}: {stop}");
            if (stop.Length > 0 && (starts is null ? stop.Split(" @ ")[1] == name : stop.Split(" @ ")[1].StartsWith(starts, StringComparison.Ordinal))
                && (within is null || await page.EvaluateAsync<bool>("within => document.activeElement.closest(within) !== null", within))) return;
        }
        Assert.Fail($"Tab does not lead to “{name}” on {page.Url}");
    }

    /// <summary>What has the focus, as "where it is @ its name"; empty behind the last stop. What has no name, is out of sight or does not look focused is a <see cref="Fault"/>.</summary>
    private static async Task<string> StopAsync(IPage page)
    {
        return await page.EvaluateAsync<string>(
            """
            () => {
                const it = document.activeElement;
                if (!it || it === document.body || it === document.documentElement) return '';
                const words = node => (node?.innerText ?? '').replace(/\s+/g, ' ').trim();
                const name = it.getAttribute('aria-label') || (it.getAttribute('aria-labelledby') ?? '').split(' ').map(id => words(document.getElementById(id))).join(' ').trim()
                    || [...(it.labels ?? [])].map(label => label.textContent.replace(/\s+/g, ' ').trim()).join(' ') || words(it);
                // A file field lies over what is seen of it.
                const seen = it.type === 'file' ? it.closest('.drop, .file-button') : it;
                const style = getComputedStyle(seen);
                const ring = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || (seen !== it && seen.matches(':focus-within'));
                const box = seen.getBoundingClientRect();
                const inSight = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
                const faults = [name ? '' : 'has no name', ring || it.matches('h1, main') ? '' : 'shows no ring', inSight ? '' : `is out of sight at ${Math.round(box.x)}, ${Math.round(box.y)}`].filter(fault => fault);
                const path = [];
                for (let node = it; node && node !== document.body; node = node.parentElement) path.unshift(`${node.localName}${[...(node.parentElement?.children ?? [])].indexOf(node)}`);
                return (faults.length ? `FAULT ${it.outerHTML.slice(0, 200)} ${faults.join(', ')}` : path.join('>')) + ' @ ' + name;
            }
            """);
    }
}
