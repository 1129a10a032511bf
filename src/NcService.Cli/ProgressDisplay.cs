using Spectre.Console;

namespace NcService.Cli;

/// <summary>
/// Progress on standard error: a bar on a terminal, elsewhere (a log, a pipe) a line every few seconds.
/// </summary>
internal sealed class ProgressDisplay
{
    private static readonly TimeSpan s_lineInterval = TimeSpan.FromSeconds(5);

    private readonly VerbInvocation _verb;
    private readonly ProgressContext? _bars;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ProgressTask> _side = new(StringComparer.Ordinal);
    private ProgressTask? _bar;
    private string _stage = "";
    private long _lastLine;

    private ProgressDisplay(VerbInvocation verb, ProgressContext? bars, TimeProvider time)
    {
        _verb = verb;
        _bars = bars;
        _time = time;
        _lastLine = time.GetTimestamp();
    }

    /// <summary>Runs <paramref name="work"/> with a display that lasts as long as it.</summary>
    public static async Task<T> ShowAsync<T>(VerbInvocation verb, Func<ProgressDisplay, Task<T>> work, TimeProvider? time = null)
    {
        var clock = time ?? TimeProvider.System;
        if (verb.ProgressConsole() is not { } console) return await work(new ProgressDisplay(verb, null, clock));
        return await console.Progress().HideCompleted(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
            .StartAsync(context => work(new ProgressDisplay(verb, context, clock)));
    }

    /// <summary>The same for work that computes and never waits.</summary>
    public static T Show<T>(VerbInvocation verb, Func<ProgressDisplay, T> work) =>
        ShowAsync(verb, display => Task.Run(() => work(display))).GetAwaiter().GetResult();

    /// <summary>Shows how far a stage is. May be called from any thread.</summary>
    /// <param name="stage">What is being done; a new name starts a new bar.</param>
    /// <param name="fraction">The share that is done, or null where the end is not known.</param>
    /// <param name="detail">Figures worth seeing, such as a loss.</param>
    public void Report(string stage, double? fraction, string detail)
    {
        lock (_lock)
        {
            if (_bars is null) Line(stage, fraction, detail);
            else Bar(_bars, stage, fraction, detail);
        }
    }

    /// <summary>Shows bars beside the main one, by name, and takes away those that are gone; on a terminal only.</summary>
    public void ReportBeside(IReadOnlyList<(string Name, double Fraction, string Detail)> parts)
    {
        if (_bars is null) return;
        lock (_lock)
        {
            foreach (var name in _side.Keys.Except(parts.Select(part => part.Name), StringComparer.Ordinal).ToList())
            {
                _side[name].StopTask();
                _side[name].IsIndeterminate = false;
                _side.Remove(name, out var gone);
                gone!.Value = gone.MaxValue;
            }
            foreach (var (name, fraction, detail) in parts)
            {
                if (!_side.TryGetValue(name, out var bar)) _side[name] = bar = _bars.AddTask(Markup.Escape(name), maxValue: 1);
                bar.Value = fraction;
                bar.Description = Markup.Escape($"{name}  {detail}");
            }
        }
    }

    private void Line(string stage, double? fraction, string detail)
    {
        if (stage == _stage && _time.GetElapsedTime(_lastLine) < s_lineInterval) return;
        _stage = stage;
        _lastLine = _time.GetTimestamp();
        _verb.Remark(string.Join("  ", new[] { stage, fraction is { } share ? $"{100 * share:F0} %" : "", detail }.Where(part => part.Length > 0)));
    }

    private void Bar(ProgressContext bars, string stage, double? fraction, string detail)
    {
        if (_bar is null || stage != _stage)
        {
            _bar?.StopTask();
            _bar = bars.AddTask(Markup.Escape(stage), maxValue: 1);
            _stage = stage;
        }
        _bar.IsIndeterminate = fraction is null;
        _bar.Value = fraction ?? 0;
        _bar.Description = Markup.Escape(detail.Length > 0 ? $"{stage}  {detail}" : stage);
    }
}

/// <summary>Hands each report on at once, on the thread that makes it.</summary>
internal sealed class ReportTo<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
