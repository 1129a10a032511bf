using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

/// <summary>The overloads that take spans, which the table of operators cannot call.</summary>
public class SpanTests
{
    [Fact]
    public void Shapes_may_be_spans()
    {
        using var scope = NewDisposeScope();
        ReadOnlySpan<long> shape = [2, 3];

        foreach (var made in new[] { zeros(shape), ones(shape), empty(shape), full(shape, 1.5), rand(shape), randn(shape), normal(1, 2, shape) })
            Assert.Equal([2, 3], made.shape);
        Assert.Equal(6, ones(shape).sum().ToDouble());
        Assert.Equal(9, full(shape, 1.5).sum().ToDouble());
        Assert.Equal(5, normal(5, 0, shape)[0, 0].ToDouble());
        Assert.Equal([2, 3], ones(2, 1).expand(shape).shape);
    }

    [Fact]
    public void Dimensions_may_be_spans()
    {
        using var scope = NewDisposeScope();
        ReadOnlySpan<long> both = [0, 1];
        var x = tensor(new double[,] { { 1, 5, 3 }, { 4, 2, 6 } });

        Assert.Equal(21, x.sum(both).ToDouble());
        Assert.Equal([1, 1], sum(x, both, keepdim: true).shape);
        Assert.Equal(3.5, x.var(both, unbiased: true).ToDouble(), 12);
        Assert.Equal(Math.Sqrt(17.5 / 6), x.std(both, unbiased: false).ToDouble(), 12);
    }

    [Fact]
    public void Elements_may_be_memory_with_a_shape_as_a_span()
    {
        using var scope = NewDisposeScope();
        Check(tensor(new byte[] { 1, 2 }.AsMemory(), [2, 1]), uint8);
        Check(tensor(new sbyte[] { 1, 2 }.AsMemory(), [2, 1]), int8);
        Check(tensor(new short[] { 1, 2 }.AsMemory(), [2, 1]), int16);
        Check(tensor(new[] { 1, 2 }.AsMemory(), [2, 1]), int32);
        Check(tensor(new long[] { 1, 2 }.AsMemory(), [2, 1]), int64);
        Check(tensor(new float[] { 1, 2 }.AsMemory(), [2, 1]), float32);
        Check(tensor(new double[] { 1, 2 }.AsMemory(), [2, 1]), float64);

        static void Check(Tensor made, ScalarType type)
        {
            Assert.Equal(type, made.dtype);
            Assert.Equal([2, 1], made.shape);
            Assert.Equal([1, 2], made.to(float64).data<double>().ToArray());
        }
    }
}
