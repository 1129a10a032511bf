using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

public class AutogradTests
{
    [Fact]
    public void Backward_takes_the_gradient_of_what_follows()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.0, 2.0, 3.0 }, requires_grad: true);
        (x * x).backward([tensor(new[] { 1.0, 10.0, 100.0 })]);

        Assert.Equal([2, 40, 600], x.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Gradients_accumulate_until_they_are_zeroed()
    {
        using var scope = NewDisposeScope();
        var x = tensor(3.0, requires_grad: true);
        (x * x).backward();
        (x * x).backward();

        Assert.Equal(12, x.grad!.ToDouble());
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void Graph_can_be_kept_and_gradients_differentiated_again()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0, requires_grad: true);
        var y = x.pow(3);
        y.backward(retain_graph: true);
        y.backward();
        Assert.Equal(24, x.grad!.ToDouble());

        var first = autograd.grad([x.pow(3)], [x], create_graph: true)[0];
        Assert.Equal(12, autograd.grad([first], [x])[0].ToDouble());
    }

    [Fact]
    public void Grad_of_weighted_outputs_leaves_grad_alone()
    {
        using var scope = NewDisposeScope();
        var (x, unused) = (tensor(new[] { 1.0, 2.0 }, requires_grad: true), tensor(1.0, requires_grad: true));
        var found = autograd.grad([x * 3], [x, unused], [tensor(new[] { 1.0, 10.0 })], allow_unused: true);

        Assert.Equal([3, 30], found[0].data<double>().ToArray());
        Assert.True(found[1] is null || found[1].IsInvalid);
        Assert.Null(x.grad);
    }

    [Fact]
    public void Only_named_inputs_get_gradients()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (tensor(2.0, requires_grad: true), tensor(5.0, requires_grad: true));
        autograd.backward([x * y], inputs: [x]);

        Assert.Equal(5, x.grad!.ToDouble());
        Assert.Null(y.grad);
    }

    [Fact]
    public void Detached_tensors_share_memory_without_history()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.0, 2.0 }, requires_grad: true);
        var detached = x.detach();
        detached.mul_(10);

        Assert.False(detached.requires_grad);
        Assert.Equal([10, 20], x.detach().data<double>().ToArray());
        var y = x * 2;
        Assert.False(y.is_leaf);
        Assert.Same(y, y.detach_());
        Assert.True(y.is_leaf);
        Assert.False(y.requires_grad);
    }

    [Fact]
    public void Inner_tensor_keeps_its_gradient_when_asked_to()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0, requires_grad: true);
        var y = x * 3;
        y.retain_grad();
        (y * y).backward();

        Assert.Equal(12, y.grad!.ToDouble());
        Assert.Equal(36, x.grad!.ToDouble());
    }

    [Fact]
    public void Modes_nest_and_end()
    {
        using var scope = NewDisposeScope();
        var x = ones(1).requires_grad_();
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad()) Assert.True((x * 2).requires_grad);
            using (set_grad_enabled(true)) Assert.True(is_grad_enabled());
            Assert.False(is_grad_enabled());
        }

        Assert.True(is_grad_enabled());
        Tensor made;
        using (inference_mode()) made = x * 2;
        Assert.False(made.requires_grad);
        Assert.ThrowsAny<Exception>(() => made.requires_grad_());
        Assert.True((x * 2).requires_grad);
        Assert.False(ones(1).with_requires_grad(false).requires_grad);
    }
}
