using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>The memory of contiguous CPU tensors, for kernels written in C#.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>Address of the first element; valid while the tensor lives. Goes through one row because a span holds at most 2 GiB.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not contiguous or not on the CPU.</exception>
    public static T* Pointer<T>(Tensor tensor)
        where T : unmanaged
    {
        if (!tensor.is_contiguous()) throw new InvalidOperationException("A kernel needs a contiguous tensor.");
        if (tensor.numel() == 0) return null;
        using var flat = tensor.view(-1);
        using var first = flat.narrow(0, 0, 1);
        return (T*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }

    /// <summary>A copy of a small tensor's elements as float64, in row-major order.</summary>
    public static double[] ToDoubles(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, double>(tensor.to(ScalarType.Float64, CPU).contiguous().bytes).ToArray();
    }

    /// <summary>A copy of an integer tensor's elements.</summary>
    public static long[] ToLongs(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, long>(tensor.to(ScalarType.Int64, CPU).contiguous().bytes).ToArray();
    }
}
