using NcService.Torch.Interop;

namespace TorchSharp;

/// <summary>A number, of a type that libtorch weighs less than a tensor's when it promotes types.</summary>
public sealed class Scalar : IDisposable
{
    internal Scalar(double value, torch.ScalarType type) => (Kind, Real, Type) = (ValueKind.Real, value, type);

    internal Scalar(long value, torch.ScalarType type) =>
        (Kind, Integer, Type) = (type == torch.ScalarType.Bool ? ValueKind.Boolean : ValueKind.Integer, value, type);

    public torch.ScalarType Type { get; }

    internal ValueKind Kind { get; }

    internal double Real { get; }

    internal long Integer { get; }

    public static implicit operator Scalar(byte value) => value.ToScalar();

    public static implicit operator Scalar(sbyte value) => value.ToScalar();

    public static implicit operator Scalar(short value) => value.ToScalar();

    public static implicit operator Scalar(int value) => value.ToScalar();

    public static implicit operator Scalar(long value) => value.ToScalar();

    public static implicit operator Scalar(Half value) => value.ToScalar();

    public static implicit operator Scalar(float value) => value.ToScalar();

    public static implicit operator Scalar(double value) => value.ToScalar();

    public static implicit operator Scalar(bool value) => value.ToScalar();

    public void Dispose()
    {
        // TorchSharp's scalars own native memory; these do not.
    }
}

/// <summary>Numbers to scalars and back.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => new(value, torch.ScalarType.Int64);

    public static Scalar ToScalar(this sbyte value) => new(value, torch.ScalarType.Int64);

    public static Scalar ToScalar(this short value) => new(value, torch.ScalarType.Int64);

    public static Scalar ToScalar(this int value) => new(value, torch.ScalarType.Int64);

    public static Scalar ToScalar(this long value) => new(value, torch.ScalarType.Int64);

    public static Scalar ToScalar(this Half value) => new((double)value, torch.ScalarType.Float64);

    public static Scalar ToScalar(this float value) => new(value, torch.ScalarType.Float64);

    public static Scalar ToScalar(this double value) => new(value, torch.ScalarType.Float64);

    public static Scalar ToScalar(this bool value) => new(value ? 1L : 0L, torch.ScalarType.Bool);

    public static Half ToHalf(this Scalar value) => (Half)value.ToDouble();

    public static float ToSingle(this Scalar value) => (float)value.ToDouble();

    public static double ToDouble(this Scalar value) => value.Kind == ValueKind.Real ? value.Real : value.Integer;

    public static sbyte ToSByte(this Scalar value) => checked((sbyte)value.ToInt64());

    public static byte ToByte(this Scalar value) => checked((byte)value.ToInt64());

    public static short ToInt16(this Scalar value) => checked((short)value.ToInt64());

    public static int ToInt32(this Scalar value) => checked((int)value.ToInt64());

    public static long ToInt64(this Scalar value) => value.Kind == ValueKind.Real ? checked((long)value.Real) : value.Integer;

    public static bool ToBoolean(this Scalar value) => value.Kind == ValueKind.Real ? value.Real != 0 : value.Integer != 0;
}
