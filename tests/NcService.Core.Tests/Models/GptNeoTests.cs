using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Models;

public sealed class GptNeoTests
{
    [Fact]
    public void The_same_seed_draws_the_same_weights_and_another_seed_others()
    {
        var configuration = GptNeoConfiguration.Create(16, 2, 50, 8);
        using var scope = NewDisposeScope();
        using var first = new GptNeo(configuration, CPU, seed: 3);
        using var same = new GptNeo(configuration, CPU, seed: 3);
        using var other = new GptNeo(configuration, CPU, seed: 4);
        Assert.True(first.FlatParameters.eq(same.FlatParameters).all().item<bool>());
        Assert.False(first.Classifier.eq(other.Classifier).all().item<bool>());
    }

    [Fact]
    public void Weights_begin_normal_with_deviation_0_02_biases_zero_and_norms_one()
    {
        using var scope = NewDisposeScope();
        using var model = new GptNeo(GptNeoConfiguration.Create(64, 2, 1000, 32), CPU, seed: 1);
        foreach (var (name, tensor) in model.HuggingFaceViews(model.FlatParameters))
        {
            if (name.EndsWith(".bias", StringComparison.Ordinal)) Assert.Equal(0, tensor.abs().max().item<float>());
            else if (name.Contains(".ln_", StringComparison.Ordinal)) Assert.Equal((1f, 1f), (tensor.min().item<float>(), tensor.max().item<float>()));
            else Assert.InRange(tensor.std().item<float>(), 0.019f, 0.021f);
        }
    }

    [Fact]
    public void Parameters_are_as_many_as_the_configuration_says()
    {
        foreach (var tied in (ReadOnlySpan<bool>)[true, false])
        {
            var configuration = GptNeoConfiguration.Create(20, 3, 77, 11) with { TieWordEmbeddings = tied };
            using var model = new GptNeo(configuration, CPU);
            Assert.Equal(configuration.ParameterCount, model.parameters().Sum(parameter => parameter.numel()));
        }
    }

    // Window and length edge cases: window 1, one short of the length, the length, longer; length 1.
    [Theory]
    [InlineData(7, 1)]
    [InlineData(7, 3)]
    [InlineData(7, 6)]
    [InlineData(7, 7)]
    [InlineData(7, 100)]
    [InlineData(1, 1)]
    public void Local_attention_sees_the_window_and_nothing_else(int length, int window)
    {
        using var scope = NewDisposeScope();
        using var masks = new AttentionMasks(window, CPU);
        masks.Get(AttentionKind.Local, ScalarType.Float32, 3).Dispose();   // a longer one must replace it
        var local = masks.Get(AttentionKind.Local, ScalarType.Float32, length).contiguous().data<float>().ToArray();
        var global = masks.Get(AttentionKind.Global, ScalarType.Float32, length).contiguous().data<float>().ToArray();
        for (var i = 0; i < length; i++)
        {
            for (var j = 0; j < length; j++)
            {
                Assert.Equal(i - window < j && j <= i ? 0 : float.NegativeInfinity, local[i * length + j]);
                Assert.Equal(j <= i ? 0 : float.NegativeInfinity, global[i * length + j]);
            }
        }
    }

    [Fact]
    public void A_later_token_changes_no_earlier_embedding_and_a_token_outside_every_window_changes_nothing()
    {
        var configuration = GptNeoConfiguration.Create(16, 1, 50, 16) with { AttentionLayers = [AttentionKind.Local], WindowSize = 4 };
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = new GptNeo(configuration, CPU, seed: 5);
        model.FlatParameters.mul_(20);   // sharp attention
        var ids = arange(0, 16, dtype: ScalarType.Int64).view(1, 16);
        var before = model.forward(ids);
        var changed = ids.clone();
        changed[0, 5] = 40;
        var difference = (model.forward(changed) - before).abs().amax(2).view(-1).data<float>().ToArray();
        Assert.All(Enumerable.Range(0, 16), position => Assert.Equal(position is >= 5 and < 9, difference[position] > 1e-6));
    }

    [Fact]
    public void Too_long_a_sequence_is_an_input_fault()
    {
        using var scope = NewDisposeScope();
        using var model = new GptNeo(GptNeoConfiguration.Create(8, 1, 10, 4), CPU);
        Assert.Contains("4 positions", Assert.Throws<InputException>(() => model.forward(zeros(1, 5, dtype: ScalarType.Int64))).Message, StringComparison.Ordinal);
    }
}
