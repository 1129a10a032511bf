using NcService.Core.Models;
using NcService.Core.Training;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Models;

public sealed class CpuTrunkTests
{
    // Widths, head sizes and lengths that are and are not multiples of the vector length; windows inside, at and beyond a vector's border.
    [Theory]
    [InlineData(16, 4, 2, 1)]
    [InlineData(16, 4, 7, 3)]
    [InlineData(16, 1, 16, 16)]
    [InlineData(24, 3, 17, 1)]
    [InlineData(10, 2, 33, 16)]
    [InlineData(20, 5, 50, 17)]
    [InlineData(64, 16, 80, 31)]
    [InlineData(36, 4, 150, 256)]
    [InlineData(7, 7, 65, 64)]
    public void Embeddings_and_every_gradient_are_those_of_the_composed_model_under_autograd(int width, int heads, int length, int window)
    {
        using var scope = NewDisposeScope();
        using var model = Model(width, heads, length, window);
        using var run = new Optimisation(model, 0, 0);
        var batch = Batch(3, length);

        using (no_grad()) AssertClose(model.ComposedForward(tensor(batch.Ids, [3, length])).view(-1, width), model.Embed(batch), 2e-5, "embeddings");
        var loss = run.Step.Gradients(batch);
        var fused = model.FlatGradients!.clone();
        model.FlatGradients!.zero_();
        Assert.Equal(run.Step.ComposedGradients(batch).MeanLoss, loss, 1e-5 * loss);

        var actual = model.HuggingFaceViews(fused).ToDictionary();
        foreach (var (name, expected) in model.HuggingFaceViews(model.FlatGradients!)) AssertClose(expected, actual[name], 2e-4, name);
    }

    [Fact]
    public void With_bfloat16_products_it_is_at_least_as_near_to_float32_as_the_composed_model()
    {
        using var scope = NewDisposeScope();
        using var model = Model(32, 4, 40, 9, bFloat16IsFaster: true);
        var batch = Batch(3, 40);
        var exact = Gradients(model, Precision.Float32, composed: false);
        var fused = Error(Gradients(model, Precision.BFloat16, composed: false));
        var composed = Error(Gradients(model, Precision.BFloat16, composed: true));
        Assert.InRange(composed, 0.001, 0.2);   // bfloat16 has been at work
        Assert.InRange(fused, 0.001, composed * 1.1);

        float Error(Tensor gradients) => (gradients - exact).norm().item<float>() / exact.norm().item<float>();

        Tensor Gradients(GptNeo of, Precision precision, bool composed)
        {
            of.Precision = precision;
            using var run = new Optimisation(of, 0, 0);
            of.FlatGradients!.zero_();
            _ = composed ? run.Step.ComposedGradients(batch).MeanLoss : run.Step.Gradients(batch);
            return of.FlatGradients!.clone();
        }
    }

    [Fact]
    public void Forward_without_gradients_gives_a_tensor_of_its_own_and_follows_the_weights()
    {
        using var scope = NewDisposeScope();
        using var model = Model(16, 2, 8, 4);
        using var noGrad = no_grad();
        model.Precision = Precision.BFloat16;
        var ids = tensor(Batch(2, 8).Ids, [2, 8]);
        var first = model.forward(ids);
        var copy = first.clone();
        model.FlatParameters.mul_(1.5);
        var second = model.forward(ids);
        Assert.True(first.eq(copy).all().item<bool>());
        Assert.False(first.eq(second).all().item<bool>());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(50)]
    public void An_id_outside_the_vocabulary_is_an_input_fault_and_never_an_address(long id)
    {
        using var scope = NewDisposeScope();
        using var model = Model(16, 2, 8, 4);
        using var noGrad = no_grad();
        Assert.Contains("vocabulary", Assert.Throws<InputException>(() => model.forward(full(1, 4, id, dtype: ScalarType.Int64))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_float32_products_are_faster_bfloat16_precision_computes_with_them()
    {
        using var scope = NewDisposeScope();
        using var model = Model(32, 4, 40, 9, bFloat16IsFaster: false);
        using var noGrad = no_grad();
        var batch = Batch(3, 40);
        var exact = model.Embed(batch).clone();
        model.Precision = Precision.BFloat16;
        Assert.True(exact.eq(model.Embed(batch)).all().item<bool>());
    }

    private static GptNeo Model(int width, int heads, int length, int window, bool bFloat16IsFaster = true)
    {
        var model = new GptNeo(GptNeoConfiguration.Create(width, 2, 50, Math.Max(2, length), heads) with { WindowSize = window }, CPU, seed: 7) { BFloat16IsFaster = bFloat16IsFaster };
        using var noGrad = no_grad();
        // Sharper than the first weights, and biases and norms that are not 0 and 1.
        using var generator = new Generator(8);
        model.FlatParameters.mul_(4).add_(randn(model.FlatParameters.numel(), generator: generator).mul_(0.03));
        return model;
    }

    private static TokenBatch Batch(int count, int length)
    {
        var random = new Random(4);
        return TokenBatch.Of([.. Enumerable.Range(0, count * length).Select(_ => (long)random.Next(50))], count, length);
    }

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance, string what)
    {
        var error = (expected - actual).norm().item<float>() / (expected.norm().item<float>() + 1e-6f);
        Assert.True(error <= tolerance, $"{what}: relative error {error} exceeds {tolerance}.");
    }
}
