using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Core.Models.Kernels;

/// <summary>The memory of contiguous CPU tensors, for SIMD code. The caller keeps the tensor alive while it uses the address.</summary>
internal static unsafe class CpuMemory
{
    /// <summary>A float32 tensor's elements.</summary>
    public static NativeFloats Floats(Tensor tensor)
    {
        Require(tensor, ScalarType.Float32);
        return new NativeFloats((float*)Address(tensor), tensor.numel());
    }

    /// <summary>Address of the first element of a contiguous CPU tensor.</summary>
    public static void* Address(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        fixed (byte* address = &MemoryMarshal.GetReference(FirstElement(tensor).bytes)) return address;
    }

    /// <summary>Throws unless the tensor is contiguous, on the CPU and of the type.</summary>
    public static void Require(Tensor tensor, ScalarType type)
    {
        if (tensor.dtype != type || tensor.device_type != DeviceType.CPU || !tensor.is_contiguous())
            throw new ArgumentException($"Expected a contiguous {type} tensor on the CPU, got {tensor.dtype} on {tensor.device_type}.", nameof(tensor));
    }

    // A span cannot be longer than 2 GiB, so the address is taken from one element.
    private static Tensor FirstElement(Tensor tensor)
    {
        using var noGrad = no_grad();
        return tensor.numel() > 1 ? tensor.view(-1).narrow(0, 0, 1) : tensor;
    }
}

/// <summary>Floats outside the managed heap.</summary>
internal readonly unsafe struct NativeFloats(float* pointer, long length)
{
    public readonly float* Pointer = pointer;
    public readonly long Length = length;
}
