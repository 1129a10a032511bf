using System.Net;
using System.Text.Json;

namespace NcService.Web.Tests;

public sealed class TokenTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_token_lets_in_what_its_scope_allows_until_it_is_revoked()
    {
        var made = await CreateAsync("read");
        var token = made.GetProperty("token").GetString()!;
        using var client = server.CreateClient(token);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/jobs")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync("/api/v1/jobs/1/cancel", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/api/v1/tokens")).StatusCode);

        var id = made.GetProperty("id").GetInt64();
        var listed = (await server.GetJsonAsync("/api/v1/tokens")).Items().Single(item => item.GetProperty("id").GetInt64() == id);
        Assert.Equal(JsonValueKind.Null, listed.GetProperty("token").ValueKind);
        Assert.NotEqual(JsonValueKind.Null, listed.GetProperty("lastUsedAt").ValueKind);
        Assert.DoesNotContain(token, await server.Client.GetStringAsync("/api/v1/tokens"), StringComparison.Ordinal);

        using var revoked = await server.Client.DeleteAsync($"/api/v1/tokens/{id}");
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/jobs")).StatusCode);
    }

    [Theory]
    [InlineData("submit", HttpStatusCode.Forbidden)]
    [InlineData("admin", HttpStatusCode.OK)]
    public async Task Only_an_admin_sees_tokens_and_webhooks(string scope, HttpStatusCode expected)
    {
        using var client = server.CreateClient((await CreateAsync(scope)).GetProperty("token").GetString()!);
        Assert.Equal(expected, (await client.GetAsync("/api/v1/tokens")).StatusCode);
        Assert.Equal(expected, (await client.GetAsync("/api/v1/webhooks")).StatusCode);
    }

    private async Task<JsonElement> CreateAsync(string scope)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens") { Content = JsonContent.Create(new { name = "test", scope, expiresAt = DateTime.UtcNow.AddDays(1) }) };
        var (status, json) = await ApiServer.SendAsync(server.Client, request);
        Assert.True(status == HttpStatusCode.Created, json.ToString());
        return json;
    }
}
