namespace NcService.Platform.Tests;

/// <summary>A clock that stands still until it is moved on; waits still take real time.</summary>
internal sealed class TestClock : TimeProvider
{
    private DateTimeOffset now = new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);

    public DateTime Now => now.UtcDateTime;

    public override DateTimeOffset GetUtcNow() => now;

    public void MoveTo(DateTime time) => now = new DateTimeOffset(time);
}
