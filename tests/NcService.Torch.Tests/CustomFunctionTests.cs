using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace NcService.Torch.Tests;

public class CustomFunctionTests
{
    [Fact]
    public void Backward_in_csharp_takes_its_place_in_the_graph()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.0, -2.0, 3.0 }).requires_grad_();
        var y = ScaledSquare.apply(x * 2, 5.0);
        (y * tensor(new[] { 1.0, 10.0, 100.0 })).sum().backward();

        Assert.Equal([20, 80, 180], y.data<double>().ToArray());
        // d/dx 5 (2x)² = 40 x
        Assert.Equal([40, -800, 12000], x.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Several_results_and_a_saved_output_work()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 0.5, 1.5 }).requires_grad_();
        var results = ExponentialAndCount.apply(x);
        results[0].sum().backward();

        Assert.False(results[1].requires_grad);
        Assert.Equal(2, results[1].ToInt64());
        Assert.True(x.grad!.allclose(x.exp()));
    }

    [Fact]
    public void Nothing_is_recorded_where_no_gradient_is_wanted()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var x = tensor(new[] { 1.0 }).requires_grad_();

        Assert.False(ScaledSquare.apply(x, 1.0).requires_grad);
    }

    [EngineFact]
    public void Exception_in_backward_reaches_the_caller()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.0 }).requires_grad_();
        var y = Failing.apply(x);

        var error = Assert.Throws<ExternalException>(() => y.backward());
        Assert.Contains("no way back", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Thousands_of_calls_keep_no_tensor_alive()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 2000; i++)
        {
            using var scope = NewDisposeScope();
            var x = ones(64, float64).requires_grad_();
            ScaledSquare.apply(x, 2.0).sum().backward();
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private sealed class ScaledSquare : SingleTensorFunction<ScaledSquare>
    {
        public override string Name => nameof(ScaledSquare);

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            ctx.save_for_backward([x]);
            ctx.save_data("scale", vars[1]);
            return x * x * (double)vars[1];
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) =>
            [grad_output * ctx.get_saved_variables()[0] * (2 * (double)ctx.get_data("scale")!), null!];
    }

    private sealed class ExponentialAndCount : MultiTensorFunction<ExponentialAndCount>
    {
        public override string Name => nameof(ExponentialAndCount);

        public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
        {
            var y = ((Tensor)vars[0]).exp();
            ctx.save_for_backward([y]);
            return [y, tensor(y.NumberOfElements)];
        }

        public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs) =>
            [grad_outputs[0] * ctx.get_saved_variables()[0]];
    }

    private sealed class Failing : SingleTensorFunction<Failing>
    {
        public override string Name => nameof(Failing);

        public override Tensor forward(AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]).clone();

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) => throw new InvalidOperationException("no way back");
    }
}
