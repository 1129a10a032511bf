// The cluster and the pipelines wait for their processes as long as they work, and run side by side; a browser has the machine to itself, after them.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]

namespace NcService.EndToEnd.Tests;

/// <summary>A test in a real browser; skipped, with the reason printed, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = WebBrowser.SkipReason;
}

/// <summary>A test in a real browser on PostgreSQL.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgreSqlBrowserFactAttribute : FactAttribute
{
    public PostgreSqlBrowserFactAttribute() => Skip = WebBrowser.SkipReason ?? PostgreSqlServer.SkipReason;
}

/// <summary>A test in a real browser on the shared data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedBrowserFactAttribute : FactAttribute
{
    public SharedBrowserFactAttribute() => Skip = WebBrowser.SkipReason ?? SharedData.SkipReason;
}
