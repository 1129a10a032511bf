namespace NcService.Cli;

/// <summary>What this process runs on, for numbers that mean nothing without it.</summary>
internal static class Machine
{
    private static readonly string[] s_blasLibraries = ["libmkl", "libopenblas", "libblis", "libatlas", "libblas"];

    /// <summary>The processor's name.</summary>
    public static string Processor() =>
        Lines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
        ?? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>The BLAS libraries that are loaded, by file name; known once a matrix product has run.</summary>
    public static string Blas()
    {
        var loaded = Lines("/proc/self/maps")
            .Select(line => Path.GetFileName(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]))
            .Where(file => s_blasLibraries.Any(library => file.StartsWith(library, StringComparison.Ordinal)))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return loaded.Length == 0 ? "inside libtorch, or unknown" : string.Join(", ", loaded);
    }

    private static string[] Lines(string file) => File.Exists(file) ? File.ReadAllLines(file) : [];
}
