using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NcService.Torch.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    /// <summary>A tensor over an array of any number of dimensions: it shares the array's memory, unless another type or device is asked for.</summary>
    /// <exception cref="NotSupportedException">No tensor has elements of the array's type.</exception>
    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Placed(Over(rawArray), dtype, device, requires_grad, names);

    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device? device = null) => from_array(data, dtype, device);

    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device? device = null) =>
        data.to(dtype ?? data.dtype, device ?? data.device);

    private static Tensor FromScalar<T>(T value, ScalarType type, ScalarType? dtype, Device? device, bool requires_grad) where T : unmanaged =>
        FromSpan([value], [], type, dtype, device, requires_grad, null);

    private static Tensor FromArray<T>(Array array, ScalarType type, ScalarType? dtype, Device? device, bool requires_grad, string[]? names) where T : unmanaged
    {
        var elements = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);
        return FromSpan(elements, ShapeOf(array), type, dtype, device, requires_grad, names);
    }

    private static Tensor FromSpan<T>(ReadOnlySpan<T> elements, ReadOnlySpan<long> shape, ScalarType type, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
        where T : unmanaged
    {
        var made = empty(shape, type);
        var count = made.NumberOfElements;
        if (count > elements.Length)
        {
            made.Dispose();
            throw new ArgumentException($"{elements.Length} elements do not fill the shape [{string.Join(", ", shape.ToArray())}].", nameof(shape));
        }

        if (count > 0) unsafe
            {
                elements[..(int)count].CopyTo(new Span<T>((void*)made.DataPointer(), (int)count));
            }

        return Placed(made, dtype, device, requires_grad, names);
    }

    // The array stays where it is until the last tensor over it is gone.
    private static unsafe Tensor Over(Array array)
    {
        var type = TypeOfElements(array);
        var shape = ShapeOf(array);
        var pin = GCHandle.Alloc(array, GCHandleType.Pinned);
        fixed (long* sizes = shape)
            return new Tensor(Bridge.Check(Bridge.nc_from_memory((void*)pin.AddrOfPinnedObject(), sizes, shape.Length, (int)type, GCHandle.ToIntPtr(pin), &Unpin)));
    }

    [UnmanagedCallersOnly]
    private static void Unpin(nint pin) => GCHandle.FromIntPtr(pin).Free();

    private static Tensor Placed(Tensor made, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
    {
        var (wanted, place) = (dtype ?? made.dtype, InitializeDevice(device));
        if (made.toWillCopy(wanted, place)) made = made.to(wanted, place, disposeAfter: true);
        return Made(requires_grad, names, made);
    }

    private static long[] ShapeOf(Array array)
    {
        var shape = new long[array.Rank];
        for (var i = 0; i < shape.Length; i++) shape[i] = array.GetLongLength(i);
        return shape;
    }

    private static ScalarType TypeOfElements(Array array) => array.GetType().GetElementType() switch
    {
        var type when type == typeof(byte) => ScalarType.Byte,
        var type when type == typeof(sbyte) => ScalarType.Int8,
        var type when type == typeof(short) => ScalarType.Int16,
        var type when type == typeof(int) => ScalarType.Int32,
        var type when type == typeof(long) => ScalarType.Int64,
        var type when type == typeof(Half) => ScalarType.Float16,
        var type when type == typeof(float) => ScalarType.Float32,
        var type when type == typeof(double) => ScalarType.Float64,
        var type when type == typeof(bool) => ScalarType.Bool,
        var type => throw new NotSupportedException($"No tensor can be made of {type}."),
    };
}
