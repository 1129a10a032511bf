using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

public class DataTests
{
    [Fact]
    public void Arrays_go_in_and_come_out_with_their_types_and_shapes()
    {
        using var scope = NewDisposeScope();
        Check(tensor(new double[,] { { 1, 2 }, { 3, 4 } }), float64, [2, 2], new double[] { 1, 2, 3, 4 });
        Check(tensor(new[] { 1.5f, -2 }), float32, [2], new[] { 1.5f, -2 });
        Check(tensor(new long[] { 1, 2, 3 }, [3, 1]), int64, [3, 1], new long[] { 1, 2, 3 });
        Check(tensor(new[] { 7 }), int32, [1], new[] { 7 });
        Check(tensor(new short[] { 7 }), int16, [1], new short[] { 7 });
        Check(tensor(new byte[] { 255 }), uint8, [1], new byte[] { 255 });
        Check(tensor(new[] { true, false }), @bool, [2], new[] { true, false });
        Check(from_array(new float[1, 2, 2, 1]), float32, [1, 2, 2, 1], new float[4]);
        Check(tensor(3.5), float64, [], new[] { 3.5 });
        Check(tensor(3), int32, [], new[] { 3 });
        Check(tensor(new double[] { 1 }, dtype: float32), float32, [1], new[] { 1f });

        static void Check<T>(Tensor made, ScalarType type, long[] shape, T[] elements) where T : unmanaged
        {
            Assert.Equal(type, made.dtype);
            Assert.Equal(shape, made.shape);
            Assert.Equal(elements, made.data<T>().ToArray());
        }
    }

    [Fact]
    public void Accessor_follows_strides_and_writes_in_place()
    {
        using var scope = NewDisposeScope();
        var matrix = arange(6, float32).view(2, 3);
        var transposed = matrix.t();
        var accessor = transposed.data<float>();

        Assert.Equal([0, 3, 1, 4, 2, 5], accessor.ToArray());
        Assert.Equal(5, accessor[2, 1]);
        accessor[2, 1] = 50;
        Assert.Equal(50, matrix[1, 2].item<float>());
        Assert.Equal(new float[,] { { 0, 3 }, { 1, 4 }, { 2, 50 } }, (float[,])accessor.ToNDArray());
    }

    [EngineFact]
    public void Writing_from_the_middle_follows_strides()
    {
        using var scope = NewDisposeScope();
        var matrix = arange(6, float32).view(2, 3);
        matrix.t().data<float>().CopyFrom([9f, 8f], tensorIndex: 1);

        Assert.Equal([0, 8, 2, 9, 4, 5], matrix.data<float>());
    }

