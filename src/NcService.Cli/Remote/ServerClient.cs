using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using NcService.Core;

namespace NcService.Cli.Remote;

/// <summary>NcService's API as the remote verbs use it. The server is named by NCSERVICE_URL, the token by NCSERVICE_TOKEN.</summary>
internal sealed class ServerClient : IDisposable
{
    public const string AddressVariable = "NCSERVICE_URL";

    public const string TokenVariable = "NCSERVICE_TOKEN";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(100);

    private readonly HttpClient _http;

    /// <summary>A client of the server that the environment, or <paramref name="address"/>, names.</summary>
    /// <exception cref="InputException">No server is named, or its address is no http(s) URL.</exception>
    public ServerClient(string? address = null)
    {
        var url = address ?? Environment.GetEnvironmentVariable(AddressVariable);
        if (string.IsNullOrWhiteSpace(url)) throw new InputException($"no server is named: set {AddressVariable}, such as http://127.0.0.1:5080, or give --server");
        if (!Uri.TryCreate(url.TrimEnd('/') + "/api/v1/", UriKind.Absolute, out var root) || root.Scheme is not ("http" or "https"))
            throw new InputException($"'{url}' is no address of a server; http://HOST:PORT or https://HOST is needed");
        _http = new HttpClient { BaseAddress = root, Timeout = Timeout.InfiniteTimeSpan };
        if (Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
    }

    /// <summary>GET of a path under /api/v1/.</summary>
    public Task<JsonNode> GetAsync(string path, CancellationToken ct) => SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), s_patience, ct);

    /// <summary>POST of JSON. The same key twice makes one job.</summary>
    public Task<JsonNode> PostAsync(string path, string json, string? idempotencyKey, CancellationToken ct) =>
        SendAsync(Post(path, () => new StringContent(json, Encoding.UTF8, "application/json"), idempotencyKey), s_patience, ct);

    /// <summary>POST of any content, which may take as long as it takes to send.</summary>
    public Task<JsonNode> PostAsync(string path, Func<HttpContent> content, string? idempotencyKey, CancellationToken ct) =>
        SendAsync(Post(path, content, idempotencyKey), Timeout.InfiniteTimeSpan, ct);

    private static Func<HttpRequestMessage> Post(string path, Func<HttpContent> content, string? idempotencyKey) =>
        () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content() };
            if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
            return request;
        };

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> SendAsync(Func<HttpRequestMessage> make, TimeSpan patience, CancellationToken ct)
    {
        using var request = make();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limited.CancelAfter(patience);
        try
        {
            using var response = await _http.SendAsync(request, limited.Token);
            var body = await response.Content.ReadAsStringAsync(limited.Token);
            if (response.IsSuccessStatusCode) return Parse(body) ?? throw new ServerUnreachableException($"{request.RequestUri} answered with no JSON; is it NcService?");
            throw Refusal(response.StatusCode, body, request.RequestUri!);
        }
        catch (HttpRequestException fault)
        {
            throw new ServerUnreachableException($"cannot reach {_http.BaseAddress!.GetLeftPart(UriPartial.Authority)}: {fault.Message}", fault);
        }
        catch (OperationCanceledException fault) when (!ct.IsCancellationRequested)
        {
            throw new ServerUnreachableException($"{_http.BaseAddress!.GetLeftPart(UriPartial.Authority)} did not answer within {patience.TotalSeconds:F0} s", fault);
        }
    }

    private static Exception Refusal(HttpStatusCode status, string body, Uri address)
    {
        var problem = Parse(body) as JsonObject;
        var said = Explanation(problem) ?? $"{address} answered {(int)status}";
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) said += $" ({TokenVariable} must hold a token with the right scope)";
        return (int)status >= 500 ? new ServerUnreachableException($"the server failed: {said}") : new InputException($"the server refused: {said}");
    }

    /// <summary>A problem+json's own words, with the fields it complains of.</summary>
    private static string? Explanation(JsonObject? problem)
    {
        if (problem is null) return null;
        var parts = new List<string>();
        if (Text(problem["detail"]) is { } detail) parts.Add(detail);
        else if (Text(problem["title"]) is { } title) parts.Add(title);
        if (problem["errors"] is JsonObject errors)
            parts.AddRange(errors.Select(error => $"{error.Key}: {string.Join(" ", (error.Value as JsonArray ?? []).Select(Text))}"));
        return parts.Count == 0 ? null : string.Join("; ", parts);
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static JsonNode? Parse(string body)
    {
        try
        {
            return JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
