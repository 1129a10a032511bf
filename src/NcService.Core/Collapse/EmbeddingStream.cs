using NcService.Core.Models;
using NcService.Core.Text;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// Context embeddings of chunks with their labels: h_t predicts x_{t+1}, so that a chunk of T tokens gives the T − 1 samples t = 1..T−1; the
/// last position has no label and the first token is none.
/// </summary>
internal sealed class EmbeddingStream(GptNeo model, TokenSplit split, int batchSize)
{
    /// <summary>Samples of that many chunks.</summary>
    public long SamplesOf(int chunks) => (long)chunks * (split.ContextLength - 1);

    /// <summary>
    /// Runs the model over chunks in their order and gives each batch's embeddings [B·(T − 1), d] and labels [B·(T − 1)] to
    /// <paramref name="take"/>, which must not keep them. Returns the number of samples.
    /// </summary>
    /// <param name="chunks">Numbers of chunks.</param>
    /// <param name="take">Told embeddings and labels of each batch.</param>
    /// <param name="samplesDone">Told after each batch how many samples are done.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <param name="takeLayer">Told the same of the output of each block, numbered from 1, in the same forward pass, before <paramref name="take"/>.</param>
    public long Run(
        IReadOnlyList<int> chunks, Action<Tensor, Tensor> take, Action<long> samplesDone, CancellationToken cancellationToken, Action<int, Tensor, Tensor>? takeLayer = null)
    {
        using var noGradient = no_grad();
        var length = split.ContextLength;
        var samples = 0L;
        for (var start = 0; start < chunks.Count; start += batchSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var batch = Math.Min(batchSize, chunks.Count - start);
            var ids = new long[batch * length];
            for (var row = 0; row < batch; row++) split.CopyChunk(chunks[start + row], ids.AsSpan(row * length, length));
            var labels = tensor(ids, [batch, length]).narrow(1, 1, length - 1).reshape(-1);                 // (B·(T−1))
            Action<int, Tensor>? afterBlock = takeLayer is null ? null : (layer, stream) =>
            {
                using var layerScope = NewDisposeScope();
                takeLayer(layer, Labelled(stream, batch), labels);
            };
            take(Labelled(model.Embed(new TokenBatch(ids, [], batch, length), afterBlock), batch), labels);
            samples += (long)batch * (length - 1);
            samplesDone(samples);
        }
        return samples;
    }

    /// <summary>[B·T, d] to [B·(T−1), d]: without the last position of each chunk.</summary>
    private Tensor Labelled(Tensor hidden, int batch) =>
        hidden.view(batch, split.ContextLength, -1).narrow(1, 0, split.ContextLength - 1).reshape(-1, model.Configuration.HiddenSize);
}
