using NcService.Core.Models;
using NcService.Core.Training;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Training;

public sealed class AdamWTests
{
    [Fact]
    public void Kernel_and_composed_twin_agree_and_leave_gradients_zero()
    {
        using var scope = NewDisposeScope();
        using var left = Model();
        using var right = Model();
        using var kernel = new AdamW(left, 0.1);
        using var composed = new AdamW(right, 0.1);
        using var generator = new Generator(1);
        for (var step = 0; step < 4; step++)
        {
            var gradients = randn(left.Layout.Length, generator: generator);
            left.FlatGradients!.copy_(gradients);
            right.FlatGradients!.copy_(gradients);
            var norm = kernel.GradientNorm();
            Assert.Equal(gradients.@double().norm().item<double>(), norm, 1e-9 * norm);
            kernel.Step(step, 0.01, norm, clip: 1);
            composed.ComposedStep(new AdamWSettings(0.01, 1 / (norm + 1e-6), 1 - Math.Pow(0.9, step + 1), 1 - Math.Pow(0.999, step + 1)));
        }
        Assert.Equal(0, left.FlatGradients!.abs().max().item<float>());
        Assert.True((left.FlatParameters - right.FlatParameters).abs().max().item<float>() < 1e-6f);
    }

    [Fact]
    public void Biases_and_LayerNorms_do_not_decay_and_matrices_do()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        using var optimizer = new AdamW(model, weightDecay: 0.5);
        using (no_grad()) model.FlatParameters.fill_(1);
        optimizer.Step(0, learningRate: 0.1, gradientNorm: 0, clip: 1);
        foreach (var (name, tensor) in model.HuggingFaceViews(model.FlatParameters))
        {
            var decays = !name.EndsWith(".bias", StringComparison.Ordinal) && !name.Contains(".ln_", StringComparison.Ordinal);
            Assert.Equal(decays ? 0.95f : 1f, tensor.mean().item<float>(), 1e-6f);
        }
    }

    private static GptNeo Model() => new(GptNeoConfiguration.Create(12, 2, 30, 6), CPU, seed: 1);
}
