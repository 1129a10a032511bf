using Microsoft.AspNetCore.Components;

namespace NcService.Web.Dashboard.Components;

/// <summary>
/// A page that reads the store when it is shown and again while it is looked at: often while something works, seldom otherwise. The reader
/// keeps what is on the page when a reading fails, and is told so.
/// </summary>
public abstract class LivePage : ComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan s_whileActive = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_whileIdle = TimeSpan.FromSeconds(10);
    private readonly CancellationTokenSource gone = new();
    private Task? watching;

    /// <summary>The clock.</summary>
    [Inject] protected TimeProvider Clock { get; set; } = null!;

    [Inject] private ILoggerFactory Loggers { get; set; } = null!;

    /// <summary>Now (UTC).</summary>
    protected DateTime Now => Clock.GetUtcNow().UtcDateTime;

    /// <summary>Cancelled when the reader leaves.</summary>
    protected CancellationToken Leaving => gone.Token;

    /// <summary>Why the page may be out of date, or null.</summary>
    protected string? Trouble { get; private set; }

    /// <summary>Something on the page changes by itself.</summary>
    protected abstract bool Active { get; }

    /// <summary>Reads what the page shows.</summary>
    protected abstract Task LoadAsync(CancellationToken cancellationToken);

    /// <inheritdoc />
    protected override Task OnParametersSetAsync() => ReadAsync();

    /// <inheritdoc />
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) watching = WatchAsync();
    }

    /// <summary>Reads and shows at once, after the reader did something.</summary>
    protected async Task RefreshAsync()
    {
        await ReadAsync();
        StateHasChanged();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await gone.CancelAsync();
        if (watching is not null) await watching;
        gone.Dispose();
        await LeaveAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the page holds.</summary>
    protected virtual ValueTask LeaveAsync() => ValueTask.CompletedTask;

    private async Task WatchAsync()
    {
        while (!Leaving.IsCancellationRequested)
        {
            await Task.Delay(Active || Trouble is not null ? s_whileActive : s_whileIdle, Clock, Leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!Leaving.IsCancellationRequested) await InvokeAsync(RefreshAsync);
        }
    }

    // What fails now is tried again by itself: a page outlives a store that is away for a moment.
    private async Task ReadAsync()
    {
        try
        {
            await LoadAsync(Leaving);
            Trouble = null;
        }
        catch (OperationCanceledException) when (Leaving.IsCancellationRequested)
        {
        }
        catch (Exception exception) when (exception is System.Data.Common.DbException or IOException or InvalidOperationException or TimeoutException)
        {
            Loggers.CreateLogger(GetType()).LogWarning(exception, "Reading the page failed");
            Trouble = "The store can’t be read just now. This page tries again by itself; until then what it shows may be out of date.";
        }
    }
}
