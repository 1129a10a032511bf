using System.Runtime.Intrinsics.X86;

namespace NcService.Core.Models.Kernels;

/// <summary>Which matrix products this processor is fast at.</summary>
internal static class CpuProducts
{
    private const int AmxBFloat16 = 1 << 22;

    /// <summary>
    /// Whether bfloat16 products beat float32's: they do with AMX (550 against 160 GFLOP/s on two cores). Without it oneDNN's bfloat16 kernels reach half of
    /// OpenBLAS's float32 (145 against 290), so products there take float32 operands. A property of the processor and not a measurement,
    /// so that a run that goes on computes as it did before.
    /// </summary>
    public static bool BFloat16IsFaster { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Edx & AmxBFloat16) != 0;
}
