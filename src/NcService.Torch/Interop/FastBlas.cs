using System.Globalization;
using System.Runtime.InteropServices;

namespace NcService.Torch.Interop;

/// <summary>
/// Tells the user once when libtorch multiplies matrices by a BLAS that is slow (Debian's reference BLAS) or brings threads of its
/// own (OpenBLAS's pthread variant), and what to install instead.
/// </summary>
internal static class FastBlas
{
    private const string Install = "install the Debian package libopenblas0-openmp and choose it by update-alternatives --config libblas.so.3-$(uname -m)-linux-gnu";

    /// <summary>Looks once, at the first operator; says nothing where it cannot know.</summary>
    internal static void WarnIfMissing()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            if (Advice(Library()) is { } advice) Console.Error.WriteLine($"warning: {advice}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // No /proc, no warning.
        }
    }

    /// <summary>The file that libtorch's matrix product comes from: the one that the symbol sgemm_ resolves to, as libtorch itself sees it.</summary>
    internal static string? Library() =>
        NativeLibrary.TryLoad(Bridge.Library, typeof(Bridge).Assembly, null, out var bridge) && NativeLibrary.TryGetExport(bridge, "sgemm_", out var product)
            ? FileAt(product, File.ReadLines("/proc/self/maps"))
            : null;

    /// <summary>The file that an address is mapped from; the lines are those of /proc/self/maps.</summary>
    internal static string? FileAt(nint address, IEnumerable<string> mappings)
    {
        foreach (var mapping in mappings)
        {
            var fields = mapping.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var ends = Array.ConvertAll(fields[0].Split('-'), static end => nint.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            if (address >= ends[0] && address < ends[1]) return fields.Length > 5 ? fields[5] : null;
        }

        return null;
    }

    internal static string? Advice(string? library)
    {
        if (library is null) return null;
        if (library.Contains("/blas/libblas", StringComparison.Ordinal) || library.Contains("/atlas/", StringComparison.Ordinal))
            return $"libtorch multiplies matrices by {library}, which is about 40 times slower than OpenBLAS; {Install}.";
        return library.Contains("openblas-pthread", StringComparison.Ordinal)
            ? $"libtorch multiplies matrices by {library}, whose threads stand in the way of libtorch's own; {Install}."
            : null;
    }
}
