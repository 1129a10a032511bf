using NcService.Core.Models;
using NcService.Core.Statistics;
using NcService.Core.Text;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Models;

public sealed class TextSamplerTests
{
    private static readonly float[] Scores = [1, 3, 2, -5];

    [Fact]
    public void Temperature_zero_takes_the_likeliest()
    {
        var random = new RandomStream(1, 0);
        Assert.Equal(1, TextSampler.Draw(Scores, new SamplingOptions { Temperature = 0 }, ref random));
    }

    // Softmax over the two largest, 3 and 2, at temperature t: the first has 1 / (1 + e^(−1/t)).
    [Theory]
    [InlineData(1.0, 0.7310585786)]
    [InlineData(0.5, 0.8807970780)]
    public void Draws_follow_the_softmax_of_the_k_largest_scores(double temperature, double expected)
    {
        var random = new RandomStream(2, 0);
        var counts = new int[4];
        const int Draws = 20_000;
        for (var i = 0; i < Draws; i++) counts[TextSampler.Draw(Scores, new SamplingOptions { Temperature = temperature, TopK = 2 }, ref random)]++;
        Assert.Equal((0, 0), (counts[0], counts[3]));
        // Four standard errors.
        Assert.InRange(counts[1] / (double)Draws, expected - 4 * Math.Sqrt(0.25 / Draws), expected + 4 * Math.Sqrt(0.25 / Draws));
    }

    [Fact]
    public void The_same_seed_gives_the_same_text_beyond_the_models_positions_and_another_seed_another()
    {
        using var model = new GptNeo(GptNeoConfiguration.Create(16, 2, 300, 8), CPU, seed: 1);
        var tokenizer = TokenizerTrainer.Train(["the cat sat on the mat, and the dog ran over the big old garden of the king who was very sad"], 270, default);
        string Sample(int seed) => TextSampler.Continue(model, tokenizer, "the", new SamplingOptions { Seed = seed, MaximumTokens = 30, Temperature = 1 }, default);
        Assert.Equal(Sample(4), Sample(4));
        Assert.NotEqual(Sample(4), Sample(5));
        Assert.StartsWith("the", Sample(4), StringComparison.Ordinal);
        Assert.True(Sample(4).Length > 20);
    }

    [Fact]
    public void A_tokenizer_larger_than_the_model_and_a_negative_temperature_are_refused()
    {
        using var model = new GptNeo(GptNeoConfiguration.Create(16, 1, 200, 8), CPU);
        var tokenizer = TokenizerTrainer.Train(["some text"], 258, default);
        Assert.Contains("belong together", Refusal(new SamplingOptions()), StringComparison.Ordinal);
        Assert.Contains("Temperature", Refusal(new SamplingOptions { Temperature = -1 }), StringComparison.Ordinal);

        string Refusal(SamplingOptions options) => Assert.Throws<InputException>(() => TextSampler.Continue(model, tokenizer, "a", options, default)).Message;
    }
}
