using NcService.Torch.Interop;
using TorchSharp;

namespace NcService.Torch.Tests;

public class FastBlasTests
{
    private static readonly string[] s_mappings =
    [
        "55d0c0000000-55d0c0010000 r--p 00000000 08:01 1 /usr/share/dotnet/dotnet",
        "7f0000000000-7f0000100000 r-xp 00000000 08:01 2 /usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0",
        "7f0000100000-7f0000200000 rw-p 00000000 00:00 0 ",
        "7f0000200000-7f0000300000 r-xp 00000000 08:01 3 /usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3",
    ];

    [Theory]
    [InlineData(0x7f0000000000, "/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0")]
    [InlineData(0x7f0000200010, "/usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3")]
    [InlineData(0x7f0000100010, null)]
    [InlineData(0x7f0000300000, null)]
    public void Address_belongs_to_the_file_it_is_mapped_from(long address, string? file) =>
        Assert.Equal(file, FastBlas.FileAt((nint)address, s_mappings));

    [Theory]
    [InlineData("/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0", "40 times slower")]
    [InlineData("/usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3", "threads")]
    [InlineData("/usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3", null)]
    [InlineData("/opt/libtorch/lib/libtorch_cpu.so", null)]
    [InlineData(null, null)]
    public void Slow_or_disturbing_library_is_named_with_the_package_to_install(string? library, string? reason)
    {
        var advice = FastBlas.Advice(library);
        if (reason is null)
        {
            Assert.Null(advice);
            return;
        }

        Assert.Contains(library!, advice, StringComparison.Ordinal);
        Assert.Contains(reason, advice, StringComparison.Ordinal);
        Assert.Contains("libopenblas0-openmp", advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Library_of_this_process_is_found()
    {
        using var loaded = torch.ones(1);
        if (OperatingSystem.IsLinux()) Assert.Contains("lib", FastBlas.Library(), StringComparison.Ordinal);
    }
}
