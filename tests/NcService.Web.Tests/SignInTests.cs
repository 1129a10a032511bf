using System.Net;
using System.Security.Cryptography;
using System.Text;
using NcService.Platform.Store;
using NcService.Web.SignIn;

namespace NcService.Web.Tests;

public sealed class SignInTests(ApiServer server) : IClassFixture<ApiServer>
{
    /// <summary>What a stranger may see: whether the server lives, and the door.</summary>
    private static readonly string[] s_open = ["/health/live", "/health/ready", "/login", "/logout"];

    [Fact]
    public async Task Every_endpoint_is_closed_to_strangers_except_health_and_the_door()
    {
        server.StartServer();
        var endpoints = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.True(endpoints.Count > 15);
        foreach (var endpoint in endpoints)
        {
            var path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/').TrimEnd('/').Replace("{documentName}", "v1", StringComparison.Ordinal).Replace("{id}", "1", StringComparison.Ordinal);
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                using var response = await server.Stranger.SendAsync(request);
                var open = s_open.Contains(path);
                Assert.True(open != (response.StatusCode == HttpStatusCode.Unauthorized), $"{method} {path}: {(int)response.StatusCode}");
            }
        }
    }

    [Theory]
    [InlineData("/swagger/index.html")]
    [InlineData("/swagger/swagger-ui-bundle.js")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/_blazor")]
    [InlineData("/_blazor/negotiate")]
    [InlineData("/api/v1/no-such-thing")]
    [InlineData("/")]
    public async Task Other_addresses_are_closed_too(string path)
    {
        using var response = await server.Stranger.GetAsync(path);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_browser_without_cookie_is_led_to_the_door_and_back()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/swagger/index.html");
        request.Headers.Accept.ParseAdd("text/html");
        using var response = await server.Stranger.SendAsync(request);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/login?returnUrl=%2Fswagger%2Findex.html", response.Headers.Location?.PathAndQuery);
    }

    [Theory]
    [InlineData("/no-such-page", "text/html", "Nothing lives here")]
    [InlineData("/no-such-page", "image/png", "")]
    [InlineData("/api/v1/no-such-thing", "text/html", "There is nothing at /api/v1/no-such-thing")]
    public async Task What_is_not_there_is_a_page_for_people_and_a_problem_for_programs(string path, string accepts, string answer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(accepts);
        using var response = await server.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var body = await response.Content.ReadAsStringAsync();
        Assert.Contains(answer, body, StringComparison.Ordinal);
        Assert.Equal(answer.Length == 0, body.Length == 0);
    }

    [Theory]
    [InlineData("read", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData("submit", HttpStatusCode.OK, HttpStatusCode.NotFound)]
    [InlineData("admin", HttpStatusCode.OK, HttpStatusCode.NotFound)]
    public async Task A_token_allows_what_its_scope_says(string scope, HttpStatusCode read, HttpStatusCode submit)
    {
        using var client = server.CreateClient(await StoreTokenAsync(scope));

        using var reading = await client.GetAsync("/api/v1/studies");
        using var submitting = await client.PostAsync("/api/v1/jobs/999999/cancel", null);

        Assert.Equal((read, submit), (reading.StatusCode, submitting.StatusCode));
        Assert.All(submit == HttpStatusCode.OK ? [reading] : new[] { submitting }, response => Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType));
    }

    [Theory]
    [InlineData("read", HttpStatusCode.OK, true)]
    [InlineData("submit", HttpStatusCode.OK, false)]
    public async Task Pages_need_the_scope_to_submit_as_they_do_not_ask_again(string scope, HttpStatusCode document, bool pagesAreClosed)
    {
        using var client = server.CreateClient(await StoreTokenAsync(scope));

        using var openApi = await client.GetAsync("/openapi/v1.json");
        using var page = await client.GetAsync("/");
        using var hub = await client.GetAsync("/_blazor");

        Assert.Equal(document, openApi.StatusCode);
        Assert.Equal(pagesAreClosed, page.StatusCode == HttpStatusCode.Forbidden);
        Assert.Equal(pagesAreClosed, hub.StatusCode == HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_expired_and_a_revoked_token_open_nothing()
    {
        var expired = await StoreTokenAsync("admin", token => token.ExpiresAt = DateTime.UtcNow.AddMinutes(-1));
        var revoked = await StoreTokenAsync("admin", token => token.RevokedAt = DateTime.UtcNow);
        var lasting = await StoreTokenAsync("admin", token => token.ExpiresAt = DateTime.UtcNow.AddMinutes(10));

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(expired));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(revoked));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(lasting));
    }

    [Fact]
    public async Task The_printed_link_signs_in_one_browser_once()
    {
        server.StartServer();
        var link = server.Services.GetRequiredService<LoginLink>().Under("")!;
        using var wrong = await server.Stranger.GetAsync("/login?code=AAAA");
        using var first = await server.Stranger.GetAsync(link);
        using var second = await server.Stranger.GetAsync(link);

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal("/", first.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
        var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/studies");
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        using var inside = await server.Stranger.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, inside.StatusCode);
        Assert.Null(server.Services.GetRequiredService<LoginLink>().Under(""));
    }

    [Theory]
    [InlineData("/studies/1?tab=runs", "/studies/1?tab=runs")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("", "/")]
    public async Task Signing_in_with_a_token_leads_back_to_an_own_page_only(string returnUrl, string target)
    {
        var token = await StoreTokenAsync("read");
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["token"] = token, ["returnUrl"] = returnUrl });
        using var response = await server.Stranger.PostAsync("/login", form);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(target, response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Revoking_a_token_shuts_out_the_browsers_it_let_in()
    {
        var token = await StoreTokenAsync("read");
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["token"] = token });
        using var entered = await server.Stranger.PostAsync("/login", form);
        var cookie = entered.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        await server.InStoreAsync(async context =>
        {
            context.ApiTokens.Single(stored => stored.Hash == Hash(token)).RevokedAt = DateTime.UtcNow;
            return await context.SaveChangesAsync();
        });

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/studies");
        request.Headers.Add("Cookie", cookie);
        using var response = await server.Stranger.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task The_store_and_the_files_hold_no_token_that_others_can_read()
    {
        _ = server.Client;
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(server.DataDirectory, "api-token")));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(server.DataDirectory, "keys")));
        }
        var token = await StoreTokenAsync("read");
        Assert.DoesNotContain(token, await server.InStoreAsync(context => Task.FromResult(string.Join(' ', context.ApiTokens.Select(stored => stored.Hash + stored.Name)))), StringComparison.Ordinal);
    }

    private static string Hash(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private async Task<string> StoreTokenAsync(string scopes, Action<ApiToken>? change = null)
    {
        var token = "nct_" + Guid.NewGuid().ToString("N");
        var stored = new ApiToken { Name = "test", Hash = Hash(token), Scopes = scopes, CreatedAt = StoredStudy.Noon };
        change?.Invoke(stored);
        await server.AddAsync(stored);
        return token;
    }

    private async Task<HttpStatusCode> StatusAsync(string token)
    {
        using var client = server.CreateClient(token);
        using var response = await client.GetAsync("/api/v1/studies");
        return response.StatusCode;
    }
}

public sealed class TokenGuessingTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Guessing_tokens_is_slowed_down_while_good_tokens_still_work()
    {
        using var guesser = server.CreateClient("nct_guess");
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 25; i++)
        {
            using var response = await guesser.GetAsync("/api/v1/studies");
            statuses.Add(response.StatusCode);
        }

        Assert.Equal(20, statuses.Count(status => status == HttpStatusCode.Unauthorized));
        Assert.Equal(5, statuses.Count(status => status == HttpStatusCode.TooManyRequests));
        await server.GetJsonAsync("/api/v1/studies");
    }
}
