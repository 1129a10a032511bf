using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using NcService.Platform.Store;
using NcService.Web.Dashboard;
using NcService.Web.SignIn;

namespace NcService.Web.Tests;

/// <summary>Pages of a server whose store keeps silent: somebody holds every table of PostgreSQL.</summary>
public sealed class SlowStoreTests(PostgreSqlServer database) : IClassFixture<PostgreSqlServer>
{
    // These read nothing, or not before somebody acts.
    private static readonly string[] s_withoutStore = ["/not-found", "/studies/new"];

    [PostgreSqlFact]
    public async Task Whom_only_the_store_knows_is_told_that_it_does_not_answer()
    {
        var connection = await database.CreateDatabaseAsync();
        using var server = new PostgreSqlApiServer(connection);
        server.StartServer();
        var (_, secret) = await server.Services.GetRequiredService<TokenService>().CreateAsync("a reader", Scopes.Submit, null, CancellationToken.None);
        using var form = new FormUrlEncodedContent([new("token", secret)]);
        using var entered = await server.Stranger.PostAsync("/login", form);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/studies");
        request.Headers.Add("Cookie", entered.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        request.Headers.Accept.ParseAdd("text/html");
        await using var held = await PostgreSqlLock.TakeAsync(connection);
        using var answer = await server.Stranger.SendAsync(request);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("The store does not answer", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task Every_page_is_drawn_without_its_data_and_with_them_once_the_store_answers()
    {
        var connection = await database.CreateDatabaseAsync();
        using var server = new PostgreSqlApiServer(connection);
        const string name = "a study behind a lock";
        var study = await server.AddAsync(StoredStudy.Trained(name));
        await server.AddAsync(new Dataset { Name = "a dataset behind a lock", Specification = """{"contextLength":128}""", ContextLength = 128, CreatedAt = StoredStudy.Noon });
        var pages = typeof(App).Assembly.GetTypes().SelectMany(type => type.GetCustomAttributes<RouteAttribute>()).Select(route => Regex.Replace(route.Template, "{[^}]*}", $"{study.Id}", RegexOptions.None, TimeSpan.FromSeconds(1))).ToList();
        Assert.True(pages.Count > 14);
        await using (await PostgreSqlLock.TakeAsync(connection))
        {
            var drawn = await Task.WhenAll(pages.Select(async page => (Page: page, Html: await PageAsync(page))));
            foreach (var (page, html) in drawn)
            {
                Assert.True(html.Contains("<h1", StringComparison.Ordinal) || page == "/", $"{page} has no heading");
                if (!s_withoutStore.Contains(page)) Assert.True(html.Contains("aria-label=\"Loading\"", StringComparison.Ordinal) || html.Contains("has not said", StringComparison.Ordinal), $"{page} does not say that it waits");
                // Drawn before any question was given up, which takes half a minute.
                Assert.False(html.Contains("The store has", StringComparison.Ordinal) && page != "/import", $"{page} waited for the store");
                Assert.DoesNotContain("behind a lock", html, StringComparison.Ordinal);
            }
            foreach (var tab in new[] { "", "/scale", "/permutation", "/beyond" })
                Assert.All(drawn.Where(one => one.Page.StartsWith($"/studies/{study.Id}", StringComparison.Ordinal)), one => Assert.Contains($"href=\"studies/{study.Id}{tab}\"", one.Html, StringComparison.Ordinal));
        }
        foreach (var page in new[] { "/", "/studies", $"/studies/{study.Id}", $"/studies/{study.Id}/scale", $"/runs/{study.Id}", "/datasets", $"/datasets/{study.Id}" }) Assert.Contains("behind a lock", await PageAsync(page), StringComparison.Ordinal);

        async Task<string> PageAsync(string page)
        {
            using var response = await server.Client.GetAsync(page);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync());
        }
    }
}
