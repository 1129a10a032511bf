using TorchSharp;

namespace NcService.Torch.Interop;

/// <summary>One argument of an operator, in the order of libtorch's schema. It keeps what it refers to alive during the call.</summary>
internal readonly struct Argument
{
    internal readonly ValueKind Kind;
    internal readonly long Bits;
    internal readonly object? Reference;

    private Argument(ValueKind kind, long bits, object? reference = null) => (Kind, Bits, Reference) = (kind, bits, reference);

    /// <summary>Python's None: libtorch's default for an optional argument.</summary>
    internal static Argument None => default;

    public static implicit operator Argument(torch.Tensor? tensor) =>
        tensor is null ? default : new(ValueKind.Tensor, tensor.Handle, tensor);
    public static implicit operator Argument(long value) => new(ValueKind.Integer, value);
    public static implicit operator Argument(long? value) => value is { } number ? new(ValueKind.Integer, number) : default;
    public static implicit operator Argument(double value) => new(ValueKind.Real, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Argument(double? value) => value is { } number ? number : default(Argument);
    public static implicit operator Argument(bool value) => new(ValueKind.Boolean, value ? 1 : 0);
    public static implicit operator Argument(long[]? values) =>
        values is null ? default : new(ValueKind.IntegerList, values.Length, values);
    public static implicit operator Argument(double[] values) => new(ValueKind.RealList, values.Length, values);
    public static implicit operator Argument(torch.Tensor?[] tensors) => new(ValueKind.TensorList, tensors.Length, tensors);
    public static implicit operator Argument(string? text) => text is null ? default : new(ValueKind.Text, 0, text);
    public static implicit operator Argument(torch.ScalarType type) => new(ValueKind.Integer, (long)type);
    public static implicit operator Argument(torch.ScalarType? type) => type is { } known ? known : default(Argument);
    public static implicit operator Argument(torch.Device device) => new(ValueKind.Device, ((long)device.type << 32) | (uint)device.index);
    public static implicit operator Argument(torch.Generator? generator) =>
        generator is null ? default : new(ValueKind.Generator, generator.Handle, generator);
    public static implicit operator Argument(Scalar? scalar) => scalar is null ? default : scalar.Kind switch
    {
        ValueKind.Real => scalar.Real,
        ValueKind.Boolean => scalar.Integer != 0,
        _ => scalar.Integer,
    };
}
