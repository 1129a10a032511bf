namespace NcService.Torch.Interop;

/// <summary>Tells the user once when libtorch runs on a slow BLAS: a matrix product is then 40 times slower.</summary>
internal static class FastBlas
{
    private static readonly string[] s_fast = ["openblas", "libmkl", "libtorch_cpu_mkl", "libblis", "libarmpl"];

    /// <summary>Looks once, at the first tensor; says nothing where it cannot know.</summary>
    internal static void WarnIfMissing()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            if (IsSlow(File.ReadLines("/proc/self/maps")))
                Console.Error.WriteLine("warning: libtorch found no fast BLAS, matrix products will be about 40 times slower; install the Debian package libopenblas0-openmp.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // No /proc, no warning.
        }
    }

    // A libtorch with MKL linked in statically maps no BLAS library at all: only a mapped reference BLAS is known to be slow.
    internal static bool IsSlow(IEnumerable<string> mappings)
    {
        var reference = false;
        foreach (var mapping in mappings)
        {
            if (Array.Exists(s_fast, name => mapping.Contains(name, StringComparison.OrdinalIgnoreCase))) return false;
            reference |= mapping.Contains("/libblas.so", StringComparison.Ordinal) || mapping.Contains("/blas/libblas", StringComparison.Ordinal);
        }

        return reference;
    }
}
