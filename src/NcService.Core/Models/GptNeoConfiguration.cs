using System.Text.Json.Serialization;

namespace NcService.Core.Models;

/// <summary>
/// A GPT-Neo architecture under the names of Hugging Face's config.json. The defaults are the study's own (arXiv 2405.17767, appendix):
/// alternating global and local attention with window 256, 2,048 positions, gelu_new, LayerNorm ε 1e-5, initialiser 0.02, no dropout, tied head.
/// </summary>
public sealed record GptNeoConfiguration
{
    /// <summary>The number of attention heads at every width of the study.</summary>
    public const int StudyHeads = 16;

    /// <summary>Always <c>gpt_neo</c>.</summary>
    [JsonPropertyName("model_type")]
    public string ModelType { get; init; } = "gpt_neo";

    /// <summary>The class that Hugging Face builds from this file.</summary>
    [JsonPropertyName("architectures")]
    public IReadOnlyList<string> Architectures { get; init; } = ["GPTNeoForCausalLM"];

    /// <summary>K: rows of the embedding and of the classifier.</summary>
    [JsonPropertyName("vocab_size")]
    public required int VocabSize { get; init; }

    /// <summary>The longest sequence that has position embeddings.</summary>
    [JsonPropertyName("max_position_embeddings")]
    public int MaxPositionEmbeddings { get; init; } = 2048;

    /// <summary>d: width of the residual stream and of the context embeddings.</summary>
    [JsonPropertyName("hidden_size")]
    public required int HiddenSize { get; init; }

    /// <summary>L: number of blocks.</summary>
    [JsonPropertyName("num_layers")]
    public required int NumLayers { get; init; }

    /// <summary>Attention heads; they divide <see cref="HiddenSize"/>.</summary>
    [JsonPropertyName("num_heads")]
    public required int NumHeads { get; init; }

    /// <summary>Width of the MLP; null means 4 d.</summary>
    [JsonPropertyName("intermediate_size")]
    public int? IntermediateSize { get; init; }

    /// <summary>Positions that local attention sees, the current one included.</summary>
    [JsonPropertyName("window_size")]
    public int WindowSize { get; init; } = 256;

    /// <summary>The attention of each layer, [L].</summary>
    [JsonPropertyName("attention_layers")]
    public required IReadOnlyList<AttentionKind> AttentionLayers { get; init; }

    /// <summary>The MLP's activation; only <c>gelu_new</c> (the tanh form) is known.</summary>
    [JsonPropertyName("activation_function")]
    public string ActivationFunction { get; init; } = "gelu_new";

    /// <summary>ε of every LayerNorm.</summary>
    [JsonPropertyName("layer_norm_epsilon")]
    public double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>Standard deviation of every weight matrix at the start.</summary>
    [JsonPropertyName("initializer_range")]
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Whether the classifier is the embedding matrix itself.</summary>
    [JsonPropertyName("tie_word_embeddings")]
    public bool TieWordEmbeddings { get; init; } = true;

    /// <summary>Dropout on attention; training demands 0.</summary>
    [JsonPropertyName("attention_dropout")]
    public double AttentionDropout { get; init; }

    /// <summary>Dropout on the embeddings; training demands 0.</summary>
    [JsonPropertyName("embed_dropout")]
    public double EmbedDropout { get; init; }

    /// <summary>Dropout on the residual stream; training demands 0.</summary>
    [JsonPropertyName("resid_dropout")]
    public double ResidDropout { get; init; }

    /// <summary>Id of the token that begins a text, if there is one.</summary>
    [JsonPropertyName("bos_token_id")]
    public int? BosTokenId { get; init; }

    /// <summary>Id of the token that ends a text, if there is one.</summary>
    [JsonPropertyName("eos_token_id")]
    public int? EosTokenId { get; init; }

    /// <summary>Width of one head.</summary>
    [JsonIgnore]
    public int HeadSize => HiddenSize / NumHeads;

    /// <summary>Width of the MLP's inner layer.</summary>
    [JsonIgnore]
    public int InnerSize => IntermediateSize ?? 4 * HiddenSize;

    /// <summary>
    /// Trainable numbers, a tied head counted once: what the study's tables call <c>n_params</c>.
    /// </summary>
    [JsonIgnore]
    public long ParameterCount
    {
        get
        {
            long d = HiddenSize, inner = InnerSize;
            var norm = 2 * d;
            var attention = 4 * d * d + d;
            var mlp = 2 * d * inner + inner + d;
            var embeddings = ((long)VocabSize + MaxPositionEmbeddings) * d;
            var head = TieWordEmbeddings ? 0 : VocabSize * d;
            return embeddings + NumLayers * (2 * norm + attention + mlp) + norm + head;
        }
    }

    /// <summary>
    /// The study's architecture at a width and depth. It keeps 16 heads at every width (its configuration changes hidden_size and num_layers only),
    /// so heads are narrow, and dear on a CPU, in small models: give <paramref name="heads"/> where speed matters more than likeness.
    /// </summary>
    /// <param name="width">d, the hidden size.</param>
    /// <param name="depth">L, the number of layers; they alternate global, local.</param>
    /// <param name="vocabularySize">K.</param>
    /// <param name="contextLength">Positions.</param>
    /// <param name="heads">Attention heads; null takes <see cref="DefaultHeads"/>.</param>
    /// <exception cref="InputException">A size is not positive, or the heads don't divide the width.</exception>
    public static GptNeoConfiguration Create(int width, int depth, int vocabularySize, int contextLength, int? heads = null)
    {
        var configuration = new GptNeoConfiguration
        {
            HiddenSize = width,
            NumLayers = depth,
            NumHeads = heads ?? DefaultHeads(width),
            VocabSize = vocabularySize,
            MaxPositionEmbeddings = contextLength,
            AttentionLayers = [.. Enumerable.Range(0, Math.Max(depth, 0)).Select(layer => layer % 2 == 0 ? AttentionKind.Global : AttentionKind.Local)],
        };
        GptNeoConfigurationValidation.Check(configuration, "the requested architecture");
        return configuration;
    }

    /// <summary>
    /// 16 heads from width 64 on, as in the study (whose narrowest heads have 4 dimensions); below it as many as leave each head 4 dimensions.
    /// </summary>
    public static int DefaultHeads(int width)
    {
        for (var heads = Math.Min(StudyHeads, Math.Max(1, width / 4)); heads > 1; heads--)
        {
            if (width % heads == 0) return heads;
        }
        return 1;
    }

    /// <summary>Reads a Hugging Face config.json.</summary>
    /// <exception cref="InputException">The file is absent, is no JSON, or describes something other than a GPT-Neo that this engine runs.</exception>
    public static GptNeoConfiguration Load(string path) => GptNeoConfigurationFile.Read(path);

    /// <summary>Writes config.json as Hugging Face's transformers reads it.</summary>
    public void Save(string path) => GptNeoConfigurationFile.Write(this, path);
}