    [Fact]
    public void Accessors_copy_what_fits()
    {
        using var scope = NewDisposeScope();
        var x = arange(4, float32);
        var accessor = x.data<float>();
        var target = new float[6];
        accessor.CopyTo(target, arrayIndex: 1, tensorIndex: 2);
        accessor.CopyFrom([7f, 8f, 9f], arrayIndex: 2);
        accessor.CopyTo(target.AsSpan(), arrayIndex: 6);

        Assert.Equal([0, 2, 3, 0, 0, 0], target);
        Assert.Equal([9, 1, 2, 3], accessor.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => accessor.CopyTo(target, tensorIndex: 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => accessor.CopyTo(target, tensorIndex: -1));
    }

    [Fact]
    public void Accessors_are_equal_where_their_elements_are()
    {
        using var scope = NewDisposeScope();
        var (x, same, other) = (arange(4, float32).data<float>(), arange(4, float32).data<float>(), arange(1, 5, float32).data<float>());

        Assert.True(x == same && x != other);
        x.Dispose();
        Assert.Equal(0, x.Count);
        Assert.ThrowsAny<Exception>(() => x[0]);
    }

    [EngineFact]
    public void Accessors_are_equal_as_objects_too()
    {
        using var scope = NewDisposeScope();
        object x = arange(4, float32).data<float>();

        Assert.True(x.Equals(arange(4, float32).data<float>()));
        Assert.False(x.Equals(arange(1, 5, float32).data<float>()) || x.Equals(null));
    }

    [Fact]
    public void Arrays_are_shared_by_from_array_and_copied_by_tensor()
    {
        using var scope = NewDisposeScope();
        var array = new float[,] { { 1, 2 }, { 3, 4 } };
        var (shared, same, copied, converted) = (from_array(array), as_tensor(array), tensor(array), from_array(array, float64));
        array[1, 1] = 40;
        shared[0, 0] = tensor(10f);

        Assert.Equal([10, 2, 3, 40], same.data<float>().ToArray());
        Assert.Equal(10, array[0, 0]);
        Assert.Equal([1, 2, 3, 4], copied.data<float>().ToArray());
        Assert.Equal([1, 2, 3, 4], converted.data<double>().ToArray());
        Assert.Equal([true, false], from_array(new[] { true, false }).data<bool>().ToArray());
        Assert.Equal([0, 3], from_array(new long[0, 3]).shape);
        Assert.Throws<NotSupportedException>(() => from_array(new[] { "1" }));
    }

    [Fact]
    public void Shared_array_lives_as_long_as_a_tensor_over_it()
    {
        var (view, array) = ViewOfForgottenArray();
        GC.Collect();
        Assert.Equal([2, 3], view.data<double>().ToArray());
        view.Dispose();
        for (var i = 0; i < 20 && array.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(array.IsAlive);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static (Tensor View, WeakReference Array) ViewOfForgottenArray()
    {
        var array = new double[] { 1, 2, 3 };
        using var whole = from_array(array);
        return (whole.narrow(0, 1, 2), new WeakReference(array));
    }

    [Fact]
    public void Array_may_hold_more_than_the_shape_takes_but_not_less()
    {
        using var made = tensor(new[] { 1.0, 2, 3 }, [2, 1]);
        Assert.Equal([1, 2], made.data<double>().ToArray());
        Assert.Throws<ArgumentException>(() => tensor(new[] { 1.0, 2, 3 }, [2, 2]));
    }

    [Fact]
    public void Accessor_of_another_type_or_a_disposed_tensor_is_refused()
    {
        var made = ones(2);
        Assert.Throws<ArgumentException>(() => made.data<double>());
        Assert.Throws<ArgumentException>(() => made.bfloat16().data<ushort>());
        var accessor = made.data<float>();
        Assert.Throws<IndexOutOfRangeException>(() => accessor[2]);
        made.Dispose();
        Assert.ThrowsAny<InvalidOperationException>(() => accessor[0]);
    }

    [Fact]
    public void Bytes_are_the_memory_itself()
    {
        using var made = zeros(2, dtype: int32);
        made.bytes[4] = 7;

        Assert.Equal([0, 7], made.data<int>().ToArray());
        made.bytes = new byte[] { 1, 0, 0, 0, 2, 0, 0, 0 };
        Assert.Equal([1, 2], made.data<int>().ToArray());
        Assert.Throws<ArgumentException>(() => made.bytes = new byte[3]);
        using var transposed = ones(2, 3).t();
        Assert.Throws<InvalidOperationException>(() => transposed.bytes.Length);
    }

    [Fact]
    public void Streams_carry_the_bytes()
    {
        using var source = randn(33, 7);
        using var target = empty(33, 7);
        using var stream = new MemoryStream();
        source.WriteBytesToStream(stream);
        stream.Position = 0;
        target.ReadBytesFromStream(stream);

        Assert.True(source.Equals(target));
        Assert.Throws<EndOfStreamException>(() => target.ReadBytesFromStream(stream));
    }

    [Fact]
    public void Numbers_come_out_of_one_element_tensors()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(2.5, tensor(2.5f).ToDouble());
        Assert.Equal(3, tensor(3L).ToInt32());
        Assert.True(tensor(true).ToBoolean());
        Assert.Equal(1.5f, ones(1, bfloat16).mul(1.5).ToSingle());
        Assert.Equal(4L, tensor(4L).item<long>());
        Assert.Throws<ArgumentException>(() => ones(2).item<float>());
    }

    [Fact]
    public void Bfloat16_rounds_to_nearest_even_and_computes()
    {
        using var scope = NewDisposeScope();
        // 1 + 2⁻⁸ lies halfway between two bfloat16 numbers, the even one is 1; 1 + 3·2⁻⁸ rounds up.
        var rounded = tensor(new[] { 1 + (1 / 256f), 1 + (3 / 256f), 3.4e38f }).to(bfloat16);

        Assert.Equal(bfloat16, rounded.dtype);
        Assert.Equal(2, rounded.ElementSize);
        Assert.Equal([1, 1 + (4 / 256f), float.PositiveInfinity], rounded.to(float32).data<float>().ToArray());
        var (a, b) = (randn(64, 96).to(bfloat16), randn(96, 32).to(bfloat16));
        var product = a.matmul(b);
        Assert.Equal(bfloat16, product.dtype);
        Assert.True(product.to(float64).allclose(a.to(float64).matmul(b.to(float64)), rtol: 0.01, atol: 0.05));
        var x = a.to(float32).requires_grad_();
        x.to(bfloat16).matmul(b).to(float32).sum().backward();
        Assert.Equal(float32, x.grad!.dtype);
    }

    [Fact]
    public void To_returns_what_was_asked_for()
    {
        using var scope = NewDisposeScope();
        var made = ones(2, float64);

        Assert.Equal(float32, made.to(float32).dtype);
        Assert.Equal("cpu", made.to(CPU).device.ToString());
        made.to(float64).add_(1);
        Assert.Equal(2, made[0].ToDouble());
        made.to(float64, copy: true).add_(1);
        Assert.Equal(2, made[0].ToDouble());
        Assert.True(made.to(int64, disposeAfter: true).is_integral());
        Assert.True(made.IsInvalid);
    }

    [Fact]
    public void Equal_tensors_have_equal_shapes_and_elements()
    {
        using var scope = NewDisposeScope();
        var (x, same) = (ones(2), ones(2));

        Assert.True(x.Equals((object)same));
        Assert.False(x.Equals((object)ones(3)));
        Assert.False(x.Equals("ones"));
        Assert.Equal(x.GetHashCode(), x.GetHashCode());
    }

    [Fact]
    public void Set_shares_the_memory_of_another_tensor()
    {
        using var scope = NewDisposeScope();
        var (x, other) = (zeros(2), ones(2, 2));
        x.set_(other).add_(1);

        Assert.Equal(8, other.sum().ToDouble());
        Assert.Equal([2, 2], x.shape);
    }

    [Fact]
    public void Conversions_take_a_device_in_every_form()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, float64);

        foreach (var made in new[] { x.to(CPU), x.to("cpu"), x.to(DeviceType.CPU), x.to(float32, CPU), x.to(ones(1)), (Tensor)2.5, (Tensor)new[] { 1, 2 } })
            Assert.Equal(DeviceType.CPU, made.device_type);
        Assert.Throws<ArgumentException>(() => x.cuda(CPU));
        Assert.Equal((1.0, 1L, 1), ((double)x[0], (long)x[0], (int)x[0]));
    }

    [Fact]
    public void ToString_tells_shape_type_and_device() =>
        Assert.Equal("[2x3], type = Float32, device = cpu", WrappedTensorDisposeScope(() => ones(2, 3)).ToString());
}
