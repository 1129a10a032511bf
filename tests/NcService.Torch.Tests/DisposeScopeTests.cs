using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

public class DisposeScopeTests
{
    [Fact]
    public void Scope_disposes_what_was_created_in_it_and_nothing_else()
    {
        using var outside = ones(2);
        Tensor inside;
        using (var scope = NewDisposeScope())
        {
            inside = outside + 1;
            Assert.Equal(1, scope.DisposablesCount);
        }

        Assert.True(inside.IsInvalid);
        Assert.False(outside.IsInvalid);
    }

    [Fact]
    public void MoveToOuterDisposeScope_leaves_the_tensor_to_the_outer_scope()
    {
        Tensor moved;
        using (NewDisposeScope())
        {
            using (NewDisposeScope()) moved = ones(2).MoveToOuterDisposeScope();
            Assert.False(moved.IsInvalid);
        }

        Assert.True(moved.IsInvalid);
    }

    [Fact]
    public void DetachFromDisposeScope_lets_the_tensor_live_on()
    {
        Tensor detached;
        using (NewDisposeScope()) detached = ones(2).DetachFromDisposeScope();

        Assert.Equal(2, detached.sum().ToDouble());
        detached.Dispose();
    }

    [Fact]
    public void Moving_out_of_the_outermost_scope_detaches()
    {
        Tensor moved;
        using (NewDisposeScope()) moved = ones(2).MoveToOuterDisposeScope();

        Assert.False(moved.IsInvalid);
        moved.Dispose();
    }

    [Fact]
    public void Scopes_may_end_out_of_order()
    {
        var outer = NewDisposeScope();
        var inner = NewDisposeScope();
        outer.Dispose();
        var made = ones(1);
        inner.Dispose();

        Assert.True(made.IsInvalid);
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void DisposeEverythingBut_keeps_what_is_named()
    {
        using var scope = NewDisposeScope();
        var (kept, dropped) = (ones(1), ones(1));
        scope.DisposeEverythingBut(kept);

        Assert.False(kept.IsInvalid);
        Assert.True(dropped.IsInvalid);
        Assert.True(scope.Contains(kept));
    }

    [Fact]
    public void Attach_takes_a_tensor_that_was_made_outside()
    {
        var tensor = ones(2);
        using (var scope = NewDisposeScope()) scope.Attach(tensor);

        Assert.True(tensor.IsInvalid);
    }

    [Fact]
    public void Parameter_takes_its_tensors_place_in_the_scope()
    {
        TorchSharp.Modules.Parameter parameter;
        using (var scope = NewDisposeScope())
        {
            var data = ones(2);
            parameter = nn.Parameter(data);
            Assert.True(data.IsInvalid);
            Assert.True(scope.Contains(parameter));
            Assert.Equal(1, scope.DisposablesCount);
        }

        Assert.True(parameter.IsInvalid);
    }

    [Fact]
    public void Wrapped_expression_gives_only_its_result()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (WrappedTensorDisposeScope(() => (ones(2) + 1) * 3))
        {
            Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }
}
