using System.Net;
using System.Net.Http.Headers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>Tokens made and revoked on their page.</summary>
[Collection(DashboardTests.Name)]
public sealed class TokenPageTests(Dashboard dashboard)
{
    [BrowserFact]
    public async Task A_token_is_shown_once_lets_in_and_lets_nobody_in_once_it_is_revoked()
    {
        await using var visit = await dashboard.OpenAsync();
        var page = visit.Page;
        await visit.OpenAsync("/tokens");
        await page.GetByLabel("What it is for").FillAsync("a test");
        await page.GetByLabel("May").SelectOptionAsync("read");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        var secret = await page.Locator("[data-value=secret]").InnerTextAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/api/v1/studies", secret));
        // It may read over the API; pages may start work.
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("/tokens", secret));

        await page.ReloadAsync();
        await page.Locator("main[data-interactive='true']").WaitForAsync();
        await Expect(page.Locator("[data-value=secret]")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Yes, revoke" }).ClickAsync();
        await Expect(page.GetByText("Revoked")).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/api/v1/studies", secret));
        Assert.Empty(visit.Faults);
    }

    private async Task<HttpStatusCode> StatusAsync(string path, string token)
    {
        using var client = new HttpClient { BaseAddress = dashboard.Server.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }
}
