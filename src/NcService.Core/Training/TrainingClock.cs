using System.Diagnostics;

namespace NcService.Core.Training;

/// <summary>Wall time over all attempts, and the speed of the training steps of this one.</summary>
internal sealed class TrainingClock
{
    private readonly Stopwatch _wall = Stopwatch.StartNew();
    private readonly Stopwatch _training = new();
    private double _before;
    private long _tokens;

    /// <summary>Seconds of this attempt and those before it.</summary>
    public double Seconds => _before + _wall.Elapsed.TotalSeconds;

    /// <summary>Tokens trained on per second of training in this attempt; 0 before the first step.</summary>
    public double TokensPerSecond => _tokens == 0 ? 0 : _tokens / _training.Elapsed.TotalSeconds;

    /// <summary>Adds the time that a saved state's run had taken.</summary>
    public TrainingState GoOn(TrainingState state)
    {
        _before = state.Seconds;
        return state;
    }

    /// <summary>Counts a step's tokens.</summary>
    public void Count(long tokens) => _tokens += tokens;

    /// <summary>Training time runs until the result is disposed.</summary>
    public IDisposable Training()
    {
        _training.Start();
        return new Stop(_training);
    }

    private sealed class Stop(Stopwatch watch) : IDisposable
    {
        public void Dispose() => watch.Stop();
    }
}
