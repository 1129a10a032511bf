using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace NcService.Web.Hosting;

/// <summary>Server-sent events about something in the store: one at once, one at each change, one every 15 s in between.</summary>
internal sealed class EventStream(TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Events until the thing has ended, the client has gone or the server stops. A client that reconnects begins with the present state.</summary>
    /// <param name="name">Name of the events.</param>
    /// <param name="read">Reads the present state; null ends the stream.</param>
    /// <param name="changeKey">What of the state counts as a change when it differs.</param>
    /// <param name="isFinal">Whether nothing can follow this state.</param>
    /// <param name="cancellationToken">The client's going.</param>
    public async IAsyncEnumerable<SseItem<T>> WatchAsync<T>(
        string name, Func<CancellationToken, Task<T?>> read, Func<T, object> changeKey, Func<T, bool> isFinal,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        object? lastKey = null;
        var lastSent = long.MinValue;
        while (await ReadAsync(read, end.Token) is { } state)
        {
            var key = changeKey(state);
            if (!key.Equals(lastKey) || time.GetElapsedTime(lastSent) >= s_heartbeat)
            {
                (lastKey, lastSent) = (key, time.GetTimestamp());
                yield return new SseItem<T>(state, name);
            }
            if (isFinal(state)) yield break;
            if (!await DelayAsync(end.Token)) yield break;
        }
    }

    private static async Task<T?> ReadAsync<T>(Func<CancellationToken, Task<T?>> read, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await read(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<bool> DelayAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(s_interval, time, cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
