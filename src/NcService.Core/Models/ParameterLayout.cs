namespace NcService.Core.Models;

/// <summary>Where one parameter lies in the model's flat storage.</summary>
/// <param name="Name">Its name; as in Hugging Face's files, except that q, k and v are one matrix [3 d, d] named qkv_proj.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Offset">Its first element.</param>
internal sealed record ParameterSlot(string Name, long[] Shape, long Offset)
{
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>
/// All parameters in one flat array: what takes weight decay first, biases and LayerNorms after it. Optimiser, gradient clipping and the saved training state are
/// then one sweep over memory instead of a loop over tensors. Every parameter begins at a multiple of 16 elements; the gaps stay zero.
/// </summary>
internal sealed class ParameterLayout
{
    private const int Alignment = 16;

    private readonly Dictionary<string, ParameterSlot> _slots;

    public ParameterLayout(GptNeoConfiguration configuration)
    {
        var all = Describe(configuration).ToList();
        var slots = new List<ParameterSlot>();
        var offset = 0L;
        foreach (var decays in (ReadOnlySpan<bool>)[true, false])
        {
            foreach (var (name, shape) in all.Where(parameter => Decays(parameter.Name) == decays))
            {
                var slot = new ParameterSlot(name, shape, offset);
                slots.Add(slot);
                offset += (slot.Count + Alignment - 1) / Alignment * Alignment;
            }
            if (decays) DecayedLength = offset;
        }
        Length = offset;
        Slots = slots;
        _slots = slots.ToDictionary(slot => slot.Name, StringComparer.Ordinal);
        InOrder = [.. all.Select(parameter => parameter.Name)];
    }

    /// <summary>The parameters in the order of their storage.</summary>
    public IReadOnlyList<ParameterSlot> Slots { get; }

    /// <summary>Their names in the order of the network, embeddings first.</summary>
    public IReadOnlyList<string> InOrder { get; }

    /// <summary>How many leading elements take weight decay.</summary>
    public long DecayedLength { get; }

    /// <summary>All elements, gaps included.</summary>
    public long Length { get; }

    /// <summary>A parameter by its name.</summary>
    public ParameterSlot this[string name] => _slots[name];

    private static bool Decays(string name) => !name.EndsWith(".bias", StringComparison.Ordinal) && !name.Contains(".ln_", StringComparison.Ordinal);

    private static IEnumerable<(string Name, long[] Shape)> Describe(GptNeoConfiguration configuration)
    {
        long d = configuration.HiddenSize, inner = configuration.InnerSize, vocabulary = configuration.VocabSize;
        yield return ("transformer.wte.weight", [vocabulary, d]);
        yield return ("transformer.wpe.weight", [configuration.MaxPositionEmbeddings, d]);
        for (var layer = 0; layer < configuration.NumLayers; layer++)
        {
            var block = $"transformer.h.{layer}";
            yield return ($"{block}.ln_1.weight", [d]);
            yield return ($"{block}.ln_1.bias", [d]);
            yield return ($"{block}.attn.attention.qkv_proj.weight", [3 * d, d]);
            yield return ($"{block}.attn.attention.out_proj.weight", [d, d]);
            yield return ($"{block}.attn.attention.out_proj.bias", [d]);
            yield return ($"{block}.ln_2.weight", [d]);
            yield return ($"{block}.ln_2.bias", [d]);
            yield return ($"{block}.mlp.c_fc.weight", [inner, d]);
            yield return ($"{block}.mlp.c_fc.bias", [inner]);
            yield return ($"{block}.mlp.c_proj.weight", [d, inner]);
            yield return ($"{block}.mlp.c_proj.bias", [d]);
        }
        yield return ("transformer.ln_f.weight", [d]);
        yield return ("transformer.ln_f.bias", [d]);
        if (!configuration.TieWordEmbeddings) yield return ("lm_head.weight", [vocabulary, d]);
    }
}
