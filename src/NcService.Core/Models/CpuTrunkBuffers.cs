using NcService.Core.Models.Kernels;
using static TorchSharp.torch;

namespace NcService.Core.Models;

/// <summary>A buffer of fixed shape and its address.</summary>
internal sealed unsafe class Buffer : IDisposable
{
    // Asked of torch once: the address is read in the innermost loops.
    private readonly bool _holdsFloats;

    public Buffer(ScalarType type, params long[] shape)
    {
        Tensor = zeros(shape, dtype: type).DetachFromDisposeScope();
        Address = CpuMemory.Address(Tensor);
        _holdsFloats = type == ScalarType.Float32;
    }

    public Tensor Tensor { get; }

    public void* Address { get; }

    /// <summary>The address of float32 elements.</summary>
    public float* Pointer => _holdsFloats ? (float*)Address : throw new InvalidOperationException($"The buffer holds {Tensor.dtype}.");

    public void Dispose() => Tensor.Dispose();
}

/// <summary>What a block's forward pass leaves for its backward pass.</summary>
internal sealed class BlockBuffers : IDisposable
{
    public BlockBuffers(ScalarType type, GptNeoConfiguration configuration, int batch, int length)
    {
        long rows = (long)batch * length, d = configuration.HiddenSize, inner = configuration.InnerSize;
        Normal1 = new Buffer(type, rows, d);
        Statistics1 = new Buffer(ScalarType.Float32, rows, 2);
        Packed = new Buffer(type, rows, 3 * d);
        Normalisers = new Buffer(ScalarType.Float32, batch, configuration.NumHeads, length);
        Context = new Buffer(type, rows, d);
        Middle = new Buffer(ScalarType.Float32, rows, d);
        Normal2 = new Buffer(type, rows, d);
        Statistics2 = new Buffer(ScalarType.Float32, rows, 2);
        Expanded = new Buffer(type, rows, inner);
        Activated = new Buffer(type, rows, inner);
    }

    /// <summary>LayerNorm before attention, [N, d], and its statistics [N, 2].</summary>
    public Buffer Normal1 { get; }

    public Buffer Statistics1 { get; }

    /// <summary>Queries, keys, values [N, 3 d].</summary>
    public Buffer Packed { get; }

    /// <summary>log Σ exp of the scores, [B, H, T].</summary>
    public Buffer Normalisers { get; }

    /// <summary>Attention's result before its projection, [N, d].</summary>
    public Buffer Context { get; }

    /// <summary>The stream between attention and MLP, [N, d].</summary>
    public Buffer Middle { get; }

    /// <summary>LayerNorm before the MLP, [N, d], and its statistics [N, 2].</summary>
    public Buffer Normal2 { get; }

    public Buffer Statistics2 { get; }

    /// <summary>Before and after gelu, [N, 4 d].</summary>
    public Buffer Expanded { get; }

    public Buffer Activated { get; }

    public void Dispose()
    {
        foreach (var buffer in (ReadOnlySpan<Buffer>)[Normal1, Statistics1, Packed, Normalisers, Context, Middle, Normal2, Statistics2, Expanded, Activated]) buffer.Dispose();
    }
}

/// <summary>All buffers of a trunk for one shape of batch. Without a backward pass to come, all blocks share one set.</summary>
internal sealed class CpuTrunkBuffers<TElement> : IDisposable
    where TElement : struct, IElement
{
    private readonly Buffer[] _streams;
    private readonly BlockBuffers[] _blocks;

    private CpuTrunkBuffers(GptNeoConfiguration configuration, int batch, int length, bool forBackward)
    {
        (Batch, Length, ForBackward) = (batch, length, forBackward);
        long d = configuration.HiddenSize, inner = configuration.InnerSize;
        var layers = configuration.NumLayers;
        _streams = [.. Enumerable.Range(0, forBackward ? layers + 1 : Math.Min(2, layers + 1)).Select(_ => new Buffer(ScalarType.Float32, Rows, d))];
        _blocks = [.. Enumerable.Range(0, forBackward ? layers : 1).Select(_ => new BlockBuffers(TElement.Type, configuration, batch, length))];
        Branch = new Buffer(TElement.Type, Rows, d);
        Output = new Buffer(ScalarType.Float32, Rows, d);
        OutputStatistics = new Buffer(ScalarType.Float32, Rows, 2);
        var rowsOfGradients = forBackward ? Rows : 0;
        StreamGradient = new Buffer(ScalarType.Float32, rowsOfGradients, d);
        InnerGradient = new Buffer(TElement.Type, rowsOfGradients, inner);
        PackedGradient = new Buffer(TElement.Type, rowsOfGradients, 3 * d);
        NormalGradient = new Buffer(TElement.Type, rowsOfGradients, d);
    }

    public int Batch { get; }

    public int Length { get; }

    public bool ForBackward { get; }

    public int Rows => Batch * Length;

    /// <summary>A branch's result, or the gradient that enters it, [N, d].</summary>
    public Buffer Branch { get; }

    /// <summary>Context embeddings [N, d] and their LayerNorm's statistics.</summary>
    public Buffer Output { get; }

    public Buffer OutputStatistics { get; }

    /// <summary>Gradient by the residual stream, [N, d] float32.</summary>
    public Buffer StreamGradient { get; }

    public Buffer InnerGradient { get; }

    public Buffer PackedGradient { get; }

    public Buffer NormalGradient { get; }

    /// <summary>The existing buffers where they fit, else new ones.</summary>
    public static CpuTrunkBuffers<TElement> For(CpuTrunkBuffers<TElement>? existing, GptNeoConfiguration configuration, int batch, int length, bool forBackward)
    {
        if (existing is not null && existing.Batch == batch && existing.Length == length && existing.ForBackward == forBackward) return existing;
        existing?.Dispose();
        return new CpuTrunkBuffers<TElement>(configuration, batch, length, forBackward);
    }

    /// <summary>The stream before a layer, [N, d].</summary>
    public Buffer Stream(int layer) => _streams[ForBackward ? layer : layer % _streams.Length];

    public BlockBuffers Block(int layer) => _blocks[ForBackward ? layer : 0];

    public void Dispose()
    {
        foreach (var stream in _streams) stream.Dispose();
        foreach (var block in _blocks) block.Dispose();
        foreach (var buffer in (ReadOnlySpan<Buffer>)[Branch, Output, OutputStatistics, StreamGradient, InnerGradient, PackedGradient, NormalGradient]) buffer.Dispose();
    }
}
