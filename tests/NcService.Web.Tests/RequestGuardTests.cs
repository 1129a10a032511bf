using System.Net;

namespace NcService.Web.Tests;

public sealed class RequestGuardTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:5080")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("0.0.0.0")]
    [InlineData("169.254.169.254")]
    public async Task A_foreign_host_name_is_refused_even_with_a_good_token(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/studies");
        request.Headers.Host = host;
        var (status, problem) = await ApiServer.SendAsync(server.Client, request);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("AllowedHosts", problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    public async Task Loopback_names_are_ours_with_any_port(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/studies");
        request.Headers.Host = host + ":5080";
        Assert.Equal(HttpStatusCode.OK, (await ApiServer.SendAsync(server.Client, request)).Status);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "http://127.0.0.1:1", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.NotFound)]
    public async Task A_change_asked_for_by_a_foreign_page_is_refused(string header, string value, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/jobs/999999/cancel");
        request.Headers.TryAddWithoutValidation(header, value);
        Assert.Equal(expected, (await ApiServer.SendAsync(server.Client, request)).Status);
    }

    [Fact]
    public async Task A_change_asked_for_by_an_own_page_is_done()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/jobs/999999/cancel");
        request.Headers.TryAddWithoutValidation("Origin", server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.NotFound, (await ApiServer.SendAsync(server.Client, request)).Status);
    }

    [Fact]
    public async Task A_socket_opened_by_a_foreign_page_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/_blazor");
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Origin", "http://evil.example");
        using var response = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/studies")]
    [InlineData("/api/v1/no-such-thing")]
    [InlineData("/login")]
    [InlineData("/swagger/index.html")]
    [InlineData("/health/live")]
    public async Task Every_answer_carries_the_security_headers(string path)
    {
        using var response = await server.Client.GetAsync(path);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'self' 'unsafe", policy, StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }
}
