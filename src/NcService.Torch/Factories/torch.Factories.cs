using NcService.Torch.Interop;
using static NcService.Torch.Interop.Operators;

namespace TorchSharp;

public static partial class torch
{
    private static ScalarType s_defaultType = ScalarType.Float32;

    /// <summary>The type of a new tensor for which none is given.</summary>
    public static ScalarType get_default_dtype() => s_defaultType;

    public static void set_default_dtype(ScalarType dtype) => s_defaultType = dtype;

    /// <summary>start, start + step, … below stop; whole numbers give int64.</summary>
    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Made(requires_grad, null, Call("aten::arange.start_step", start, stop, step, dtype ?? RangeType(start, stop, step), Argument.None, InitializeDevice(device)));

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Made(requires_grad, null, Call("aten::linspace", start, end, steps, dtype ?? get_default_dtype(), Argument.None, InitializeDevice(device)));

    public static Tensor eye(long rows, long columns = -1L, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Made(requires_grad, names, Call("aten::eye.m", rows, columns < 0 ? rows : columns, dtype ?? get_default_dtype(), Argument.None, InitializeDevice(device)));

    // What every factory ends with.
    private static Tensor Made(bool requires_grad, string[]? names, Tensor tensor)
    {
        if (names is not null) throw new NotSupportedException("Named dimensions are not part of this binding.");
        if (requires_grad) tensor.requires_grad = true;
        return tensor;
    }

    private static ScalarType RangeType(params ReadOnlySpan<Scalar> limits)
    {
        foreach (var limit in limits)
        {
            if (limit.Kind == ValueKind.Real) return get_default_dtype();
        }

        return ScalarType.Int64;
    }
}
