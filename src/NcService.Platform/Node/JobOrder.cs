using NcService.Platform.Store;

namespace NcService.Platform.Node;

/// <summary>
/// The order in which waiting jobs start: priority, then turn (see <see cref="JobTurns"/>), then age. Quartz starts what has the earliest fire time, whenever a slot of its execution
/// group is free; so the fire time, in a past that never comes again, is the sort key. With misfires ignored a trigger may wait for days.
/// </summary>
public static class JobOrder
{
    /// <summary>Group of the jobs that need the device: one at a time for each device.</summary>
    public const string Gpu = "gpu";

    /// <summary>Group of the others.</summary>
    public const string Cpu = "cpu";

    private const long MicrosecondsInSecond = 1_000_000;

    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // A turn is a second: a class of priority has room for 17 million before turns reach the next class.
    private static readonly TimeSpan ClassWidth = TimeSpan.FromDays(200);

    /// <summary>The execution group of a kind.</summary>
    public static string Group(JobKind kind) => kind is JobKind.TrainRun or JobKind.AnalyseCheckpoint ? Gpu : Cpu;

    /// <summary>The fire time that puts a job in its place.</summary>
    public static DateTimeOffset StartTime(int priority, long turn, long jobId) =>
        Epoch - (priority * ClassWidth) + TimeSpan.FromSeconds(turn) + TimeSpan.FromMicroseconds(jobId % MicrosecondsInSecond);
}
