using System.Globalization;
using NcService.Platform.Store;

namespace NcService.Platform;

/// <summary>How often a job is tried that its surroundings fail (a full disk, a store that is gone, a process that dies), and how long it waits before each next try.</summary>
public class RetryPolicy
{
    /// <summary>Tries in all, the first one with them; 1 tries nothing again. Read when a job is queued.</summary>
    public int Attempts { get; set; } = 5;

    /// <summary>The wait after the first failed try (seconds), of which a random half is left out: what one fault has struck does not come back all at once.</summary>
    public double FirstDelaySeconds { get; set; } = 10;

    /// <summary>How many times longer each wait is than the one before.</summary>
    public double Factor { get; set; } = 4;

    /// <summary>No wait is longer (seconds).</summary>
    public double LongestDelaySeconds { get; set; } = 1800;

    /// <summary>How long to wait before the next try: exponential back-off with jitter over the upper half of the wait.</summary>
    /// <param name="failedTries">Tries that have failed, from 1.</param>
    /// <param name="share">A uniform random number in [0, 1).</param>
    internal TimeSpan DelayAfter(int failedTries, double share)
    {
        var longest = Math.Min(LongestDelaySeconds, FirstDelaySeconds * Math.Pow(Factor, failedTries - 1));
        return TimeSpan.FromSeconds(longest * (1 + share) / 2);
    }
}

/// <summary>The policy of every job, and those of the kinds that have their own: <c>NcService:Retry:Attempts</c>, <c>NcService:Retry:Kinds:TrainRun:Attempts</c>.</summary>
public sealed class RetryOptions : RetryPolicy
{
    /// <summary>Name of the section that holds, by kind, what is otherwise for it.</summary>
    internal const string KindsKey = "Kinds";

    private readonly Dictionary<JobKind, RetryPolicy> kinds = [];

    /// <summary>The policy of a kind of job.</summary>
    public RetryPolicy For(JobKind kind) => kinds.GetValueOrDefault(kind, this);

    /// <summary>Gives a kind a policy of its own; it begins as a copy of the common one.</summary>
    public RetryPolicy Add(JobKind kind) => kinds[kind] = new RetryPolicy
    {
        Attempts = Attempts,
        FirstDelaySeconds = FirstDelaySeconds,
        Factor = Factor,
        LongestDelaySeconds = LongestDelaySeconds,
    };

    /// <summary>The kinds that have policies of their own.</summary>
    internal IReadOnlyDictionary<JobKind, RetryPolicy> Kinds => kinds;

    /// <summary>Keys below this section and their values, as a configuration would name them.</summary>
    internal IEnumerable<(string Key, string Value)> ToSettings() =>
        Settings(this, "").Concat(kinds.SelectMany(kind => Settings(kind.Value, $"{KindsKey}:{kind.Key}:")));

    private static IEnumerable<(string Key, string Value)> Settings(RetryPolicy policy, string prefix) =>
        typeof(RetryPolicy).GetProperties().Select(property => (prefix + property.Name, Convert.ToString(property.GetValue(policy), CultureInfo.InvariantCulture)!));
}
