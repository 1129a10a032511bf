using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

/// <summary>Values against what the mathematics says.</summary>
public class OperatorValueTests
{
    [Fact]
    public void Operators_with_numbers_on_either_side()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.0, 2.0, 4.0 });

        Is([3, 4, 6], x + 2);
        Is([-1, 0, 2], x - 2);
        Is([1, 0, -2], 2 - x);
        Is([2, 4, 8], 2.0 * x);
        Is([4, 2, 1], 4 / x);
        Is([1, 0, 0], x % 2);
        Is([-1, -2, -4], -x);
        Is([1, 0, 0], (x < 2).to(float64));
        Is([0, 0, 1], (2 < x).to(float64));
        Is([0, 1, 0], ((x >= 2) & (x != 4)).to(float64));
        Is([2, 2, 4], x.maximum(2));
        Is([0, 1, 2], x.log() / Math.Log(2));
    }

    [Fact]
    public void In_place_operators_change_and_return_the_tensor()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.0, 2.0, 4.0 });

        Assert.Same(x, x.add_(1).mul_(2).sub_(2).div_(2));
        Is([1, 2, 4], x);
        Is([1, 0, 0], x.copy_(tensor(new[] { 1.0, 5, 9 })).masked_fill_(x > 1, 0));
        Is([1, 5, 3], x.index_add_(0, tensor(new long[] { 1, 2, 1 }), tensor(new[] { 2.0, 3, 3 }), 1));
        Is([2.5, 2.5, 2.5], x.fill_(2.5));
        Is([0, 0, 0], x.zero_());
        Is([0.5, 0, 0.5], x.scatter_add_(0, tensor(new long[] { 0, 2 }), tensor(new[] { 0.5, 0.5 })));
    }

    [Fact]
    public void Reductions()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new double[,] { { 1, 5, 3 }, { 4, 2, 6 } });

        Assert.Equal(21, x.sum().ToDouble());
        Is([5, 7, 9], x.sum(0L));
        Assert.Equal([1, 3], x.sum(0L, keepdim: true).shape);
        Is([3, 4], x.mean([1]));
        Is([4, 4], x.var(1L));
        Is([Math.Sqrt(8.0 / 3), Math.Sqrt(8.0 / 3)], x.std(1L, unbiased: false));
        var (values, indices) = x.max(1);
        Is([5, 6], values);
        Assert.Equal([1, 2], indices.data<long>().ToArray());
        Assert.Equal([1L, 2L], x.argmax(1).data<long>().ToArray());
        Assert.Equal(0, x.argmin().ToInt64());
        Is([6, 4], x.topk(2, 1).values.max(0).values);
        Is([1, 3, 5], x.sort(1).Values[0]);
        Is([5, 3, 1], x[0].sort(descending: true).Values);
        Is([4, 5, 6], x.amax([0], keepdim: true)[0]);
        Is([1, 2], x.amin(1));
        Is([1, 6, 9], x[0].cumsum(0));
        Assert.Equal(Math.Sqrt(91), x.norm().ToDouble(), 12);
        Assert.Equal([0L, 2, 1], tensor(new long[] { 1, 2, 1 }).bincount(null).data<long>().ToArray());
        Assert.Equal([0L, 2, 1, 0], bincount(tensor(new long[] { 1, 2, 1 }), minlength: 4).data<long>().ToArray());
        Assert.True((x > 0).all().ToBoolean());
        Assert.False((x > 5).any(1)[0].ToBoolean());
    }

    [Fact]
    public void Not_a_number_and_infinity_are_found()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { double.NaN, double.PositiveInfinity, 1 });

        Assert.Equal([true, false, false], x.isnan().data<bool>().ToArray());
        Assert.Equal([false, false, true], x.isfinite().data<bool>().ToArray());
        Is([0, 0, 1], x.nan_to_num(0, 0, 0));
    }

    [Fact]
    public void Index_expressions()
    {
        using var scope = NewDisposeScope();
        var x = arange(24, float64).view(2, 3, 4);

        Assert.Equal(23, x[1, 2, 3].ToDouble());
        Is([4, 5, 6, 7], x[0, 1]);
        Is([3, 15], x[TensorIndex.Ellipsis, 3][TensorIndex.Colon, 0]);
        Is([1, 3], x[0, 0, TensorIndex.Slice(1, null, 2)]);
        Is([22, 23], x[-1, -1, TensorIndex.Slice(-2)]);
        Is([8, 9], x[0, 2, ..2]);
        Assert.Equal([2, 1, 3, 4], x[TensorIndex.Colon, TensorIndex.None].shape);
        Is([0, 17], x[tensor(new long[] { 0, 1 }), tensor(new long[] { 0, 1 }), tensor(new long[] { 0, 1 })]);
        Is([18, 19, 20, 21, 22, 23], x[x > 17]);
        x[0, 0] = zeros(4, float64);
        x[x > 20] = tensor(-1.0);
        Is([0, 0, 0, 0], x[0, 0]);
        Is([20, -1, -1, -1], x[1, 2]);
        Assert.Same(x, x.index_put_(tensor(new[] { 7.0, 8.0 }), TensorIndex.Tensor(tensor(new long[] { 0, 1 })), 0, 0));
        Is([7, 8], x.index(tensor(new long[] { 0, 1 }))[TensorIndex.Colon, 0, 0]);
        x.index_put_(tensor(5.0), tensor(new long[] { 0 }), tensor(new long[] { 2 }));
        x.index_put_((Scalar)6, TensorIndex.Slice(1), 1).index_put_((Scalar)9, tensor(new long[] { 1 }), tensor(new long[] { 0 }));
        Is([5, 5, 5, 5], x[0, 2]);
        Is([6, 6, 6, 6], x[1, 1]);
        Is([9, 9, 9, 9], x.index(1, 0));
    }

    [Fact]
    public void Shapes()
    {
        using var scope = NewDisposeScope();
        var x = arange(6, float64).view(2, 3);

        Is([0, 3, 1, 4, 2, 5], x.t().contiguous().view(-1));
        Assert.False(x.t().is_contiguous());
        Assert.Equal([3, 1], x.stride());
        Assert.Equal([2, 1, 3], x.unsqueeze(1).shape);
        Assert.Equal([2, 3], x.unsqueeze(0).squeeze(0).shape);
        Is([1, 2, 4, 5], x.narrow(1, 1, 2).reshape(-1));
        Is([0, 0, 0, 3, 4, 0], x.tril().view(-1));
        Assert.Equal([4, 3], cat([x, x]).shape);
        Assert.Equal([2, 2, 3], stack([x, x], 1).shape);
        Assert.Equal([1L, 2], Array.ConvertAll(x.split([1, 2], 1), part => part.size(1)));
        Is([0, 2], x[0].slice(0, 0, 3, 2));
    }

    [Fact]
    public void Linear_algebra_satisfies_its_definitions()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var a = randn(5, 3, float64, generator: generator);
        var gram = a.t().matmul(a);
        var (values, vectors) = linalg.eigh(gram);
        Close(gram.matmul(vectors), vectors * values);
        var (u, s, vh) = linalg.svd(a, fullMatrices: false);
        Close(a, (u * s).matmul(vh));
        Close(s, linalg.svdvals(a));
        Close(s.pow(2), values.flip(0));
        Close(a.matmul(linalg.pinv(a)).matmul(a), a);
        Close(linalg.inv(gram).matmul(gram), eye(3, dtype: float64));
        Close(linalg.norm(a), a.pow(2).sum().sqrt());
        Close(einsum("ij,jk->ik", a, gram), a.mm(gram));
        Close(linalg.solve(gram, gram.matmul(a.t())), a.t());
        Close(addmm(ones(5, 5, float64), a, a.t(), 2, 3), 2 + (3 * a.mm(a.t())));
    }

    [Fact]
    public void Softmax_and_cross_entropy_agree_with_their_formulas()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new double[,] { { 1, 2, 3 }, { 0, 0, 0 } });
        var labels = tensor(new long[] { 2, 0 });
        var probabilities = logits.exp() / logits.exp().sum(1, keepdim: true);

        Close(probabilities, logits.softmax(1));
        Close(-(probabilities[0, 2].log() + probabilities[1, 0].log()) / 2, nn.functional.cross_entropy(logits, labels));
        var each = nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None);
        Close(-probabilities.gather(1, labels.unsqueeze(1)).squeeze(1).log(), each);
        Close(each[0], nn.functional.cross_entropy(logits, tensor(new long[] { 2, -100 })));
    }

    private static void Is(double[] expected, Tensor actual)
    {
        var found = actual.to(float64).data<double>().ToArray();
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < found.Length; i++) Assert.Equal(expected[i], found[i], 12);
    }

    private static void Close(Tensor expected, Tensor actual) =>
        Assert.True(expected.allclose(actual, rtol: 1e-9, atol: 1e-9), $"expected {expected}, found {actual}");
}
