using System.Globalization;

namespace NcService.Benchmarks;

/// <summary>The most resident memory that this process adds to what it holds at the start, from Linux's high-water mark.</summary>
internal sealed class MemoryWatch : IDisposable
{
    private readonly long before;
    private long? peak;

    public MemoryWatch()
    {
        GC.Collect();
        // "5" sets the high-water mark back to what is resident now.
        File.WriteAllText("/proc/self/clear_refs", "5");
        before = Status("VmRSS:");
    }

    /// <summary>Bytes beyond the start.</summary>
    public long PeakBytes => (peak ?? Status("VmHWM:")) - before;

    /// <summary>What comes later does not count.</summary>
    public void Stop() => peak = Status("VmHWM:");

    public void Dispose() => Stop();

    private static long Status(string field)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
    }
}
