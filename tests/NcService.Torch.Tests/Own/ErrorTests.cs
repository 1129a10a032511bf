using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

public class ErrorTests
{
    [Fact]
    public void Shape_error_names_the_operator_the_shapes_and_the_reason()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => ones(2, 3).mm(ones(4, 5)));

        Assert.StartsWith("aten::mm(Float[2, 3], Float[4, 5]): mat1 and mat2 shapes cannot be multiplied", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Matmul_error_is_an_exception_too() => Throws(() => ones(2, 3).matmul(ones(4)));

    [Fact]
    public void Wrong_element_types_are_refused() => Throws(() => ones(2, float32).dot(ones(2, float64)));

    [Fact]
    public void Index_out_of_range_is_refused() => Throws(() => arange(3).index_select(0, tensor(new long[] { 3 })));

    [Fact]
    public void Class_index_out_of_range_is_refused() =>
        Throws(() => nn.functional.cross_entropy(ones(1, 3), tensor(new long[] { 5 })));

    [Fact]
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

    [Fact]
    public void Threads_get_their_own_errors() => Parallel.For(0, 200, i =>
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => ones(2, i + 3).mm(ones(2, 2)));
        Assert.Contains($"[2, {i + 3}]", error.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Disposed_tensor_says_so()
    {
        var tensor = ones(2);
        tensor.Dispose();
        tensor.Dispose();

        Assert.Throws<ObjectDisposedException>(() => tensor + 1);
        Assert.Throws<ObjectDisposedException>(() => tensor.shape);
        Assert.Equal("", tensor.ToString());
    }

    private static ExternalException Throws(Action action)
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(action);
        Assert.DoesNotContain('\n', error.Message);
        return error;
    }
}
