// Servers, workers and a browser: one test after the other is quicker on few cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace NcService.EndToEnd.Tests;

/// <summary>A test in a real browser; skipped, with the reason printed, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = WebBrowser.SkipReason;
}

/// <summary>A test in a real browser on the shared data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedBrowserFactAttribute : FactAttribute
{
    public SharedBrowserFactAttribute() => Skip = WebBrowser.SkipReason ?? SharedData.SkipReason;
}
