using NcService.Core.Models.Kernels;

namespace NcService.Core.Models;

/// <summary>One block of the CPU trunk.</summary>
internal sealed unsafe class CpuTrunkBlock<TElement>(CpuTrunkWeights weights, GptNeoConfiguration configuration, int layer) : IDisposable
    where TElement : struct, IElement
{
    private readonly float _epsilon = (float)configuration.LayerNormEpsilon;

    public void Forward(CpuTrunkBuffers<TElement> buffers, int number)
    {
        var (block, stream, next) = (buffers.Block(number), buffers.Stream(number), buffers.Stream(number + 1));
        var (rows, width) = (buffers.Rows, configuration.HiddenSize);
        LayerNormKernel.Forward<TElement>(
            stream.Pointer, weights.Vector("ln_1.weight"), weights.Vector("ln_1.bias"), block.Normal1.Address, block.Statistics1.Pointer, rows, width, _epsilon);
        weights.Packed.Forward(block.Normal1.Tensor, block.Packed.Tensor);
        AttentionKernel.Forward<TElement>(block.Packed.Address, block.Context.Address, block.Normalisers.Pointer, Shape(buffers));
        weights.Out.Forward(block.Context.Tensor, buffers.Branch.Tensor);
        ResidualKernel.Add<TElement>(stream.Pointer, buffers.Branch.Address, weights.Vector("attn.attention.out_proj.bias"), block.Middle.Pointer, rows, width);

        LayerNormKernel.Forward<TElement>(
            block.Middle.Pointer, weights.Vector("ln_2.weight"), weights.Vector("ln_2.bias"), block.Normal2.Address, block.Statistics2.Pointer, rows, width, _epsilon);
        weights.Expand.Forward(block.Normal2.Tensor, block.Expanded.Tensor);
        GeluKernel.Forward<TElement>(block.Expanded.Address, weights.Vector("mlp.c_fc.bias"), block.Activated.Address, rows, configuration.InnerSize);
        weights.Contract.Forward(block.Activated.Tensor, buffers.Branch.Tensor);
        ResidualKernel.Add<TElement>(block.Middle.Pointer, buffers.Branch.Address, weights.Vector("mlp.c_proj.bias"), next.Pointer, rows, width);
    }

    /// <summary>Takes the gradient by the stream after the block and leaves that by the stream before it, in the same buffer.</summary>
    public void Backward(CpuTrunkBuffers<TElement> buffers, int number)
    {
        var block = buffers.Block(number);
        var gradient = buffers.StreamGradient.Pointer;
        var (rows, width) = (buffers.Rows, configuration.HiddenSize);
        ResidualKernel.Branch<TElement>(gradient, buffers.Branch.Address, weights.VectorGradient("mlp.c_proj.bias"), rows, width);
        weights.Contract.Backward(buffers.Branch.Tensor, block.Activated.Tensor, buffers.InnerGradient.Tensor);
        GeluKernel.Backward<TElement>(buffers.InnerGradient.Address, block.Expanded.Address, weights.VectorGradient("mlp.c_fc.bias"), rows, configuration.InnerSize);
        weights.Expand.Backward(buffers.InnerGradient.Tensor, block.Normal2.Tensor, buffers.NormalGradient.Tensor);
        LayerNormKernel.Backward<TElement>(
            buffers.NormalGradient.Address, block.Middle.Pointer, block.Statistics2.Pointer, weights.Vector("ln_2.weight"), gradient,
            weights.VectorGradient("ln_2.weight"), weights.VectorGradient("ln_2.bias"), rows, width, overwrite: false);

        ResidualKernel.Branch<TElement>(gradient, buffers.Branch.Address, weights.VectorGradient("attn.attention.out_proj.bias"), rows, width);
        weights.Out.Backward(buffers.Branch.Tensor, block.Context.Tensor, buffers.NormalGradient.Tensor);
        AttentionKernel.Backward<TElement>(
            block.Packed.Address, block.Normalisers.Pointer, buffers.NormalGradient.Address, buffers.PackedGradient.Address, Shape(buffers));
        weights.Packed.Backward(buffers.PackedGradient.Tensor, block.Normal1.Tensor, buffers.NormalGradient.Tensor);
        LayerNormKernel.Backward<TElement>(
            buffers.NormalGradient.Address, buffers.Stream(number).Pointer, block.Statistics1.Pointer, weights.Vector("ln_1.weight"), gradient,
            weights.VectorGradient("ln_1.weight"), weights.VectorGradient("ln_1.bias"), rows, width, overwrite: false);
    }

    public void Dispose() => weights.Dispose();

    private AttentionShape Shape(CpuTrunkBuffers<TElement> buffers) => new(
        buffers.Batch, buffers.Length, configuration.NumHeads, configuration.HeadSize,
        configuration.AttentionLayers[layer] == AttentionKind.Local ? configuration.WindowSize : buffers.Length);
}
