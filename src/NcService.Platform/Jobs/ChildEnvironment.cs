using System.Globalization;

namespace NcService.Platform.Jobs;

/// <summary>Variables that libtorch and the C library read once, at load: the reason why they are set by whoever starts the process.</summary>
internal static class ChildEnvironment
{
    public static void Set(IDictionary<string, string?> environment, NcServiceOptions options, int threads)
    {
        var count = (threads > 0 ? threads : Environment.ProcessorCount).ToString();
        environment["OMP_NUM_THREADS"] = count;
        environment["MKL_NUM_THREADS"] = count;
        environment["OPENBLAS_NUM_THREADS"] = count;
        // Where several children share the cores, .NET's parallel loops keep to their share as well.
        if (threads > 0) environment["DOTNET_PROCESSOR_COUNT"] = count;
        // Big tensors come and go every step: kept in the heap they are not mapped, zeroed and unmapped each time.
        environment["MALLOC_MMAP_THRESHOLD_"] = "4294967296";
        environment["MALLOC_TRIM_THRESHOLD_"] = "4294967296";
        environment["MALLOC_TOP_PAD_"] = "67108864";
        // One arena: with one for each thread, freed memory of one is not found by the next, and the resident size grows with them.
        environment["MALLOC_ARENA_MAX"] = "1";
        // Never as arguments, which every user of the machine can read: a connection string holds a password.
        environment[Name(nameof(NcServiceOptions.DataDirectory))] = options.DataDirectory;
        environment[Name(nameof(NcServiceOptions.ConnectionString))] = options.ConnectionString;
        environment[Name(nameof(NcServiceOptions.Device))] = options.Device;
        environment[Name(nameof(NcServiceOptions.CheckpointDirectories))] = options.CheckpointDirectories;
        environment[Name(nameof(NcServiceOptions.LeaseSeconds))] = options.LeaseSeconds.ToString(CultureInfo.InvariantCulture);
        foreach (var (key, value) in options.Retry.ToSettings()) environment[Name($"{nameof(NcServiceOptions.Retry)}:{key}")] = value;
    }

    private static string Name(string option) => $"{NcServiceOptions.SectionName}:{option}".Replace(":", "__", StringComparison.Ordinal);
}
