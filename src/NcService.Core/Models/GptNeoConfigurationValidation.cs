namespace NcService.Core.Models;

/// <summary>What every architecture has to satisfy before a tensor is made from it.</summary>
internal static class GptNeoConfigurationValidation
{
    private const int MostLayers = 1024;
    private const int LargestSize = 1 << 24;

    /// <summary>Throws an <see cref="InputException"/> that names the first field out of range.</summary>
    public static void Check(GptNeoConfiguration configuration, string source)
    {
        if (configuration.ModelType != "gpt_neo")
            throw new InputException($"{source}: model_type is '{configuration.ModelType}'; only 'gpt_neo' can be read.");
        if (configuration.ActivationFunction != "gelu_new")
            throw new InputException($"{source}: activation_function is '{configuration.ActivationFunction}'; only 'gelu_new' is known.");
        if (configuration.Architectures.Count > 0 && !configuration.Architectures.Contains("GPTNeoForCausalLM", StringComparer.Ordinal)
            && !configuration.Architectures.Contains("GPTNeoModel", StringComparer.Ordinal))
            throw new InputException($"{source}: architectures is '{string.Join(", ", configuration.Architectures)}'; only GPTNeoForCausalLM can be read.");

        RequireBetween(source, "hidden_size", configuration.HiddenSize, 1, LargestSize);
        RequireBetween(source, "num_layers", configuration.NumLayers, 1, MostLayers);
        RequireBetween(source, "num_heads", configuration.NumHeads, 1, configuration.HiddenSize);
        RequireBetween(source, "vocab_size", configuration.VocabSize, 1, LargestSize);
        RequireBetween(source, "max_position_embeddings", configuration.MaxPositionEmbeddings, 1, LargestSize);
        RequireBetween(source, "window_size", configuration.WindowSize, 1, LargestSize);
        RequireBetween(source, "intermediate_size", configuration.InnerSize, 1, LargestSize);
        if (configuration.HiddenSize % configuration.NumHeads != 0)
            throw new InputException($"{source}: num_heads {configuration.NumHeads} does not divide hidden_size {configuration.HiddenSize}.");
        if (configuration.AttentionLayers.Count != configuration.NumLayers)
            throw new InputException(
                $"{source}: attention_layers names {configuration.AttentionLayers.Count} layers, num_layers says {configuration.NumLayers}.");
        if (!(configuration.LayerNormEpsilon > 0 && double.IsFinite(configuration.LayerNormEpsilon)))
            throw new InputException($"{source}: layer_norm_epsilon must be positive, not {configuration.LayerNormEpsilon}.");
        if (!(configuration.InitializerRange >= 0 && double.IsFinite(configuration.InitializerRange)))
            throw new InputException($"{source}: initializer_range must not be negative, not {configuration.InitializerRange}.");
    }

    private static void RequireBetween(string source, string field, int value, int least, int most)
    {
        if (value < least || value > most)
            throw new InputException($"{source}: {field} is {value}; it must lie between {least} and {most}.");
    }
}
