using NcService.Core.Models;
using NcService.Core.Models.Kernels;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Models;

/// <summary>Attention and its masks against a mask written out pair by pair, in float64.</summary>
public sealed unsafe class AttentionKernelTests
{
    private const int Heads = 2;

    // Windows of one, of the sequence's length, one more and one less; lengths and windows at a vector's border.
    private static readonly (int Length, int Window)[] Edges =
        [(1, 1), (2, 1), (5, 2), (16, 15), (16, 16), (16, 17), (17, 16), (33, 32), (40, 1), (65, 64), (70, 256)];

    public static TheoryData<int, int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<int, int, int>();
            foreach (var (length, window) in Edges)
            {
                sizes.Add(length, window, 4);
                sizes.Add(length, window, 19);
            }
            return sizes;
        }
    }

    private static bool Sees(int query, int key, int window) => key <= query && key > query - window;

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Context_and_gradients_are_those_of_the_mask_written_out(int length, int window, int size)
    {
        var width = Heads * size;
        var shape = new AttentionShape(1, length, Heads, size, window);
        var random = new Random(length * 1000 + window);
        var packed = Draw(length * 3 * width);
        var contextGradient = Draw(length * width);
        var (context, normalisers, gradient) = (new float[length * width], new float[Heads * length], new float[packed.Length]);
        fixed (float* packedAt = packed, contextAt = context, normalisersAt = normalisers, contextGradientAt = contextGradient, gradientAt = gradient)
        {
            AttentionKernel.Forward<Float32Element>(packedAt, contextAt, normalisersAt, shape);
            AttentionKernel.Backward<Float32Element>(packedAt, normalisersAt, contextGradientAt, gradientAt, shape);
        }

        var (expectedContext, expectedGradient) = (new double[context.Length], new double[packed.Length]);
        for (var head = 0; head < Heads; head++)
        {
            int At(int position, int part, int c) => position * 3 * width + part * width + head * size + c;
            for (var i = 0; i < length; i++)
            {
                var weights = Enumerable.Range(0, length).Select(j => Sees(i, j, window) ? Math.Exp(Dot(i, j)) : 0).ToArray();
                var sum = weights.Sum();
                var mean = 0.0;
                var byWeight = new double[length];
                for (var j = 0; j < length; j++)
                {
                    weights[j] /= sum;
                    for (var c = 0; c < size; c++)
                    {
                        var outer = (double)contextGradient[i * width + head * size + c];
                        expectedContext[i * width + head * size + c] += weights[j] * packed[At(j, 2, c)];
                        byWeight[j] += outer * packed[At(j, 2, c)];
                        expectedGradient[At(j, 2, c)] += weights[j] * outer;
                    }
                    mean += weights[j] * byWeight[j];
                }
                for (var j = 0; j < length; j++)
                {
                    var byScore = weights[j] * (byWeight[j] - mean);
                    for (var c = 0; c < size; c++)
                    {
                        expectedGradient[At(i, 0, c)] += byScore * packed[At(j, 1, c)];
                        expectedGradient[At(j, 1, c)] += byScore * packed[At(i, 0, c)];
                    }
                }
                double Dot(int a, int b) => Enumerable.Range(0, size).Sum(c => (double)packed[At(a, 0, c)] * packed[At(b, 1, c)]);
            }
        }
        AssertClose(expectedContext, context);
        AssertClose(expectedGradient, gradient);

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(2 * random.NextDouble() - 1))];
    }

    [Fact]
    public void Masks_hide_what_no_position_may_see()
    {
        foreach (var (length, window) in Edges)
        {
            using var scope = NewDisposeScope();
            using var masks = new AttentionMasks(window, CPU);
            var local = masks.Get(AttentionKind.Local, ScalarType.Float32, length).contiguous().data<float>().ToArray();
            var global = masks.Get(AttentionKind.Global, ScalarType.Float32, length).contiguous().data<float>().ToArray();
            for (var i = 0; i < length; i++)
            {
                for (var j = 0; j < length; j++)
                {
                    Assert.Equal(Sees(i, j, window) ? 0 : float.NegativeInfinity, local[i * length + j]);
                    Assert.Equal(j <= i ? 0 : float.NegativeInfinity, global[i * length + j]);
                }
            }
        }
    }

    private static void AssertClose(double[] expected, float[] actual)
    {
        var scale = expected.Max(value => Math.Abs(value)) + 1e-6;
        for (var i = 0; i < expected.Length; i++) Assert.InRange(actual[i], expected[i] - 1e-5 * scale, expected[i] + 1e-5 * scale);
    }
}
