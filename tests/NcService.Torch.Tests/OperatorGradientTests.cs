using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

/// <summary>Gradients against central differences in float64.</summary>
public class OperatorGradientTests
{
    private const double Step = 1e-6;
    private const double Tolerance = 1e-6;

    public static TheoryData<string> Names => [.. s_functions.Keys];

    private static readonly Dictionary<string, Func<Tensor, Tensor>> s_functions = new()
    {
        ["add and broadcast"] = x => (x + x[0]) * 3 - 1,
        ["divide"] = x => 1 / (x * x + 2),
        ["matmul"] = x => x.matmul(x.t()),
        ["bmm"] = x => x.view(2, 2, 3).bmm(x.view(2, 3, 2)),
        ["addmm"] = x => addmm(ones(4, 4, float64), x, x.t(), 0.5f, 2f),
        ["exp log sqrt"] = x => (x.exp() + 1).log().sqrt(),
        ["tanh pow"] = x => x.tanh().pow(3) + x.pow(2),
        ["rsqrt reciprocal"] = x => (x * x + 1).rsqrt() + (x * x + 1).reciprocal(),
        ["softmax"] = x => x.softmax(-1) * arange(3, float64),
        ["log_softmax"] = x => x.log_softmax(1) * arange(3, float64),
        ["logsumexp"] = x => x.logsumexp(1),
        ["layer_norm"] = x => nn.functional.layer_norm(x, [3], x[0], x[1]) * arange(3, float64),
        ["gelu"] = x => nn.functional.gelu(x),
        ["linear"] = x => nn.functional.linear(x, x, x.sum(1)),
        ["cross_entropy"] = x => nn.functional.cross_entropy(x, tensor(new long[] { 0, 2, 1, -100 })),
        ["mean var std"] = x => x.mean([1]) + x.var(1L) + x.std(1L, unbiased: false),
        ["max"] = x => x.max(1).values + x.max(),
        ["cumsum prod"] = x => x.cumsum(0) * x.prod(1, keepdim: true),
        ["index_select"] = x => x.index_select(0, tensor(new long[] { 0, 2, 2 })),
        ["index_add"] = x => zeros(3, 3, float64).index_add(0, tensor(new long[] { 0, 1, 1, 2 }), x * x, 1),
        ["gather scatter"] = x => zeros(4, 3, float64).scatter_add(1, tensor(new long[,] { { 0 }, { 1 }, { 2 }, { 0 } }), x.gather(1, tensor(new long[,] { { 2 }, { 1 }, { 0 }, { 0 } }))),
        ["advanced index"] = x => x[tensor(new long[] { 0, 3 }), tensor(new long[] { 1, 2 })] * 2,
        ["slice and cat"] = x => cat([x[TensorIndex.Slice(1), ..], x[.., TensorIndex.Slice(0, 3, 1)]], 0).pow(2),
        ["masked_fill where"] = x => where(x > 0, x.masked_fill(x > 0.5, 2), x * x),
        ["stack permute expand"] = x => stack([x, x * x]).permute(2, 0, 1).unsqueeze(0).expand(2, 3, 2, 4).contiguous(),
        ["tril narrow select"] = x => x.narrow(0, 0, 3).tril() + x.select(0, 3),
        ["norm"] = x => x.norm() + linalg.norm(x, 1, [1]).sum(),
        ["clamp abs sigmoid"] = x => x.clamp(-0.7, 0.7) + x.abs() + x.sigmoid(),
        ["outer einsum"] = x => outer(x[0], x[1]) + einsum("ij,ik->jk", x, x),
        ["eigh"] = x => linalg.eigvalsh(x.t().matmul(x)),
        ["svdvals pinv"] = x => linalg.svdvals(x).sum() + linalg.pinv(x).pow(2).sum(),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_equals_central_differences(string name)
    {
        using var scope = NewDisposeScope();
        var function = s_functions[name];
        using var generator = new Generator(7);
        var x = randn(4, 3, float64, generator: generator);
        var weights = randn(function(x).shape, float64, generator: generator);
        double Loss(Tensor at) => (function(at) * weights).sum().ToDouble();

        var leaf = x.clone().requires_grad_();
        (function(leaf) * weights).sum().backward();
        var gradient = leaf.grad!;

        for (var i = 0; i < 4; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                var (above, below) = (x.clone(), x.clone());
                above[i, j] = x[i, j] + Step;
                below[i, j] = x[i, j] - Step;
                var expected = (Loss(above) - Loss(below)) / (2 * Step);
                Assert.Equal(expected, gradient[i, j].ToDouble(), Tolerance * Math.Max(1, Math.Abs(expected)));
            }
        }
    }
}
