using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace NcService.Torch.Interop;

/// <summary>
/// Sets what libtorch and its OpenMP read from the environment once, when they are loaded. It goes through libc's setenv because
/// .NET's own SetEnvironmentVariable changes a copy that native code never sees. What the user has set is kept.
/// </summary>
internal static partial class ProcessEnvironment
{
    private const int KeepWhatIsSet = 0;

#pragma warning disable CA2255 // It must run before anything of this assembly loads libtorch; there is no later place.
    [ModuleInitializer]
    internal static void Prepare()
    {
        if (!OperatingSystem.IsLinux()) return;

        // Idle OpenMP threads sleep instead of spinning: with a busy neighbour spinning slows a step from 0.14 s to seconds.
        _ = setenv("OMP_WAIT_POLICY", "passive", KeepWhatIsSet);
        // But not at once: an eigendecomposition has thousands of short parallel regions, and a thread asleep after each makes it 4 to 8 times slower.
        // A thousand rounds are a few microseconds, which no neighbour notices.
        _ = setenv("GOMP_SPINCOUNT", "1000", KeepWhatIsSet);

        // libtorch 1.13 stops at AVX2 by itself; exp, tanh and the bf16 softmax are 1.6 to 1.9 times faster with AVX-512.
        if (Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported)
        {
            _ = setenv("ATEN_CPU_CAPABILITY", "avx512", KeepWhatIsSet);
            // OpenBLAS knows processors by model number and takes SSE3 kernels for one newer than itself: 50 instead of 290 GFLOP/s.
            _ = setenv("OPENBLAS_CORETYPE", "SkylakeX", KeepWhatIsSet);
        }
    }
#pragma warning restore CA2255

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
