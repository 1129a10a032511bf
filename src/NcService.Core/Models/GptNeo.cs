using NcService.Core.Models.Kernels;
using NcService.Core.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NcService.Core.Models;

/// <summary>
/// GPT-Neo as in the study: learned positions, pre-LayerNorm blocks, alternating global and local attention <b>without</b> scaling by 1/√head_dim,
/// gelu_new, classifier tied to the embedding. All parameters are views into one flat array (<see cref="ParameterLayout"/>).
/// The forward pass ends at the context embeddings, which is what the measurements are about; the classifier is applied slice by slice elsewhere.
/// </summary>
public sealed class GptNeo : nn.Module<Tensor, Tensor>
{
    private readonly Dictionary<string, Parameter> _byName = new(StringComparer.Ordinal);
    private readonly GptNeoBlock[] _blocks;
    private readonly AttentionMasks _masks;
    private (Precision Precision, ICpuTrunk Trunk)? _inference;

    /// <summary>Makes a model with weights N(0, initializer_range), zero biases and unit LayerNorms.</summary>
    /// <param name="configuration">The architecture.</param>
    /// <param name="device">Where it lives; it cannot be moved later.</param>
    /// <param name="seed">Of the initialisation; drawn on the CPU, so that it is the same on every device.</param>
    /// <exception cref="InputException">The configuration is contradictory.</exception>
    public GptNeo(GptNeoConfiguration configuration, Device device, int seed = 0)
        : base(nameof(GptNeo))
    {
        GptNeoConfigurationValidation.Check(configuration, "the architecture");
        Configuration = configuration;
        Device = device;
        Layout = new ParameterLayout(configuration);
        _masks = new AttentionMasks(configuration.WindowSize, device);
        using var scope = NewDisposeScope();
        using (no_grad())
        {
            FlatParameters = GptNeoInitialisation.Draw(Layout, configuration.InitializerRange, seed).to(device).DetachFromDisposeScope();
            foreach (var slot in Layout.Slots)
            {
                var view = FlatParameters.narrow(0, slot.Offset, slot.Count).view(slot.Shape).detach();
                _byName[slot.Name] = new Parameter(view);
                _byName[slot.Name].DetachFromDisposeScope();
            }
        }
        foreach (var parameter in Layout.InOrder) register_parameter(parameter, _byName[parameter]);
        _blocks = [.. Enumerable.Range(0, configuration.NumLayers).Select(layer => new GptNeoBlock(configuration, layer, _byName, _masks))];
    }

    /// <summary>The architecture.</summary>
    public GptNeoConfiguration Configuration { get; }

    /// <summary>Where the parameters live.</summary>
    public Device Device { get; }

    /// <summary>
    /// Float32, or BFloat16 for bf16 matrix products, attention scores and softmax with fp32 parameters, residual stream and LayerNorm, as autocast does.
    /// </summary>
    public Precision Precision { get; set; }

    /// <summary>Whether bfloat16 products are this processor's fastest; a CPU without them computes <see cref="Precision.BFloat16"/> from float32 operands.</summary>
    internal bool BFloat16IsFaster { get; set; } = CpuProducts.BFloat16IsFaster;

    /// <summary>Whether the CPU's matrix products take bfloat16 operands.</summary>
    internal bool UsesBFloat16Products => Precision == Precision.BFloat16 && BFloat16IsFaster;

    /// <summary>W [K, d]: lm_head.weight, the embedding matrix itself where the head is tied.</summary>
    public Parameter Classifier => _byName[Configuration.TieWordEmbeddings ? "transformer.wte.weight" : "lm_head.weight"];

    /// <summary>All parameters in one array, [P] float32.</summary>
    internal Tensor FlatParameters { get; }

    /// <summary>All gradients in one array, [P] float32, once <see cref="EnableGradients"/> was called.</summary>
    internal Tensor? FlatGradients { get; private set; }

    internal ParameterLayout Layout { get; }

