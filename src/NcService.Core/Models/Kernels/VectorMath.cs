using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NcService.Core.Models.Kernels;

/// <summary>exp, log and bfloat16 conversion on sixteen floats at a time.</summary>
internal static unsafe class VectorMath
{
    /// <summary>
    /// eˣ to about one unit in the last place: x = n ln 2 + r, a polynomial of degree 6 in r (Cephes' expf), n added to the exponent.
    /// Below −87.3 the result is 0, as far as softmax is concerned; NaN stays NaN; above 88 it saturates.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        var clamped = Vector512.Min(x, Vector512.Create(88f));
        var n = Vector512.Round(clamped * 1.44269504f);
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), clamped);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.Create(1.9875691500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r + Vector512<float>.One);
        var exponent = Vector512.ShiftLeft(Vector512.ConvertToInt32(n) + Vector512.Create(127), 23).AsSingle();
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(-87.3f)), Vector512<float>.Zero, p * exponent);
    }

    /// <summary>
    /// ln x of positive normal numbers to about one unit in the last place: x = 2ⁿ(1 + r) with 1 + r from √½ to √2, a polynomial of degree 11 in r (Cephes' logf). Anything
    /// else gives a number without meaning.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x)
    {
        var n = Vector512.ShiftRightArithmetic(x.AsInt32() - Vector512.Create(0x3f3504f3), 23);
        var r = (x.AsInt32() - Vector512.ShiftLeft(n, 23)).AsSingle() - Vector512<float>.One;
        var exponent = Vector512.ConvertToSingle(n);
        var square = r * r;
        var p = Vector512.Create(7.0376836292e-2f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(-1.1514610310e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.1676998740e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(-1.2420140846e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.4249322787e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(-1.6668057665e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(2.0000714765e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(-2.4999993993e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(3.3333331174e-1f));
        var small = Vector512.FusedMultiplyAdd(exponent, Vector512.Create(-2.12194440e-4f), p * r * square);
        small = Vector512.FusedMultiplyAdd(square, Vector512.Create(-0.5f), small);
        return Vector512.FusedMultiplyAdd(exponent, Vector512.Create(0.693359375f), r + small);
    }

    /// <summary>32 bfloat16 as two vectors of floats, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Lower, Vector512<float> Upper) LoadBFloat16(ushort* source)
    {
        var (lower, upper) = Vector512.Widen(Vector512.Load(source));
        return (Vector512.ShiftLeft(lower, 16).AsSingle(), Vector512.ShiftLeft(upper, 16).AsSingle());
    }

    /// <summary>Rounds to nearest even and stores 32 bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(ushort* target, Vector512<float> lower, Vector512<float> upper) =>
        Vector512.Narrow(RoundToBFloat16(lower), RoundToBFloat16(upper)).Store(target);

    /// <summary>One bfloat16 as a float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToFloat(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    /// <summary>One float rounded to nearest even; NaN keeps being NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort ToBFloat16(float value)
    {
        if (float.IsNaN(value)) return 0x7fc0;
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The bfloat16 in the lower half of each element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RoundToBFloat16(Vector512<float> value)
    {
        var bits = value.AsUInt32();
        var odd = Vector512.ShiftRightLogical(bits, 16) & Vector512<uint>.One;
        return Vector512.ShiftRightLogical(bits + Vector512.Create(0x7fffu) + odd, 16);
    }
}
