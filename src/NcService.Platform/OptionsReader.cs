using System.Reflection;
using Microsoft.Extensions.Configuration;
using NcService.Core;
using NcService.Platform.Store;
using Npgsql;

namespace NcService.Platform;

/// <summary>Reads and checks the settings at start, so that a wrong one is named then and not met later.</summary>
public static class OptionsReader
{
    private const double ShortestLease = 2;
    private const int MostAttempts = 100;
    private const double LargestFactor = 100;
    private const double LongestDelay = 7 * 24 * 3600;

    /// <summary>The settings of section <c>NcService</c>.</summary>
    /// <param name="configuration">All settings, wherever they come from.</param>
    /// <exception cref="InputException">A value has no meaning; the message names its key.</exception>
    public static NcServiceOptions Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        try
        {
            var section = configuration.GetSection(NcServiceOptions.SectionName);
            var options = section.Get<NcServiceOptions>() ?? new NcServiceOptions();
            ReadKinds(options.Retry, section.GetSection(nameof(options.Retry)));
            Check(options);
            return options;
        }
        catch (InvalidOperationException fault)
        {
            // "Failed to convert configuration value 'x' at 'NcService:GpuJobs' to type 'System.Int32'."
            throw new InputException($"A setting cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>Refuses keys of the section that nothing reads: mistyped ones, which would otherwise do nothing in silence.</summary>
    /// <param name="configuration">All settings.</param>
    /// <param name="readers">The types whose properties are the keys.</param>
    /// <exception cref="InputException">There is such a key; the message names it and the nearest known one.</exception>
    public static void RefuseUnknown(IConfiguration configuration, params IReadOnlyList<Type> readers)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        RefuseUnknown(configuration.GetSection(NcServiceOptions.SectionName), [.. readers.SelectMany(KeysOf)]);
    }

    /// <summary>Checks values that are there.</summary>
    /// <exception cref="InputException">One has no meaning; the message names its key.</exception>
    public static void Check(NcServiceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Require(!string.IsNullOrWhiteSpace(options.DataDirectory), nameof(options.DataDirectory), "names no folder");
        Require(options.Device is "auto" or "cpu" || (options.Device.StartsWith("cuda:", StringComparison.Ordinal) && uint.TryParse(options.Device.AsSpan("cuda:".Length), out _)),
            nameof(options.Device), $"is '{options.Device}'; it takes auto, cpu or cuda:N");
        Require(options.GpuJobs >= 1, nameof(options.GpuJobs), $"is {options.GpuJobs}; at least 1");
        Require(options.CpuJobs >= 1, nameof(options.CpuJobs), $"is {options.CpuJobs}; at least 1");
        Require(options.Threads >= 0, nameof(options.Threads), $"is {options.Threads}; at least 0");
        Require(options.StopGraceSeconds > 0, nameof(options.StopGraceSeconds), $"is {options.StopGraceSeconds}; above 0");
        Require(options.LeaseSeconds >= ShortestLease, nameof(options.LeaseSeconds), $"is {options.LeaseSeconds}; at least {ShortestLease}");
        Check(options.Retry, nameof(options.Retry));
        foreach (var (kind, policy) in options.Retry.Kinds) Check(policy, $"{nameof(options.Retry)}:{RetryOptions.KindsKey}:{kind}");
        Require(options.MaximumCheckpointBytes > 0, nameof(options.MaximumCheckpointBytes), $"is {options.MaximumCheckpointBytes}; above 0");
        Require(options.WorkerPath is null || File.Exists(options.WorkerPath), nameof(options.WorkerPath), $"is '{options.WorkerPath}', where no file is");
        foreach (var folder in Artifacts.ReadableFolders.Read(options.CheckpointDirectories))
            Require(Directory.Exists(folder), nameof(options.CheckpointDirectories), $"lists '{folder}', where no folder is");
        if (options.UsesPostgreSql) CheckConnection(options.ConnectionString!);
    }

    private static void Check(RetryPolicy policy, string section)
    {
        Require(policy.Attempts is >= 1 and <= MostAttempts, $"{section}:{nameof(policy.Attempts)}", $"is {policy.Attempts}; 1 to {MostAttempts}");
        Require(policy.FirstDelaySeconds is >= 0 and <= LongestDelay, $"{section}:{nameof(policy.FirstDelaySeconds)}", $"is {policy.FirstDelaySeconds}; 0 to {LongestDelay}");
        Require(policy.Factor is >= 1 and <= LargestFactor, $"{section}:{nameof(policy.Factor)}", $"is {policy.Factor}; 1 to {LargestFactor}");
        Require(policy.LongestDelaySeconds >= policy.FirstDelaySeconds && policy.LongestDelaySeconds <= LongestDelay,
            $"{section}:{nameof(policy.LongestDelaySeconds)}", $"is {policy.LongestDelaySeconds}; from {nameof(policy.FirstDelaySeconds)} ({policy.FirstDelaySeconds}) to {LongestDelay}");
    }

    /// <summary>The policies of single kinds, which the binder could not begin with the common one; nobody else reads this section, so nothing else may stand in it.</summary>
    private static void ReadKinds(RetryOptions retry, IConfigurationSection section)
    {
        RefuseUnknown(section, [.. KeysOf(typeof(RetryPolicy)), RetryOptions.KindsKey]);
        foreach (var child in section.GetSection(RetryOptions.KindsKey).GetChildren())
        {
            var kind = Enum.GetValues<JobKind>().Cast<JobKind?>().FirstOrDefault(kind => kind.ToString()!.Equals(child.Key, StringComparison.OrdinalIgnoreCase))
                ?? throw new InputException($"{child.Path}: there is no such kind of job; possible: {string.Join(", ", Enum.GetNames<JobKind>())}");
            RefuseUnknown(child, [.. KeysOf(typeof(RetryPolicy))]);
            child.Bind(retry.Add(kind));
        }
    }

    private static void RefuseUnknown(IConfigurationSection section, IReadOnlyList<string> known)
    {
        var unknown = section.GetChildren().Select(child => child.Key).FirstOrDefault(key => !known.Contains(key, StringComparer.OrdinalIgnoreCase));
        if (unknown is not null) throw new InputException($"{section.Path}:{unknown}: there is no such setting{NearestName.Hint(unknown, known)}");
    }

    private static IEnumerable<string> KeysOf(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name);

    private static void CheckConnection(string connection)
    {
        try
        {
            Require(!string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(connection).Host), nameof(NcServiceOptions.ConnectionString), "names no Host");
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException)
        {
            // Never the string itself: it may hold a password.
            throw new InputException($"{Key(nameof(NcServiceOptions.ConnectionString))} is no PostgreSQL connection string: {fault.Message}", fault);
        }
    }

    private static void Require(bool met, string name, string fault)
    {
        if (!met) throw new InputException($"{Key(name)} {fault}.");
    }

    private static string Key(string name) => $"{NcServiceOptions.SectionName}:{name}";
}
