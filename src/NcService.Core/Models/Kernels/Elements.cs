using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace NcService.Core.Models.Kernels;

/// <summary>How a kernel reads and writes activations: it computes in float32 whatever lies in memory.</summary>
internal unsafe interface IElement
{
    /// <summary>torch's name of the type.</summary>
    static abstract torch.ScalarType Type { get; }

    /// <summary>Sixteen elements from an index.</summary>
    static abstract Vector512<float> Load(void* memory, long index);

    /// <summary>Stores sixteen elements at an index.</summary>
    static abstract void Store(void* memory, long index, Vector512<float> values);

    /// <summary>One element.</summary>
    static abstract float Get(void* memory, long index);

    /// <summary>Stores one element.</summary>
    static abstract void Set(void* memory, long index, float value);
}

/// <summary>float32 in memory.</summary>
internal readonly unsafe struct Float32Element : IElement
{
    public static torch.ScalarType Type => torch.ScalarType.Float32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(void* memory, long index) => Vector512.Load((float*)memory + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* memory, long index, Vector512<float> values) => values.Store((float*)memory + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Get(void* memory, long index) => ((float*)memory)[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(void* memory, long index, float value) => ((float*)memory)[index] = value;
}

/// <summary>bfloat16 in memory, rounded to nearest even on the way there.</summary>
internal readonly unsafe struct BFloat16Element : IElement
{
    public static torch.ScalarType Type => torch.ScalarType.BFloat16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(void* memory, long index)
    {
        var packed = Vector256.Load((ushort*)memory + index);
        var wide = Avx512F.IsSupported
            ? Avx512F.ConvertToVector512UInt32(packed)
            : Vector512.Create(Vector256.WidenLower(packed), Vector256.WidenUpper(packed));
        return Vector512.ShiftLeft(wide, 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* memory, long index, Vector512<float> values)
    {
        var rounded = VectorMath.RoundToBFloat16(values);
        var packed = Avx512F.IsSupported
            ? Avx512F.ConvertToVector256UInt16(rounded)
            : Vector256.Narrow(rounded.GetLower(), rounded.GetUpper());
        packed.Store((ushort*)memory + index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Get(void* memory, long index) => VectorMath.ToFloat(((ushort*)memory)[index]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(void* memory, long index, float value) => ((ushort*)memory)[index] = VectorMath.ToBFloat16(value);
}
