using System.Runtime.Intrinsics;
using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Models.Kernels;

namespace NcService.Core.Tests.Models;

public sealed unsafe class VectorMathTests
{
    [Fact]
    public void Logarithms_of_every_size_are_good_to_two_units_in_the_last_place()
    {
        for (var x = 1.2e-38; x < 3.4e38; x *= 1.00037) Compare((float)x);
        for (var x = 0.5f; x < 2; x += 1f / 65_536) Compare(x);

        static void Compare(float x)
        {
            var expected = Math.Log(x);
            Assert.Equal(expected, VectorMath.Log(Vector512.Create(x))[9], 2.4e-7 * Math.Abs(expected));
        }
    }

    [Fact]
    public void Exp_is_right_to_two_units_in_the_last_place_where_softmax_needs_it()
    {
        for (var x = -87f; x <= 88f; x += 0.00731f)
        {
            var expected = Math.Exp(x);
            Assert.InRange(VectorMath.Exp(Vector512.Create(x))[5] / expected, 1 - 2.4e-7, 1 + 2.4e-7);
        }
    }

    [Fact]
    public void Exp_of_the_extremes_is_zero_one_or_NaN()
    {
        Assert.Equal(0, VectorMath.Exp(Vector512.Create(-88f))[0]);
        Assert.Equal(0, VectorMath.Exp(Vector512.Create(float.NegativeInfinity))[0]);
        Assert.Equal(1, VectorMath.Exp(Vector512.Create(0f))[0]);
        Assert.True(float.IsNaN(VectorMath.Exp(Vector512.Create(float.NaN))[0]));
    }

    [Fact]
    public void Bfloat16_rounds_to_the_nearest_and_ties_to_even() => Prop.ForAll<float>(value =>
    {
        if (!float.IsFinite(value)) return true;
        var rounded = VectorMath.ToFloat(VectorMath.ToBFloat16(value));
        // Spacing of bfloat16 at the value: 2^(exponent − 7).
        var spacing = value == 0 ? 1e-40 : Math.Pow(2, Math.Max(Math.ILogB(value), -126) - 7);
        return !float.IsFinite(rounded) || Math.Abs((double)rounded - value) <= spacing / 2;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Bfloat16_vectors_keep_their_order_and_agree_with_scalars()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 32).Select(_ => (float)(random.NextDouble() * 20 - 10)).ToArray();
        var stored = new ushort[32];
        fixed (ushort* target = stored) VectorMath.StoreBFloat16(target, Vector512.Create(values.AsSpan(0, 16)), Vector512.Create(values.AsSpan(16, 16)));
        Assert.Equal(values.Select(VectorMath.ToBFloat16), stored);
        fixed (ushort* source = stored)
        {
            var (lower, upper) = VectorMath.LoadBFloat16(source);
            for (var i = 0; i < 16; i++)
            {
                Assert.Equal(VectorMath.ToFloat(stored[i]), lower[i]);
                Assert.Equal(VectorMath.ToFloat(stored[i + 16]), upper[i]);
            }
        }
    }
}
