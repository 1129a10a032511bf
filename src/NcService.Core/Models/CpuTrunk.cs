using NcService.Core.Models.Kernels;
using static TorchSharp.torch;

namespace NcService.Core.Models;

/// <summary>
/// The network up to the context embeddings on the CPU, forward and backward without autograd: matrix products by torch into buffers that live as long as
/// the batch's shape, everything between them by SIMD kernels. <typeparamref name="TElement"/> is the type of the products' operands; residual stream,
/// LayerNorm and attention are computed in float32. The composed blocks (<see cref="GptNeoBlock"/>) are its twin.
/// </summary>
internal sealed unsafe class CpuTrunk<TElement> : ICpuTrunk
    where TElement : struct, IElement
{
    private readonly GptNeo _model;
    private readonly CpuTrunkBlock<TElement>[] _blocks;
    private readonly Tensor? _converted;
    private CpuTrunkBuffers<TElement>? _buffers;
    private long[] _ids = [];

    public CpuTrunk(GptNeo model)
    {
        _model = model;
        // One copy of all parameters in the products' type; its views are what the products read.
        using var noGrad = no_grad();
        _converted = TElement.Type == ScalarType.Float32 ? null : empty(model.Layout.Length, dtype: TElement.Type).DetachFromDisposeScope();
        _blocks = [.. Enumerable.Range(0, model.Configuration.NumLayers)
            .Select(layer => new CpuTrunkBlock<TElement>(new CpuTrunkWeights(model, _converted ?? model.FlatParameters, layer), model.Configuration, layer))];
        ConvertParameters();
    }

    private GptNeoConfiguration Configuration => _model.Configuration;

    /// <inheritdoc/>
    public void ConvertParameters()
    {
        if (_converted is null) return;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // The blocks' matrices lie between the position embeddings and the first parameter without decay; embeddings and vectors are read as float32.
        var start = _model.Layout["transformer.h.0.attn.attention.qkv_proj.weight"].Offset;
        var count = _model.Layout.DecayedLength - start;
        _converted.narrow(0, start, count).copy_(_model.FlatParameters.narrow(0, start, count));
    }

    /// <inheritdoc/>
    public Tensor Forward(TokenBatch tokens, bool keepForBackward, Action<int, Tensor>? afterBlock = null)
    {
        using var noGrad = no_grad();
        var (batch, length) = (tokens.Batch, tokens.Length);
        _buffers = CpuTrunkBuffers<TElement>.For(_buffers, Configuration, batch, length, keepForBackward);
        _ids = tokens.Ids;
        var stream = _buffers.Stream(0);
        fixed (long* id = _ids)
        {
            ResidualKernel.Embed(id, Parameter("transformer.wte.weight"), Parameter("transformer.wpe.weight"), stream.Pointer, batch, length, Configuration.HiddenSize);
        }
        for (var layer = 0; layer < _blocks.Length; layer++)
        {
            _blocks[layer].Forward(_buffers, layer);
            afterBlock?.Invoke(layer + 1, _buffers.Stream(layer + 1).Tensor);
        }
        LayerNormKernel.Forward<Float32Element>(
            _buffers.Stream(_blocks.Length).Pointer, Parameter("transformer.ln_f.weight"), Parameter("transformer.ln_f.bias"),
            _buffers.Output.Pointer, _buffers.OutputStatistics.Pointer, batch * length, Configuration.HiddenSize, (float)Configuration.LayerNormEpsilon);
        return _buffers.Output.Tensor;
    }

    /// <inheritdoc/>
    public void Backward(Tensor outputGradient)
    {
        var buffers = _buffers ?? throw new InvalidOperationException("There was no forward pass.");
        using var noGrad = no_grad();
        LayerNormKernel.Backward<Float32Element>(
            CpuMemory.Floats(outputGradient).Pointer, buffers.Stream(_blocks.Length).Pointer, buffers.OutputStatistics.Pointer, Parameter("transformer.ln_f.weight"),
            buffers.StreamGradient.Pointer, Gradient("transformer.ln_f.weight"), Gradient("transformer.ln_f.bias"), buffers.Rows, Configuration.HiddenSize, overwrite: true);
        for (var layer = _blocks.Length - 1; layer >= 0; layer--) _blocks[layer].Backward(buffers, layer);
        fixed (long* id = _ids)
        {
            ResidualKernel.EmbedBackward(
                id, buffers.StreamGradient.Pointer, Gradient("transformer.wte.weight"), Gradient("transformer.wpe.weight"), buffers.Batch, buffers.Length, Configuration.HiddenSize);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _buffers?.Dispose();
        foreach (var block in _blocks) block.Dispose();
        _converted?.Dispose();
    }

    private float* Parameter(string name) => CpuMemory.Floats(_model.FlatParameters).Pointer + _model.Layout[name].Offset;

    private float* Gradient(string name) => CpuMemory.Floats(_model.EnableGradients()).Pointer + _model.Layout[name].Offset;
}

/// <summary>The trunk whatever its products' type.</summary>
internal interface ICpuTrunk : IDisposable
{
    /// <summary>Takes the parameters over again after a change.</summary>
    void ConvertParameters();

    /// <summary>Context embeddings [B · T, d] float32, in a buffer that the next call overwrites; the stream after each block goes to <paramref name="afterBlock"/>.</summary>
    Tensor Forward(TokenBatch tokens, bool keepForBackward, Action<int, Tensor>? afterBlock = null);

    /// <summary>Adds the gradients of all parameters but the head's to the model's, given that by the output [B · T, d] of the last forward pass.</summary>
    void Backward(Tensor outputGradient);
}
