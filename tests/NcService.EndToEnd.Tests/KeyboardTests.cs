using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>Without a mouse. A server that works itself, and a browser of its own.</summary>
[Collection(FirstVisit.Name)]
public sealed class KeyboardTests
{
    [SharedBrowserFact]
    public async Task The_keyboard_alone_leads_from_an_empty_store_to_a_permutation_result()
    {
        await using var server = await ServerProcess.StartAsync(executeJobs: true);
        await using var browser = await WebBrowser.StartAsync();
        await browser.SignInAsync(server.LoginLink);
        await using var visit = await browser.OpenAsync(server.Address);
        var page = visit.Page;
        await visit.OpenAsync("/");
        await Keyboard.TabToAsync(page, "import the published tables");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Import");
        await Keyboard.TabToAsync(page, "Drop a CSV file here, or choose one");
        var chooser = await page.RunAndWaitForFileChooserAsync(() => page.Keyboard.PressAsync("Enter"));
        await chooser.SetFilesAsync(SharedData.Path("golden/paper/lc-2024_05_18.csv"));
        await Keyboard.TabToAsync(page, "Import", within: "main");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("lc-2024_05_18");
        await LiveAsync();
        await visit.ChartsAreDrawnAsync();

        // Over scale: a choice in a panel that closes behind the focus, and an axis.
        await Keyboard.TabToAsync(page, "Held fixed: nothing");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".choice-panel")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".choice-panel")).Not.ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Enter");
        await Keyboard.TabToAsync(page, "SVG", starts: "Save the picture");
        await Expect(page.Locator(".choice-panel")).Not.ToBeVisibleAsync();

        await Keyboard.TabToAsync(page, "With scale held fixed");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".tabs a.active")).ToHaveTextAsync("With scale held fixed");
        await Keyboard.TabToAsync(page, "Run the test");
        await page.Keyboard.PressAsync("Enter");
        var p = page.Locator("tr[data-measurement=ncc_agreement_seen] [data-value=p]");
        await Expect(p).ToContainTextAsync("0.0", new() { Timeout = 60_000 });

        // The row that is chosen shows its null distribution.
        await Keyboard.TabToAsync(page, "Agreement over seen tokens", within: "table");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("tr.chosen")).ToHaveAttributeAsync("data-measurement", "ncc_agreement_seen");
        await Expect(page.Locator(".chart-box").First).ToContainClassAsync("drawn");
        await Expect(page.Locator("aside h2")).ToHaveTextAsync("Agreement over seen tokens");
        Assert.Empty(visit.Faults);

        Task LiveAsync() => page.Locator("main[data-interactive='true']").WaitForAsync();
    }
}