    /// <summary>Context embeddings of token ids.</summary>
    /// <param name="input">Token ids [B, T], int64, T at most <see cref="GptNeoConfiguration.MaxPositionEmbeddings"/>.</param>
    /// <returns>h [B, T, d], float32: the output of the final LayerNorm, the vector that the classifier multiplies.</returns>
    /// <exception cref="InputException">The sequence is longer than there are positions.</exception>
    /// <remarks>On the CPU without gradients this runs the SIMD trunk; one call at a time.</remarks>
    public override Tensor forward(Tensor input)
    {
        if (input.shape.Length != 2) throw new ArgumentException($"Token ids must be [B, T], not [{string.Join(", ", input.shape)}].", nameof(input));
        var (batch, length) = (input.shape[0], input.shape[1]);
        RequirePositions(length);
        if (Device.type != DeviceType.CPU || is_grad_enabled()) return ComposedForward(input);
        using var scope = NewDisposeScope();
        var tokens = new TokenBatch(input.contiguous().data<long>().ToArray(), [], (int)batch, (int)length);
        return Embed(tokens).view(batch, length, Configuration.HiddenSize).clone().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Context embeddings [B · T, d] without gradients. On the CPU the result lies in a buffer that the next call overwrites; elsewhere the current dispose scope owns it.
    /// </summary>
    /// <param name="tokens">The sequences.</param>
    /// <param name="afterBlock">
    /// Told the residual stream [B · T, d] after each block, numbered from 1; it must not keep the tensor, which the next block overwrites.
    /// </param>
    internal Tensor Embed(TokenBatch tokens, Action<int, Tensor>? afterBlock = null)
    {
        RequirePositions(tokens.Length);
        TokenBatch.RequireInVocabulary(tokens.Ids, Configuration.VocabSize);
        using var noGrad = no_grad();
        if (Device.type != DeviceType.CPU)
        {
            using var scope = NewDisposeScope();
            return ComposedForward(tensor(tokens.Ids, [tokens.Batch, tokens.Length], device: Device), afterBlock).view(-1, Configuration.HiddenSize).MoveToOuterDisposeScope();
        }
        if (_inference?.Precision != Precision)
        {
            _inference?.Trunk.Dispose();
            _inference = (Precision, CreateCpuTrunk());
        }
        _inference.Value.Trunk.ConvertParameters();
        return _inference.Value.Trunk.Forward(tokens, keepForBackward: false, afterBlock);
    }

    /// <summary>A trunk of the current precision with buffers of its own.</summary>
    internal ICpuTrunk CreateCpuTrunk() => UsesBFloat16Products ? new CpuTrunk<BFloat16Element>(this) : new CpuTrunk<Float32Element>(this);

    /// <summary>The forward pass in torch operators, for autograd and for every device.</summary>
    internal Tensor ComposedForward(Tensor input, Action<int, Tensor>? afterBlock = null)
    {
        var (batch, length) = (input.shape[0], input.shape[1]);
        using var scope = NewDisposeScope();
        var tokens = _byName["transformer.wte.weight"].index_select(0, input.reshape(-1)).view(batch, length, Configuration.HiddenSize);
        var hidden = tokens + _byName["transformer.wpe.weight"].narrow(0, 0, length);   // (B, T, d)
        for (var layer = 0; layer < _blocks.Length; layer++)
        {
            hidden = _blocks[layer].Forward(hidden, Precision);
            afterBlock?.Invoke(layer + 1, hidden.view(-1, Configuration.HiddenSize));
        }
        return FinalNorm(hidden).MoveToOuterDisposeScope();
    }

    /// <summary>The LayerNorm between the last block and the classifier: what makes any block's output [.., d] a vector that the classifier can multiply.</summary>
    internal Tensor FinalNorm(Tensor hidden) => nn.functional.layer_norm(
        hidden, [Configuration.HiddenSize], _byName["transformer.ln_f.weight"], _byName["transformer.ln_f.bias"], Configuration.LayerNormEpsilon);

    private void RequirePositions(long length)
    {
        if (length > Configuration.MaxPositionEmbeddings)
            throw new InputException($"A sequence has {length} tokens; the model has {Configuration.MaxPositionEmbeddings} positions.");
    }

    /// <summary>Scores of every token of the vocabulary, [B, T, K] float32. For short sequences only: the whole table is held.</summary>
    public Tensor Logits(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var hidden = forward(ids);
        return (Precision == Precision.BFloat16
            ? nn.functional.linear(hidden.to(ScalarType.BFloat16), Classifier.to(ScalarType.BFloat16)).to(ScalarType.Float32)
            : nn.functional.linear(hidden, Classifier)).MoveToOuterDisposeScope();
    }

    /// <summary>Gives every parameter a gradient that is a view into <see cref="FlatGradients"/>, zero at first; backward passes add to it.</summary>
    internal Tensor EnableGradients()
    {
        if (FlatGradients is not null) return FlatGradients;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        FlatGradients = zeros(Layout.Length, dtype: ScalarType.Float32, device: Device).DetachFromDisposeScope();
        foreach (var slot in Layout.Slots) _byName[slot.Name].grad = FlatGradients.narrow(0, slot.Offset, slot.Count).view(slot.Shape);
        return FlatGradients;
    }

    /// <summary>
    /// Views of a flat array of this model's layout under Hugging Face's names, q, k and v apart. The current dispose scope owns the views.
    /// </summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> HuggingFaceViews(Tensor flat)
    {
        long d = Configuration.HiddenSize;
        foreach (var parameter in Layout.InOrder)
        {
            var slot = Layout[parameter];
            var view = flat.narrow(0, slot.Offset, slot.Count).view(slot.Shape);
            if (!parameter.EndsWith("qkv_proj.weight", StringComparison.Ordinal))
            {
                yield return new(parameter, view);
                continue;
            }
            for (var part = 0; part < 3; part++)
                yield return new(parameter.Replace("qkv_proj", "qkv"[part] + "_proj", StringComparison.Ordinal), view.narrow(0, part * d, d));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _masks.Dispose();
            _inference?.Trunk.Dispose();
            FlatGradients?.Dispose();
            FlatParameters.Dispose();
        }
        base.Dispose(disposing);
    }
}
