using NcService.Core.Statistics;
using NcService.Core.Text;
using static TorchSharp.torch;

namespace NcService.Core.Models;

/// <summary>How text is drawn from a model.</summary>
public sealed record SamplingOptions
{
    /// <summary>Tokens to draw at most; the end-of-text token ends a text before.</summary>
    public int MaximumTokens { get; init; } = 100;

    /// <summary>Divides the scores: below 1 likelier tokens become likelier still; 0 always takes the likeliest.</summary>
    public double Temperature { get; init; } = 0.8;

    /// <summary>Only so many of the likeliest tokens are drawn from; 0 draws from all.</summary>
    public int TopK { get; init; } = 40;

    /// <summary>The same seed gives the same text.</summary>
    public int Seed { get; init; }

    /// <summary>Throws an <see cref="InputException"/> that names the first option out of range.</summary>
    public void Check()
    {
        if (MaximumTokens < 1) throw new InputException($"MaximumTokens is {MaximumTokens}; it must be at least 1.");
        if (!(Temperature >= 0 && double.IsFinite(Temperature))) throw new InputException($"Temperature is {Temperature}; it must be a finite number from 0.");
        if (TopK < 0) throw new InputException($"TopK is {TopK}; it must be at least 0.");
    }
}

/// <summary>Text samples from a model, for people to look at.</summary>
public static class TextSampler
{
    /// <summary>Continues a prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Of its vocabulary.</param>
    /// <param name="prompt">The beginning; where it is empty, the text begins after an end-of-text token.</param>
    /// <param name="options">How tokens are drawn.</param>
    /// <param name="cancellationToken">Looked at before each token.</param>
    /// <returns>The prompt and what was drawn.</returns>
    /// <exception cref="InputException">An option is out of range, the tokenizer has more tokens than the model, or an empty prompt has nothing to begin with.</exception>
    public static string Continue(GptNeo model, ByteLevelTokenizer tokenizer, string prompt, SamplingOptions options, CancellationToken cancellationToken)
    {
        options.Check();
        if (tokenizer.VocabularySize > model.Configuration.VocabSize)
            throw new InputException($"The tokenizer has {tokenizer.VocabularySize} tokens, the model {model.Configuration.VocabSize}: they do not belong together.");
        var ids = new List<int>(tokenizer.Encode(prompt));
        var start = 0;
        if (ids.Count == 0)
        {
            ids.Add(tokenizer.EndOfTextId ?? throw new InputException("The tokenizer has no end-of-text token to begin with: give a prompt."));
            start = 1;
        }
        var random = new RandomStream((uint)options.Seed, 0);
        for (var drawn = 0; drawn < options.MaximumTokens; drawn++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = Draw(LastScores(model, ids).AsSpan(0, tokenizer.VocabularySize), options, ref random);
            if (next == tokenizer.EndOfTextId) break;
            ids.Add(next);
        }
        return tokenizer.Decode(ids.ToArray().AsSpan(start));
    }

    /// <summary>Scores [K] of the token after the last; only as many tokens as the model has positions are looked at.</summary>
    private static float[] LastScores(GptNeo model, List<int> ids)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var window = ids.Skip(Math.Max(0, ids.Count - model.Configuration.MaxPositionEmbeddings)).Select(id => (long)id).ToArray();
        var hidden = model.forward(tensor(window, [1, window.Length], device: model.Device)).select(1, window.Length - 1);   // (1, d)
        return nn.functional.linear(hidden, model.Classifier).cpu().data<float>().ToArray();
    }

    /// <summary>Draws from softmax(scores / temperature) over the largest scores.</summary>
    internal static int Draw(ReadOnlySpan<float> scores, SamplingOptions options, ref RandomStream random)
    {
        var order = new int[scores.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        var keys = scores.ToArray();
        for (var i = 0; i < keys.Length; i++) keys[i] = -keys[i];
        Array.Sort(keys, order);
        if (options.Temperature == 0) return order[0];

        var count = options.TopK == 0 ? order.Length : Math.Min(options.TopK, order.Length);
        var weights = new double[count];
        for (var i = 0; i < count; i++) weights[i] = Math.Exp((keys[0] - keys[i]) / options.Temperature);
        // 53 random bits in [0, 1).
        var left = (random.Next() >> 11) * (1.0 / (1UL << 53)) * weights.Sum();
        for (var i = 0; i < count; i++)
        {
            left -= weights[i];
            if (left < 0) return order[i];
        }
        return order[count - 1];
    }
}
