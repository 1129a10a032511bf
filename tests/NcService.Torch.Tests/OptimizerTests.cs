using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

public class OptimizerTests
{
    [Fact]
    public void AdamW_follows_its_paper_by_group()
    {
        using var scope = NewDisposeScope();
        var (decayed, free) = (nn.Parameter(tensor(new[] { 1.0, -2.0 })), nn.Parameter(tensor(new[] { 0.5 })));
        using var optimizer = optim.AdamW(
            [new AdamW.ParamGroup([decayed], lr: 0.1, weight_decay: 0.5), new AdamW.ParamGroup([free], lr: 0.1)]);
        var expected = new[] { new Reference(1, 0.5), new Reference(-2, 0.5), new Reference(0.5, 0) };

        for (var i = 0; i < 5; i++)
        {
            optimizer.zero_grad();
            (decayed.pow(2).sum() + (3 * free).sum()).backward();
            optimizer.step();
            expected[0].Step(2 * expected[0].Value);
            expected[1].Step(2 * expected[1].Value);
            expected[2].Step(3);
        }

        Assert.Equal(expected[0].Value, decayed[0].ToDouble(), 12);
        Assert.Equal(expected[1].Value, decayed[1].ToDouble(), 12);
        Assert.Equal(expected[2].Value, free[0].ToDouble(), 12);
    }

    [Fact]
    public void State_loaded_into_a_second_optimizer_continues_the_same_way()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (nn.Parameter(tensor(new[] { 1.0, -2.0 })), nn.Parameter(tensor(new[] { 1.0, -2.0 })));
        using var first = optim.AdamW([a], lr: 0.1);
        using var second = optim.AdamW([b], lr: 0.5);
        Step(first, a);
        Step(first, a);
        using (no_grad()) b.copy_(a);
        second.load_state_dict(first.state_dict());
        Step(first, a);
        Step(second, b);

        Assert.True(a.Equals(b));
        var state = (AdamW.State)second.state_dict().State[0];
        Assert.Equal(3, state.step);

        static void Step(AdamW optimizer, Parameter parameter)
        {
            optimizer.zero_grad();
            parameter.pow(2).sum().backward();
            optimizer.step();
        }
    }

    [Fact]
    public void Linear_schedule_reaches_zero_at_its_end()
    {
        using var scope = NewDisposeScope();
        using var optimizer = optim.AdamW([nn.Parameter(ones(1))], lr: 0.5);
        var schedule = optim.lr_scheduler.LinearLR(optimizer, start_factor: 1, end_factor: 0, total_iters: 4);
        var rates = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            rates.Add(optimizer.ParamGroups.Single().LearningRate);
            schedule.step();
        }

        double[] expected = [0.5, 0.375, 0.25, 0.125, 0];
        for (var i = 0; i < 5; i++) Assert.Equal(expected[i], rates[i], 12);
    }

    [Fact]
    public void Lambda_schedule_multiplies_the_initial_rate()
    {
        using var scope = NewDisposeScope();
        using var optimizer = optim.AdamW([nn.Parameter(ones(1))], lr: 0.5);
        var schedule = optim.lr_scheduler.LambdaLR(optimizer, step => 1 - (step / 10.0));
        schedule.step();

        Assert.Equal(0.45, schedule.get_last_lr().Single(), 12);
        Assert.Equal(0.45, optimizer.ParamGroups.Single().LearningRate, 12);
    }

    [Fact]
    public void Gradients_are_clipped_to_their_joint_norm()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (nn.Parameter(zeros(2)), nn.Parameter(zeros(1)));
        a.grad = tensor(new[] { 3f, 0 });
        b.grad = tensor(new[] { 4f });

        Assert.Equal(5, nn.utils.clip_grad_norm_([a, b], 1), 5);
        Assert.Equal(0.6, a.grad![0].ToDouble(), 5);
        Assert.Equal(0.8, b.grad![0].ToDouble(), 5);
        Assert.Equal(1, nn.utils.clip_grad_norm_([a, b], 10), 5);
        Assert.Equal(0.8, b.grad[0].ToDouble(), 5);
    }

    // Algorithm 2 of arXiv 1711.05101 for one number, with the defaults β 0.9 and 0.999, ε 1e-8 and rate 0.1.
    private sealed class Reference(double start, double decay)
    {
        private double _first;
        private double _second;
        private int _step;

        public double Value { get; private set; } = start;

        public void Step(double gradient)
        {
            _step++;
            _first = (0.9 * _first) + (0.1 * gradient);
            _second = (0.999 * _second) + (0.001 * gradient * gradient);
            var direction = _first / (1 - Math.Pow(0.9, _step)) / (Math.Sqrt(_second / (1 - Math.Pow(0.999, _step))) + 1e-8);
            Value -= 0.1 * (direction + (decay * Value));
        }
    }
}
