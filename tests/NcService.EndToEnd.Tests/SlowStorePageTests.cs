using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using NcService.Platform.Store;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>What a reader meets when the store keeps silent. A browser of its own, as its server has a store of its own.</summary>
[Collection(FirstVisit.Name)]
public sealed class SlowStorePageTests(PostgreSqlServer database) : IClassFixture<PostgreSqlServer>
{
    [PostgreSqlBrowserFact]
    public async Task A_reader_of_a_silent_store_can_leave_is_told_and_asks_again_and_nothing_jumps()
    {
        var connection = await database.CreateDatabaseAsync();
        await using var server = await ServerProcess.StartAsync(executeJobs: false, connection);
        var study = await AddAsync(connection);
        await using var browser = await WebBrowser.StartAsync();
        await browser.SignInAsync(server.LoginLink);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        var heading = page.Locator("h1");
        var note = page.Locator(".store-note");
        await visit.OpenAsync("/studies");
        var held = await PostgreSqlLock.TakeAsync(connection);

        // From page to page, though none has its data.
        await page.GetByRole(AriaRole.Link, new() { Name = "A study to wait for" }).ClickAsync();
        await Expect(page.Locator("main > .skeleton")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Over scale" }).ClickAsync();
        await Expect(page).ToHaveURLAsync($"{server.Address}studies/{study}/scale");
        await page.GetByRole(AriaRole.Link, new() { Name = "Jobs", Exact = true }).ClickAsync();
        await Expect(heading).ToHaveTextAsync("Jobs and workers");
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Runs", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync($"{server.Address}studies/{study}");
        await Expect(page.Locator("main > .skeleton")).ToBeVisibleAsync();
        var places = await PlacesAsync();

        // After its patience the page says so, and asks again when it is told to.
        await Expect(note).ToContainTextAsync("The store has not answered for 8 seconds.");
        Assert.Equal(places, await PlacesAsync());
        var asked = await held.LatestWaitingAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask again now" }).ClickAsync();
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30)))
        {
            while (await held.LatestWaitingAsync() is not { } latest || latest <= asked) await Task.Delay(50, patience.Token);
        }

        await held.DisposeAsync();
        await Expect(heading).ToHaveTextAsync("A study to wait for");
        await Expect(page.Locator(".grid-runs tbody tr")).ToHaveCountAsync(3);
        await Expect(note).ToBeEmptyAsync();
        Assert.Equal(places, await PlacesAsync());

        // A page that is asked for anew is drawn all the same.
        await using (await PostgreSqlLock.TakeAsync(connection))
        {
            await visit.OpenAsync("/datasets");
            await Expect(heading).ToHaveTextAsync("Datasets");
            await Expect(page.Locator("main > .skeleton")).ToBeVisibleAsync();
        }
        await Expect(page.GetByText("No dataset yet")).ToBeVisibleAsync();
        Assert.Empty(visit.Faults);

        // Where heading, tabs and the first thing below them begin.
        Task<string> PlacesAsync() => page.EvaluateAsync<string>("() => ['h1', '.tabs', '.tabs + *'].map(what => Math.round(document.querySelector(what).getBoundingClientRect().y)).join(' ')");
    }

    private static async Task<long> AddAsync(string connection)
    {
        await using var store = new NcServiceContext(new DbContextOptionsBuilder<NcServiceContext>().UseNpgsql(connection).Options);
        var study = new Study { Name = "A study to wait for", ImportedFrom = "a test", CreatedAt = DateTime.UtcNow };
        study.Runs.AddRange(Enumerable.Range(0, 3).Select(seed => new Run
        {
            Name = $"01x0064_01d{seed:00}",
            Width = 64,
            Depth = 1,
            Epochs = 1,
            Seed = seed,
            Imported = true,
            ParameterCount = 1,
            CreatedAt = DateTime.UtcNow,
            ValidationLoss = 3 + seed,
        }));
        store.Studies.Add(study);
        await store.SaveChangesAsync();
        return study.Id;
    }
}
