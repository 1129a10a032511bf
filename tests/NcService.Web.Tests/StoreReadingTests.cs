using Microsoft.Extensions.Logging.Abstractions;
using NcService.Web.Dashboard.Components;

namespace NcService.Web.Tests;

/// <summary>When a reader is told that the store does not answer, and when no longer. The clock goes on only when it is told to.</summary>
public sealed class StoreReadingTests
{
    // Of no account where all is well.
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);
    private readonly Clock clock = new();
    private readonly StoreWatch watch;
    private readonly List<TaskCompletionSource> asked = [];
    private readonly StoreReading reading;

    public StoreReadingTests()
    {
        watch = new StoreWatch(clock, NullLogger<StoreWatch>.Instance);
        reading = watch.Of("a part", () => reading!.ReadAsync(AskAsync));
    }

    [Fact]
    public async Task Silence_is_told_when_patience_ends_and_an_answer_ends_it()
    {
        var read = reading.ReadAsync(AskAsync);
        clock.Advance(StoreWatch.Patience - TimeSpan.FromMilliseconds(1));
        Assert.Equal(StoreTrouble.None, watch.Trouble);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(StoreTrouble.Slow, watch.Trouble);
        Assert.True(reading.Going);
        asked[0].SetResult();
        await read;
        Assert.Equal(StoreTrouble.None, watch.Trouble);
        Assert.False(reading.Going);
        clock.Advance(2 * StoreWatch.Patience);
        Assert.Equal(StoreTrouble.None, watch.Trouble);
    }

    [Fact]
    public async Task A_newer_question_ends_the_older_one_and_is_waited_for_no_longer()
    {
        var older = reading.ReadAsync(AskAsync);
        clock.Advance(StoreWatch.Patience / 2);
        var newer = reading.ReadAsync(AskAsync);
        await older.WaitAsync(s_longest);
        Assert.True(asked[0].Task.IsCanceled);
        Assert.True(reading.Going);
        // Nobody has answered since the older one.
        clock.Advance(StoreWatch.Patience / 2);
        Assert.Equal(StoreTrouble.Slow, watch.Trouble);
        asked[1].SetResult();
        await newer;
        Assert.Equal(StoreTrouble.None, watch.Trouble);
    }

    [Fact]
    public async Task What_an_older_question_ends_with_is_not_told()
    {
        var stubborn = new TaskCompletionSource();
        var older = reading.ReadAsync(_ => stubborn.Task);
        var newer = reading.ReadAsync(AskAsync);
        stubborn.SetException(new TimeoutException());
        await older;
        Assert.Equal(StoreTrouble.None, watch.Trouble);
        asked[0].SetException(new IOException());
        await newer;
        Assert.Equal(StoreTrouble.Away, watch.Trouble);
    }

    [Fact]
    public async Task A_store_that_refuses_is_away_one_that_lets_time_run_out_is_slow()
    {
        await reading.ReadAsync(_ => throw new InvalidOperationException("transient", new IOException()));
        Assert.Equal(StoreTrouble.Away, watch.Trouble);
        await reading.ReadAsync(_ => Task.CompletedTask);
        Assert.Equal(StoreTrouble.None, watch.Trouble);
        await reading.ReadAsync(_ => throw new InvalidOperationException("transient", new IOException("", new TimeoutException())));
        Assert.Equal(StoreTrouble.Slow, watch.Trouble);
        await Assert.ThrowsAsync<ArithmeticException>(() => reading.ReadAsync(_ => throw new ArithmeticException()));
    }

    [Fact]
    public async Task The_worst_part_counts_until_its_reader_leaves()
    {
        using var other = watch.Of("another part", () => Task.CompletedTask);
        await other.ReadAsync(_ => throw new IOException());
        _ = reading.ReadAsync(AskAsync);
        clock.Advance(StoreWatch.Patience);
        Assert.Equal(StoreTrouble.Away, watch.Trouble);
        other.Dispose();
        Assert.Equal(StoreTrouble.Slow, watch.Trouble);
        reading.Dispose();
        Assert.Equal(StoreTrouble.None, watch.Trouble);
        Assert.True(asked[0].Task.IsCanceled);
    }

    [Fact]
    public async Task Who_asks_again_puts_a_new_question_in_place_of_the_one_that_hangs()
    {
        var first = reading.ReadAsync(AskAsync);
        clock.Advance(StoreWatch.Patience);
        var again = watch.AskAgainAsync();
        await first.WaitAsync(s_longest);
        Assert.True(asked[0].Task.IsCanceled);
        Assert.Equal(2, asked.Count);
        asked[1].SetResult();
        await again;
        Assert.Equal(StoreTrouble.None, watch.Trouble);
        // What is answered is not asked again.
        await watch.AskAgainAsync();
        Assert.Equal(2, asked.Count);
    }

    [Fact]
    public async Task A_page_that_is_only_drawn_waits_for_a_moment_and_a_live_one_for_the_answer()
    {
        var read = reading.ReadAsync(AskAsync);
        var drawn = watch.ToDrawAsync(read, live: false);
        var live = watch.ToDrawAsync(read, live: true);
        clock.Advance(StoreWatch.DrawnWithin);
        await drawn.WaitAsync(s_longest);
        Assert.False(live.IsCompleted);
        asked[0].SetResult();
        await live;
    }

    // Answered by the test, or given up.
    private Task AskAsync(CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        asked.Add(answer);
        return answer.Task;
    }

    private sealed class Clock : TimeProvider
    {
        private readonly List<Alarm> alarms = [];
        private TimeSpan now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now.Ticks;

        public void Advance(TimeSpan time)
        {
            now += time;
            foreach (var alarm in alarms.Where(alarm => alarm.Due <= now).ToList())
            {
                alarms.Remove(alarm);
                alarm.Callback(alarm.State);
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var alarm = new Alarm(alarms, callback, state) { Due = now + dueTime };
            alarms.Add(alarm);
            return alarm;
        }

        private sealed class Alarm(List<Alarm> alarms, TimerCallback callback, object? state) : ITimer
        {
            public TimeSpan Due { get; set; }

            public TimerCallback Callback => callback;

            public object? State => state;

            public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

            public void Dispose() => alarms.Remove(this);

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
