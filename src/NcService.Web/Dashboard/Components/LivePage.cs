using Microsoft.AspNetCore.Components;

namespace NcService.Web.Dashboard.Components;

/// <summary>
/// A page that reads the store when it is shown and again while it is looked at: often while something works, seldom otherwise. The reader
/// keeps what is on the page when a reading fails or is not answered, and is told so.
/// </summary>
public abstract class LivePage : ComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan s_whileActive = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_whileIdle = TimeSpan.FromSeconds(10);
    private StoreReading reading = null!;
    private Task? watching;

    /// <summary>The clock.</summary>
    [Inject] protected TimeProvider Clock { get; set; } = null!;

    [Inject] private StoreWatch Store { get; set; } = null!;

    /// <summary>Now (UTC).</summary>
    protected DateTime Now => Clock.GetUtcNow().UtcDateTime;

    /// <summary>Cancelled when the reader leaves.</summary>
    protected CancellationToken Leaving => reading.Leaving;

    /// <summary>Something on the page changes by itself.</summary>
    protected abstract bool Active { get; }

    /// <summary>Reads what the page shows. The token ends with the reading: what goes on after it takes <see cref="Leaving"/>.</summary>
    protected abstract Task LoadAsync(CancellationToken cancellationToken);

    /// <inheritdoc />
    protected override void OnInitialized() => reading = Store.Of(GetType().Name, () => InvokeAsync(RefreshAsync));

    /// <inheritdoc />
    protected override Task OnParametersSetAsync() => Store.ToDrawAsync(reading.ReadAsync(LoadAsync), RendererInfo.IsInteractive);

    /// <inheritdoc />
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) watching = WatchAsync();
    }

    /// <summary>Reads and shows at once, after the reader did something.</summary>
    protected Task RefreshAsync() => ReadAsync(LoadAsync);

    /// <summary>Reads a part of the page and shows it.</summary>
    protected async Task ReadAsync(Func<CancellationToken, Task> read)
    {
        await reading.ReadAsync(read);
        StateHasChanged();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        reading.Dispose();
        if (watching is not null) await watching;
        GC.SuppressFinalize(this);
    }

    private async Task WatchAsync()
    {
        while (!Leaving.IsCancellationRequested)
        {
            await Task.Delay(Active || reading.Trouble != StoreTrouble.None ? s_whileActive : s_whileIdle, Clock, Leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // What is not answered yet is not asked for twice. What fails is asked for again: a page outlives a store that is away for a moment.
            if (!Leaving.IsCancellationRequested && !reading.Going) await InvokeAsync(RefreshAsync);
        }
    }
}
