using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>What is taken of the blocks' outputs in a forward pass.</summary>
internal static class BlockOutputs
{
    /// <summary>
    /// What an <see cref="EmbeddingStream"/> is to do with each block's output: hand its embeddings [n, d] and labels [n] on, with the block's number from 1. Null where no layer
    /// is asked for.
    /// </summary>
    public static Action<int, Tensor, Tensor>? Take(GptNeo model, int layers, LayerEmbedding embedding, Action<int, Tensor, Tensor> take) =>
        layers == 0 ? null
        : embedding == LayerEmbedding.Residual ? take
        : (layer, stream, labels) => take(layer, model.FinalNorm(stream), labels);
}
