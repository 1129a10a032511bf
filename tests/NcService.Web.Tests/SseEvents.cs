using System.Net.ServerSentEvents;
using System.Text.Json;

namespace NcService.Web.Tests;

/// <summary>Reads server-sent events one by one; waiting for one longer than a minute fails.</summary>
internal sealed class SseEvents : IAsyncDisposable
{
    private readonly CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
    private readonly IAsyncEnumerator<SseItem<string>> items;

    private SseEvents(Stream stream) => items = SseParser.Create(stream).EnumerateAsync(patience.Token).GetAsyncEnumerator(patience.Token);

    public static SseEvents Of(HttpResponseMessage response) => new(response.Content.ReadAsStream());

    /// <summary>The next event, or null at the stream's end.</summary>
    public async Task<(string Name, JsonElement Data)?> NextAsync() =>
        await items.MoveNextAsync() ? (items.Current.EventType, JsonSerializer.Deserialize<JsonElement>(items.Current.Data)) : null;

    public async ValueTask DisposeAsync()
    {
        await items.DisposeAsync();
        patience.Dispose();
    }
}
