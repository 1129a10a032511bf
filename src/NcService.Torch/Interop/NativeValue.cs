using System.Runtime.InteropServices;

namespace NcService.Torch.Interop;

/// <summary>How a <see cref="NativeValue"/> is to be read; the numbers are those of native/bridge.h.</summary>
internal enum ValueKind
{
    None = 0,
    Tensor = 1,
    Integer = 2,
    Real = 3,
    Boolean = 4,
    IntegerList = 5,
    RealList = 6,
    TensorList = 7,
    Text = 8,
    Device = 9,
    Generator = 10,
}

/// <summary>An operator's argument or result as it crosses the border: native/bridge.h, struct Value.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct NativeValue
{
    [FieldOffset(0)] public ValueKind Kind;
    [FieldOffset(4)] public int Count;
    [FieldOffset(8)] public long Integer;
    [FieldOffset(8)] public double Real;
    [FieldOffset(8)] public nint Pointer;
}

/// <summary>What a tensor looks like: native/bridge.h, struct Description.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TensorDescription
{
    public long ElementCount;
    public long ElementSize;
    public long StorageOffset;
    public long* Sizes;
    public long* Strides;
    public int DimensionCount;
    public int ScalarType;
    public int DeviceType;
    public int DeviceIndex;
    public int IsContiguous;
    public int IsLeaf;
    public int RequiresGrad;
    public int IsSparse;
}
