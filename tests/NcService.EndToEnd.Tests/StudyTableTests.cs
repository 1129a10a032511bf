using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using NcService.Platform.Store;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>The table of a study's runs: filtered, annotated, compared, saved, and large.</summary>
[Collection(DashboardTests.Name)]
public sealed class StudyTableTests(Dashboard dashboard, ITestOutputHelper output)
{
    [SharedBrowserFact]
    public async Task An_address_restores_filter_order_and_columns_and_its_file_holds_the_same_rows()
    {
        var study = await dashboard.PaperAsync();
        await using var visit = await dashboard.OpenAsync();
        await visit.OpenAsync(study);
        await visit.Page.Locator("#run-width").SelectOptionAsync("768");
        await visit.Page.Locator("#run-depth").SelectOptionAsync("2");
        await visit.Page.GetByText("Columns", new() { Exact = true }).ClickAsync();
        await visit.Page.GetByLabel("Self-duality", new() { Exact = true }).CheckAsync();
        await visit.Page.Keyboard.PressAsync("Escape");
        await Expect(visit.Page.Locator("[data-value=count]")).ToContainTextAsync(" of ");
        await visit.Page.Locator(".grid-runs").GetByRole(AriaRole.Link, new() { Name = "Validation loss" }).ClickAsync();
        await visit.Page.WaitForURLAsync("**sort=loss**");
        await Expect(visit.Page.Locator(".grid-runs thead th").Filter(new() { HasText = "Validation loss" })).ToHaveAttributeAsync("aria-sort", "ascending");

        await using var again = await dashboard.OpenAsync();
        await again.OpenAsync(visit.Page.Url);
        await Expect(again.Page.Locator("#run-width")).ToHaveValueAsync("768");
        await Expect(again.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Self-duality" })).ToBeVisibleAsync();
        await again.Page.Locator(".grid-runs tbody tr td:nth-child(2) a").First.WaitForAsync();
        var count = await again.Page.Locator("[data-value=count]").InnerTextAsync();
        var shown = await again.Page.Locator(".grid-runs tbody tr td:nth-child(2) a").AllInnerTextsAsync();

        var download = await again.Page.RunAndWaitForDownloadAsync(() => again.Page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());
        var lines = await File.ReadAllLinesAsync(await download.PathAsync());
        Assert.StartsWith("model,width,depth,", lines[0], StringComparison.Ordinal);
        Assert.Contains(",selfdual_mean,", lines[0], StringComparison.Ordinal);
        Assert.Equal(int.Parse(count.Split(' ')[0], CultureInfo.InvariantCulture), lines.Length - 1);
        Assert.Equal(shown.Take(5), lines[1..6].Select(line => line.Split(',')[0]));
        var losses = lines[1..].Select(line => double.Parse(line.Split(',')[Array.IndexOf(lines[0].Split(','), "loss")], CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(losses.Order(), losses);
        Assert.Empty(visit.Faults);
        Assert.Empty(again.Faults);
    }

    [SharedBrowserFact]
    public async Task Every_column_sorts_both_ways_with_missing_values_last()
    {
        var study = await dashboard.PaperAsync();
        await using var visit = await dashboard.OpenAsync();
        await visit.OpenAsync(study);
        string[] keys = ["width", "depth", "epochs", "decay", "seed", "parameters", "loss", "accuracy", "trainloss", "seconds", "selfdual_mean", "etf_error"];
        var columns = await ColumnsAsync([.. keys.SelectMany(key => new[] { (key, key), ("-" + key, key) })]);
        for (var i = 0; i < keys.Length; i++)
        {
            var (up, down) = (columns[2 * i], columns[2 * i + 1]);
            var known = up.OfType<double>().ToList();
            Assert.Equal(known.Order().Cast<double?>().Concat(up.Where(value => value is null)), up);
            Assert.Equal(known.OrderDescending().Cast<double?>().Concat(up.Where(value => value is null)), down);
        }
        Assert.All(await ColumnsAsync([.. new[] { "name", "-name", "state", "-state", "tags", "-tags", "size", "no such column", "size&state=done" }.Select(sort => (sort, "loss"))]), rows => Assert.Equal(230, rows.Count));
        Assert.All(await ColumnsAsync([("size&state=running", "loss"), ("size&state=failed", "loss")]), Assert.Empty);
        Assert.Empty(visit.Faults);

        async Task<List<List<double?>>> ColumnsAsync(List<(string Sort, string Column)> asked)
        {
            var texts = await visit.Page.EvaluateAsync<string[]>(
                "addresses => Promise.all(addresses.map(address => fetch(address).then(answer => answer.ok ? answer.text() : Promise.reject(answer.status))))",
                asked.ConvertAll(one => $"/dashboard{study}/runs.csv?c={one.Column}&sort={one.Sort}"));
            return [.. texts.Select(text => text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')[1])
                .Select(cell => cell.Length == 0 ? (double?)null : double.Parse(cell, CultureInfo.InvariantCulture)).ToList())];
        }
    }

    [BrowserFact]
    public async Task Chosen_runs_are_tagged_filtered_by_the_tag_and_compared()
    {
        var study = await AddAsync("a study to annotate", 6);
        await using var visit = await dashboard.OpenAsync();
        var page = visit.Page;
        await visit.OpenAsync($"/studies/{study}");
        await page.GetByLabel("Choose 01x0064_01d0001").CheckAsync();
        await page.GetByLabel("Choose 01x0064_01d0004").CheckAsync();
        await page.GetByLabel("Tag for the chosen runs").FillAsync("Odd");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add tag" }).ClickAsync();
        await page.Locator("#run-tag").SelectOptionAsync("odd");
        await Expect(page.Locator("[data-value=count]")).ToHaveTextAsync("2 of 6");

        await page.GetByRole(AriaRole.Link, new() { Name = "Compare" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("2 runs beside each other");
        await Expect(page.Locator("table.compare tbody tr").Filter(new() { HasText = "Seed" }).Locator("td").First).ToHaveTextAsync("1 ▾");

        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add notes and tags" }).ClickAsync();
        await page.GetByLabel("Notes").FillAsync("Six runs, two of them odd.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Expect(page.GetByText("Six runs, two of them odd.")).ToBeVisibleAsync();
        await using var store = dashboard.OpenStore();
        Assert.Equal("Six runs, two of them odd.", (await store.Studies.SingleAsync(row => row.Id == study)).Notes);
        Assert.Equal(2, await store.Runs.CountAsync(run => run.StudyId == study && run.Tags == ",odd,"));
        Assert.Empty(visit.Faults);
    }

    [BrowserFact]
    public async Task Ten_thousand_runs_scroll_sort_and_filter()
    {
        // The page reads itself again after ten seconds: what shows sooner is there because it was asked for.
        const float soon = 8_000;
        const int count = 10_000;
        const int rounds = 5;
        var study = await AddAsync("ten thousand runs", count);
        // A server that has just started compiles what it runs for the first time.
        await using (var warm = await dashboard.OpenAsync()) await warm.OpenAsync($"/studies/{await AddAsync("a few runs", 3)}");
        await using var visit = await dashboard.OpenAsync();
        var page = visit.Page;
        // Tall enough for the whole table to be in sight.
        await page.SetViewportSizeAsync(1280, 1400);
        await page.GotoAsync($"/studies/{study}");
        await page.Locator("main[data-interactive='true']").WaitForAsync();
        output.WriteLine($"first contentful paint: {await page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime"):F0} ms");

        var times = new Dictionary<string, List<double>>();
        for (var round = 0; round < rounds; round++)
        {
            await TimeAsync("scroll to the end", () => ScrollAsync("box.scrollHeight"), "01x0064_01d9999");
            await TimeAsync("scroll to the middle", () => ScrollAsync("box.scrollHeight / 2"), "01x0064_01d5005");
            // Another order is looked at from the top. The run without a loss comes last either way.
            await TimeAsync("sort by validation loss", () => PressAsync("Validation loss"), "01x0064_01d9998");
            await TimeAsync("turn the order round", () => PressAsync("Validation loss"), "01x0064_01d0000");
            await TimeAsync("scroll to the end of that order", () => ScrollAsync("box.scrollHeight"), "01x0064_01d9999");
            // From the end of the list to the few that match, to none, and back to the beginning.
            await TimeAsync("filter by name", () => page.GetByLabel("Name or note").FillAsync("d777"), "01x0064_01d7770");
            await Expect(page.Locator("[data-value=count]")).ToContainTextAsync("10 of", new() { Timeout = soon });
            await Expect(page.Locator(".grid-runs tbody tr")).ToHaveCountAsync(10);
            await page.GetByLabel("Name or note").FillAsync("nothing like it");
            await Expect(page.GetByText("No run matches.")).ToBeVisibleAsync(new() { Timeout = soon });
            await TimeAsync("filter by nothing", () => page.GetByLabel("Name or note").FillAsync(""), "01x0064_01d0000");
            await PressAsync("Validation loss");
            await Expect(page.Locator(".grid-runs thead th").Filter(new() { HasText = "Validation loss" })).Not.ToHaveAttributeAsync("aria-sort", "descending", new() { Timeout = soon });
        }
        await PressAsync("Validation loss");
        await Expect(Row("01x0064_01d9998")).ToBeVisibleAsync(new() { Timeout = soon });
        await page.GoBackAsync();
        await Expect(Row("01x0064_01d0000")).ToBeVisibleAsync(new() { Timeout = soon });
        Assert.Empty(visit.Faults);
        foreach (var (what, taken) in times) output.WriteLine($"{what}: median {taken.Order().ElementAt(taken.Count / 2):F0} ms, longest {taken.Max():F0} ms of {taken.Count}");

        ILocator Row(string name) => page.Locator(".grid-runs").GetByRole(AriaRole.Link, new() { Name = name, Exact = true });
        Task ScrollAsync(string to) => page.Locator(".grid-runs .rz-data-grid-data").EvaluateAsync($"box => {{ box.scrollTop = {to}; }}");

        // With the mouse itself, where Playwright would first wait for the heading to stand still.
        async Task PressAsync(string heading)
        {
            var place = await page.Locator(".grid-runs thead").GetByRole(AriaRole.Link, new() { Name = heading }).BoundingBoxAsync();
            await page.Mouse.ClickAsync(place!.X + place.Width / 2, place.Y + place.Height / 2);
        }

        // What a reader waits for, by the browser's clock: from the press, letter or scroll to the picture with the row in it.
        async Task TimeAsync(string what, Func<Task> act, string row)
        {
            await page.EvaluateAsync(
                """
                row => {
                    let from;
                    for (const type of ['pointerdown', 'input', 'scroll']) addEventListener(type, event => { from ??= event.timeStamp; }, { capture: true, once: true });
                    window.shown = new Promise(resolve => {
                        const look = () => {
                            const link = from && [...document.querySelectorAll('.grid-runs tbody a')].find(link => link.textContent === row);
                            const place = link?.getBoundingClientRect();
                            if (place && document.elementFromPoint(place.x + 5, place.y + 5) === link) setTimeout(() => resolve(performance.now() - from));
                            else requestAnimationFrame(look);
                        };
                        look();
                    });
                }
                """, row);
            await act();
            var taken = await page.EvaluateAsync<double>("limit => Promise.race([shown, new Promise(end => setTimeout(() => end(-1), limit))])", (int)soon);
            Assert.True(taken > 0, $"{what}: {row} did not come");
            if (!times.TryGetValue(what, out var all)) times[what] = all = [];
            all.Add(taken);
        }
    }

    [BrowserFact]
    public async Task A_scroll_in_the_very_moment_another_order_comes_is_not_undone()
    {
        var study = await AddAsync("scrolled at once", 200);
        await using var visit = await dashboard.OpenAsync();
        var page = visit.Page;
        await page.SetViewportSizeAsync(1280, 1400);
        await page.GotoAsync($"/studies/{study}");
        await page.Locator("main[data-interactive='true']").WaitForAsync();
        await page.EvaluateAsync(
            """
            new MutationObserver((_, observer) => {
                if (document.querySelector('.grid-runs tbody a')?.textContent !== '01x0064_01d0198') return;
                observer.disconnect();
                // After the page's own scripts have seen the rows, and before the server hears of them.
                const box = document.querySelector('.grid-runs .rz-data-grid-data');
                queueMicrotask(() => { box.scrollTop = box.scrollHeight; });
            }).observe(document.querySelector('.grid-box'), { subtree: true, childList: true, attributes: true })
            """);
        await page.Locator(".grid-runs thead").GetByRole(AriaRole.Link, new() { Name = "Validation loss" }).ClickAsync();
        await Expect(page.Locator(".grid-runs").GetByRole(AriaRole.Link, new() { Name = "01x0064_01d0199", Exact = true })).ToBeInViewportAsync();
        // And stays there, when all that the server had to say is done.
        await page.EvaluateAsync("new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
        Assert.True(await page.Locator(".grid-runs .rz-data-grid-data").EvaluateAsync<double>("box => box.scrollTop") > 1000);
        Assert.Empty(visit.Faults);
    }

    [BrowserFact]
    public async Task Rows_and_their_count_are_there_before_any_script()
    {
        var study = await AddAsync("a study without scripts", 40);
        await using var visit = await dashboard.Browser.OpenAsync(dashboard.Server.Address, scripts: false);
        await visit.Page.GotoAsync($"/studies/{study}?q=d003&sort=loss");
        await Expect(visit.Page.Locator("[data-value=count]")).ToHaveTextAsync("10 of 40");
        await Expect(visit.Page.Locator(".grid-runs tbody tr a").First).ToHaveTextAsync("01x0064_01d0038");
        await visit.Page.Locator(".grid-runs thead").GetByRole(AriaRole.Link, new() { Name = "Validation loss" }).ClickAsync();
        await Expect(visit.Page.Locator(".grid-runs tbody tr a").First).ToHaveTextAsync("01x0064_01d0030");
    }

    /// <summary>A study of imported runs whose losses fall from the first to the last but one; the last has none.</summary>
    private async Task<long> AddAsync(string name, int count)
    {
        await using var store = dashboard.OpenStore();
        store.ChangeTracker.AutoDetectChangesEnabled = false;
        var study = new Study { Name = name, ImportedFrom = "a test", CreatedAt = DateTime.UtcNow };
        study.Runs.AddRange(Enumerable.Range(0, count).Select(i => new Run
        {
            Name = $"01x0064_01d{i:0000}",
            Width = 64,
            Depth = 1,
            Epochs = 1,
            Seed = i,
            Imported = true,
            ParameterCount = 100_000,
            CreatedAt = DateTime.UtcNow,
            ValidationLoss = i == count - 1 ? null : 5 - 4.0 * i / count,
            Analyses = { new Analysis { CreatedAt = DateTime.UtcNow, Measurements = { new MeasurementRow { Name = "cdnv", Value = 1 + i } } } },
        }));
        store.Studies.Add(study);
        await store.SaveChangesAsync();
        return study.Id;
    }
}
