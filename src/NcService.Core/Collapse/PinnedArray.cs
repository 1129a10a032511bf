using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NcService.Core.Collapse;

/// <summary>An array that the garbage collector does not move, for kernels that keep its address; zero at first.</summary>
internal sealed unsafe class PinnedArray<T>(int length)
    where T : unmanaged
{
    private readonly T[] values = GC.AllocateArray<T>(length, pinned: true);

    /// <summary>The elements.</summary>
    public Span<T> Values => values;

    /// <summary>Address of the first element; valid while this object is reachable.</summary>
    public T* Address => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(values));

    /// <summary>A number of classes padded to whole vectors.</summary>
    public static int Padded(int count) => (count + ScreenKernel.Lanes - 1) / ScreenKernel.Lanes * ScreenKernel.Lanes;
}
