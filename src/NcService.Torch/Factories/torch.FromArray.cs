using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    /// <summary>A copy of an array of any number of dimensions.</summary>
    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null) => rawArray.GetType().GetElementType() switch
    {
        var type when type == typeof(byte) => FromArray<byte>(rawArray, ScalarType.Byte, dtype, device, requires_grad, names),
        var type when type == typeof(sbyte) => FromArray<sbyte>(rawArray, ScalarType.Int8, dtype, device, requires_grad, names),
        var type when type == typeof(short) => FromArray<short>(rawArray, ScalarType.Int16, dtype, device, requires_grad, names),
        var type when type == typeof(int) => FromArray<int>(rawArray, ScalarType.Int32, dtype, device, requires_grad, names),
        var type when type == typeof(long) => FromArray<long>(rawArray, ScalarType.Int64, dtype, device, requires_grad, names),
        var type when type == typeof(float) => FromArray<float>(rawArray, ScalarType.Float32, dtype, device, requires_grad, names),
        var type when type == typeof(double) => FromArray<double>(rawArray, ScalarType.Float64, dtype, device, requires_grad, names),
        var type when type == typeof(bool) => FromArray<bool>(rawArray, ScalarType.Bool, dtype, device, requires_grad, names),
        var type when type == typeof(Half) => FromArray<Half>(rawArray, ScalarType.Float16, dtype, device, requires_grad, names),
        var type => throw new NotSupportedException($"No tensor can be made of {type}."),
    };

    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device? device = null) => from_array(data, dtype, device);

    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device? device = null) =>
        data.to(dtype ?? data.dtype, device ?? data.device);

    private static Tensor FromScalar<T>(T value, ScalarType type, ScalarType? dtype, Device? device, bool requires_grad) where T : unmanaged =>
        FromSpan([value], [], type, dtype, device, requires_grad, null);

    private static Tensor FromArray<T>(Array array, ScalarType type, ScalarType? dtype, Device? device, bool requires_grad, string[]? names) where T : unmanaged
    {
        var shape = new long[array.Rank];
        for (var i = 0; i < shape.Length; i++) shape[i] = array.GetLongLength(i);
        var elements = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);
        return FromSpan(elements, shape, type, dtype, device, requires_grad, names);
    }

    private static Tensor FromSpan<T>(ReadOnlySpan<T> elements, ReadOnlySpan<long> shape, ScalarType type, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
        where T : unmanaged
    {
        var made = empty(shape, type);
        if (made.NumberOfElements != elements.Length)
        {
            made.Dispose();
            throw new ArgumentException($"{elements.Length} elements do not fill the shape [{string.Join(", ", shape.ToArray())}].", nameof(shape));
        }

        if (elements.Length > 0) unsafe
        {
            elements.CopyTo(new Span<T>((void*)made.DataPointer(), elements.Length));
        }

        var (wanted, place) = (dtype ?? type, InitializeDevice(device));
        if (made.toWillCopy(wanted, place)) made = made.to(wanted, place, disposeAfter: true);
        return Made(requires_grad, names, made);
    }
}
