using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

public class ErrorTests
{
    [OwnFact("the text of our own binding's errors")]
    public void Shape_error_names_the_operator_the_shapes_and_the_reason()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => ones(2, 3).mm(ones(4, 5)));

        Assert.StartsWith("aten::mm(Float[2, 3], Float[4, 5]): mat1 and mat2 shapes cannot be multiplied", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [EngineFact]
    public void Matmul_error_is_an_exception_too() => Throws(() => ones(2, 3).matmul(ones(4)));

    [Fact]
    public void Wrong_element_types_are_refused() => Throws(() => ones(2, float32).dot(ones(2, float64)));

    [Fact]
    public void Index_out_of_range_is_refused() => Throws(() => arange(3).index_select(0, tensor(new long[] { 3 })));

    [Fact]
    public void Class_index_out_of_range_is_refused() =>
        Throws(() => nn.functional.cross_entropy(ones(1, 3), tensor(new long[] { 5 })));

    [OwnFact("the text of our own binding's errors")]
    public void List_arguments_are_described() =>
        Assert.Contains("aten::cat([Float[2, 2], Float[3, 3]])", Throws(() => cat([ones(2, 2), ones(3, 3)])).Message, StringComparison.Ordinal);

    [Fact]
    public void Backward_of_a_tensor_without_history_is_refused() => Throws(() => ones(1).backward());

    [Fact]
    public void Second_backward_through_a_freed_graph_is_refused()
    {
        using var scope = NewDisposeScope();
        var y = ones(1).requires_grad_().exp();
        y.backward();
        Throws(() => y.backward());
    }

    [Fact]
    public void Leaf_that_needs_a_gradient_cannot_be_changed_in_place() => Throws(() => ones(1).requires_grad_().add_(1));

    [Fact]
    public void More_memory_than_there_is_is_refused() => Throws(() => empty(1L << 50));

    [Fact]
    public void Integer_tensor_cannot_need_a_gradient() => Throws(() => arange(3).requires_grad_());

    [Fact]
    public void Unfactorable_matrix_is_refused() => Throws(() => linalg.cholesky(-eye(2)));

    [Fact]
    public void Cuda_is_refused_where_there_is_none()
    {
        if (cuda.is_available()) return;
        Assert.Equal(0, cuda.device_count());
        Assert.Throws<InvalidOperationException>(() => ones(1).to("cuda:0"));
    }

    [Fact]
    public void Errors_do_not_leak_tensors()
    {
        using var a = ones(2, 3);
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 1000; i++) Assert.Throws<ExternalException>(() => a.mm(a));

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [OwnFact("the text of our own binding's errors")]
    public void Threads_get_their_own_errors() => Parallel.For(0, 200, i =>
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => ones(2, i + 3).mm(ones(2, 2)));
        Assert.Contains($"[2, {i + 3}]", error.Message, StringComparison.Ordinal);
    });

    [OwnFact("the text of our own binding's errors")]
    public void Disposed_tensor_says_so()
    {
        var tensor = ones(2);
        var read = tensor.data<float>();
        tensor.Dispose();
        tensor.Dispose();

        Assert.Throws<ObjectDisposedException>(() => tensor + 1);
        Assert.Throws<ObjectDisposedException>(() => tensor.shape);
        Assert.Throws<ObjectDisposedException>(() => read[0]);
        Assert.Throws<ObjectDisposedException>(() => read.ToArray());
        Assert.Equal("", tensor.ToString());
    }

    [Fact]
    public void Disposed_tensor_is_refused()
    {
        var tensor = ones(2);
        tensor.Dispose();

        Assert.ThrowsAny<InvalidOperationException>(() => tensor + 1);
        Assert.ThrowsAny<InvalidOperationException>(() => tensor.shape);
    }

    [Fact]
    public void Wrong_arguments_are_refused_before_native_code()
    {
        using var scope = NewDisposeScope();
        var (x, rows, index) = (ones(2, 2), ones(1, 2), tensor(new[] { 0 }));
        Action[] calls =
        [
            () => x.index_add(0, index, rows, 1), () => x.index_add_(0, index, rows, 1), () => x.index_copy(0, index, rows), () => x.index_copy_(0, index, rows),
            () => x.index_fill(0, index, 1), () => x.index_fill_(0, index, 1), () => x.masked_select(x), () => where(x, x, x), () => x.where(x, x),
            () => x.slice(0, 0, 2, 0), () => x[0].trace(), () => x.diagonal(0, 1, 1), () => x.item<float>(), () => x.data<int>(),
            () => cat([]), () => linalg.multi_dot([]), () => rand(2, int64), () => randn(2, 2, dtype: int32), () => x.cuda(CPU),
            () => optim.AdamW([nn.Parameter(ones(1))], lr: -1), () => optim.AdamW([nn.Parameter(ones(1))], beta1: 1), () => ones(1).to("nowhere"),
        ];
        foreach (var call in calls)
        {
            var error = Record.Exception(call);
            Assert.True(error is ArgumentException, $"call {Array.IndexOf(calls, call)}: {error?.ToString() ?? "no exception"}");
        }
    }

    private static ExternalException Throws(Action action)
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(action);
        if (!Departures.OnTorchSharp) Assert.DoesNotContain('\n', error.Message);
        return error;
    }
}
