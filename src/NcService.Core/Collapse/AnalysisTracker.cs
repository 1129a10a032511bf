using System.Diagnostics;

namespace NcService.Core.Collapse;

/// <summary>Turns samples done in phases into progress over the whole analysis.</summary>
internal sealed class AnalysisTracker(IProgress<AnalysisProgress>? progress, long samplesOfAllPhases)
{
    private long before;

    private IProgress<AnalysisProgress>? Progress => progress;

    private long SamplesOfAllPhases => samplesOfAllPhases;

    /// <summary>Begins a phase of that many samples.</summary>
    public Phase Begin(AnalysisPhase phase, long samples)
    {
        var start = before;
        before += samples;
        return new Phase(this, phase, start, samples);
    }

    /// <summary>One phase: shards that are finished, and the one at work.</summary>
    public sealed class Phase(AnalysisTracker tracker, AnalysisPhase phase, long start, long samples)
    {
        private readonly Stopwatch clock = Stopwatch.StartNew();
        private long finished;
        private long found;

        /// <summary>Samples of the shard at work that are done.</summary>
        public void Report(long done)
        {
            var total = finished + done;
            tracker.Progress?.Report(new AnalysisProgress(
                phase, total, samples, tracker.SamplesOfAllPhases == 0 ? 1 : (double)(start + total) / tracker.SamplesOfAllPhases,
                (total - found) / Math.Max(1e-9, clock.Elapsed.TotalSeconds)));
        }

        /// <summary>The shard at work is finished.</summary>
        public void Finish(long shardSamples) => finished += shardSamples;

        /// <summary>A shard was finished before, or by another process: it does not count as speed.</summary>
        public void Find(long shardSamples)
        {
            finished += shardSamples;
            found += shardSamples;
            Report(0);
        }
    }
}
