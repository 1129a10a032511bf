using NcService.Torch.Interop;

namespace NcService.Torch.Tests;

public class FastBlasTests
{
    private const string Reference = "7f00-7f01 r-xp 00000000 08:01 1 /usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0";
    private const string OpenBlas = "7f02-7f03 r-xp 00000000 08:01 2 /usr/lib/x86_64-linux-gnu/openblas-openmp/libopenblasp-r0.3.21.so";
    private const string Torch = "7f04-7f05 r-xp 00000000 08:01 3 /usr/lib/x86_64-linux-gnu/libtorch_cpu.so.1.13";

    [Theory]
    [InlineData(true, Reference, Torch)]
    [InlineData(false, Reference, OpenBlas, Torch)]
    [InlineData(false, OpenBlas)]
    [InlineData(false, Torch)]
    public void Only_a_reference_blas_alone_is_slow(bool slow, params string[] mappings) => Assert.Equal(slow, FastBlas.IsSlow(mappings));
}
