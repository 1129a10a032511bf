using System.Reflection;
using Microsoft.Extensions.Configuration;
using NcService.Core;
using Npgsql;

namespace NcService.Platform;

/// <summary>Reads and checks the settings at start, so that a wrong one is named then and not met later.</summary>
public static class OptionsReader
{
    private const double ShortestLease = 2;

    /// <summary>The settings of section <c>NcService</c>.</summary>
    /// <param name="configuration">All settings, wherever they come from.</param>
    /// <exception cref="InputException">A value has no meaning; the message names its key.</exception>
    public static NcServiceOptions Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        try
        {
            var options = configuration.GetSection(NcServiceOptions.SectionName).Get<NcServiceOptions>() ?? new NcServiceOptions();
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
        var known = readers.SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)).Select(property => property.Name).ToList();
        var unknown = configuration.GetSection(NcServiceOptions.SectionName).GetChildren().Select(child => child.Key).FirstOrDefault(key => !known.Contains(key, StringComparer.OrdinalIgnoreCase));
        if (unknown is not null) throw new InputException($"{Key(unknown)}: there is no such setting{NearestName.Hint(unknown, known)}");
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
        Require(options.MaximumCheckpointBytes > 0, nameof(options.MaximumCheckpointBytes), $"is {options.MaximumCheckpointBytes}; above 0");
        Require(options.WorkerPath is null || File.Exists(options.WorkerPath), nameof(options.WorkerPath), $"is '{options.WorkerPath}', where no file is");
        foreach (var folder in Artifacts.ReadableFolders.Read(options.CheckpointDirectories))
            Require(Directory.Exists(folder), nameof(options.CheckpointDirectories), $"lists '{folder}', where no folder is");
        if (options.UsesPostgreSql) CheckConnection(options.ConnectionString!);
    }

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
