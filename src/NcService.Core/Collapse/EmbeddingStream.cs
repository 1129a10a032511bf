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
    public long Run(IReadOnlyList<int> chunks, Action<Tensor, Tensor> take, Action<long> samplesDone, CancellationToken cancellationToken)
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
            var tokens = tensor(ids, [batch, length]);                                                   // (B, T)
            var hidden = model.forward(tokens.to(model.Device));                                         // (B, T, d)
            var embeddings = hidden.narrow(1, 0, length - 1).reshape(-1, model.Configuration.HiddenSize); // (B·(T−1), d)
            take(embeddings, tokens.narrow(1, 1, length - 1).reshape(-1));
            samples += embeddings.shape[0];
            samplesDone(samples);
        }
        return samples;
    }
}
