using System.Diagnostics;

namespace NcService.Core.Collapse;

/// <summary>Turns samples done in phases into progress over the whole analysis.</summary>
internal sealed class AnalysisTracker(IProgress<AnalysisProgress>? progress, long samplesOfAllPhases)
{
    private long before;

    /// <summary>Begins a phase; the action is told the samples done in it.</summary>
    public Action<long> Begin(AnalysisPhase phase, long samples)
    {
        var clock = Stopwatch.StartNew();
        var start = before;
        before += samples;
        return done => progress?.Report(new AnalysisProgress(
            phase, done, samples, samplesOfAllPhases == 0 ? 1 : (double)(start + done) / samplesOfAllPhases, done / Math.Max(1e-9, clock.Elapsed.TotalSeconds)));
    }
}
