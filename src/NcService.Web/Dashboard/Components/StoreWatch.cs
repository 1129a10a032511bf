namespace NcService.Web.Dashboard.Components;

/// <summary>How the store treats a reader.</summary>
public enum StoreTrouble
{
    /// <summary>It answers.</summary>
    None,

    /// <summary>It has not answered for longer than <see cref="StoreWatch.Patience"/>.</summary>
    Slow,

    /// <summary>It refuses, or is gone.</summary>
    Away,
}

/// <summary>
/// What one reader waits for. Every part of a page that reads the store does so by a <see cref="StoreReading"/>; when one is not answered, or refused, it is
/// told here, and <see cref="StoreNote"/> tells the reader, wherever on the page that part is. One for each circuit.
/// </summary>
public sealed class StoreWatch(TimeProvider clock, ILogger<StoreWatch> log)
{
    /// <summary>How long is waited for the store until the reader is told.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>How long a page that is drawn before it is live waits for its data. It is sent without them then, and the live page reads on.</summary>
    public static readonly TimeSpan DrawnWithin = TimeSpan.FromSeconds(1);

    private readonly Lock turn = new();
    private readonly Dictionary<StoreReading, StoreTrouble> troubles = [];

    /// <summary>Somebody's trouble has begun or ended; on any thread.</summary>
    public event EventHandler? Changed;

    /// <summary>The worst trouble of any part of the page.</summary>
    public StoreTrouble Trouble
    {
        get
        {
            lock (turn) return troubles.Count == 0 ? StoreTrouble.None : troubles.Values.Max();
        }
    }

    /// <summary>A part of the page that reads the store.</summary>
    /// <param name="part">Its name, for the log.</param>
    /// <param name="again">Reads and shows it again; on any thread.</param>
    public StoreReading Of(string part, Func<Task> again) => new(this, clock, log, part, again);

    /// <summary>Waits until a part is read: for ever where the page is live, so that it is shown when the answer comes; not for long where it is only drawn.</summary>
    public async Task ToDrawAsync(Task reading, bool live)
    {
        if (live) await reading;
        else await await Task.WhenAny(reading, Task.Delay(DrawnWithin, clock, CancellationToken.None));
    }

    /// <summary>Asks anew for everything that is not answered.</summary>
    public Task AskAgainAsync()
    {
        List<StoreReading> unanswered;
        lock (turn) unanswered = [.. troubles.Keys];
        return Task.WhenAll(unanswered.Select(reading => reading.Again()));
    }

    internal void Tell(StoreReading reading, StoreTrouble trouble)
    {
        lock (turn)
        {
            if (troubles.GetValueOrDefault(reading) == trouble) return;
            if (trouble == StoreTrouble.None) troubles.Remove(reading);
            else troubles[reading] = trouble;
        }
        Changed?.Invoke(this, EventArgs.Empty);
    }
}
