namespace NcService.Web.Dashboard.Components;

/// <summary>How one part of a page reads the store: a reading at a time, of which the newest counts; what is not answered within <see cref="StoreWatch.Patience"/>, or refused, is told.</summary>
public sealed class StoreReading : IDisposable
{
    private readonly StoreWatch watch;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly string part;
    private readonly CancellationTokenSource gone = new();
    private readonly Lock turn = new();
    private CancellationTokenSource? current;

    // Since when nothing was answered: who asks again and again waits no less.
    private long? unansweredSince;

    internal StoreReading(StoreWatch watch, TimeProvider clock, ILogger log, string part, Func<Task> again)
    {
        (this.watch, this.clock, this.log, this.part) = (watch, clock, log, part);
        Leaving = gone.Token;
        Again = () =>
        {
            lock (turn) unansweredSince = null;
            return again();
        };
    }

    /// <summary>Cancelled when the reader leaves.</summary>
    public CancellationToken Leaving { get; }

    /// <summary>How the store treats this part.</summary>
    public StoreTrouble Trouble { get; private set; }

    /// <summary>A reading is under way.</summary>
    public bool Going => current is not null;

    /// <summary>Reads and shows the part again, with the patience of a first time.</summary>
    internal Func<Task> Again { get; }

    /// <summary>
    /// Reads. A reading that is still under way is given up: its token is cancelled, and what comes of it is no longer wanted. Faults of the store are told, not thrown: what
    /// is on the page stays there.
    /// </summary>
    public async Task ReadAsync(Func<CancellationToken, Task> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        using var mine = CancellationTokenSource.CreateLinkedTokenSource(Leaving);
        CancellationTokenSource? before;
        TimeSpan left;
        lock (turn)
        {
            (before, current) = (current, mine);
            left = StoreWatch.Patience - clock.GetElapsedTime(unansweredSince ??= clock.GetTimestamp());
        }
        before?.Cancel();
        await using var patience = clock.CreateTimer(_ => End(mine, StoreTrouble.Slow, ended: false), null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        try
        {
            await read(mine.Token);
            End(mine, StoreTrouble.None);
        }
        catch (Exception) when (mine.IsCancellationRequested)
        {
            // Nobody waits for it any more.
        }
        catch (Exception exception) when (StoreFault.Is(exception) || exception is InvalidOperationException)
        {
            log.LogWarning(exception, "Reading {Part} failed", part);
            End(mine, StoreFault.IsTimeout(exception) ? StoreTrouble.Slow : StoreTrouble.Away);
        }
        finally
        {
            lock (turn)
            {
                if (current == mine) current = null;
            }
        }
    }

    /// <summary>Gives up what is under way: the reader leaves.</summary>
    public void Dispose()
    {
        if (Leaving.IsCancellationRequested) return;
        gone.Cancel();
        gone.Dispose();
        lock (turn) watch.Tell(this, StoreTrouble.None);
    }

    // What is told of a reading that is over, or given up, comes too late.
    private void End(CancellationTokenSource mine, StoreTrouble trouble, bool ended = true)
    {
        lock (turn)
        {
            if (current != mine || Leaving.IsCancellationRequested) return;
            if (ended) current = null;
            if (trouble == StoreTrouble.None) unansweredSince = null;
            // A store that was away and now keeps silent is away still.
            if (!ended && Trouble != StoreTrouble.None) return;
            Trouble = trouble;
            watch.Tell(this, trouble);
        }
    }
}
