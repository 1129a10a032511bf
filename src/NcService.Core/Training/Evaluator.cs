using NcService.Core.Models;
using NcService.Core.Text;
using static TorchSharp.torch;

namespace NcService.Core.Training;

/// <summary>How well a model predicts the next tokens of a split.</summary>
/// <param name="Loss">Mean cross-entropy in nats, accumulated in float64.</param>
/// <param name="Accuracy">Share of samples whose label has the largest score.</param>
/// <param name="Samples">Samples looked at: chunks · (T − 1).</param>
public sealed record EvaluationResult(double Loss, double Accuracy, long Samples)
{
    /// <summary>exp of the loss.</summary>
    public double Perplexity => Math.Exp(Loss);
}

/// <summary>Losses of a model on data, without gradients.</summary>
public static class Evaluator
{
    /// <summary>Loss and accuracy over a whole split.</summary>
    /// <exception cref="InputException">The split is empty, its chunks are longer than the model's positions, or its tokens outside the vocabulary.</exception>
    public static EvaluationResult Evaluate(GptNeo model, TokenSplit split, int batchSize, CancellationToken cancellationToken)
    {
        using var head = new SlicedCrossEntropy(model);
        return Evaluate(model, head, split, [.. Enumerable.Range(0, split.ChunkCount)], batchSize, cancellationToken);
    }

    /// <summary>The same over a sample of a split's chunks, the same ones for every model.</summary>
    public static EvaluationResult EvaluateSample(GptNeo model, TokenSplit split, int mostChunks, int batchSize, CancellationToken cancellationToken)
    {
        using var head = new SlicedCrossEntropy(model);
        return Evaluate(model, head, split, SampleOf(split, mostChunks), batchSize, cancellationToken);
    }

    /// <summary>The chunks of the fixed sample.</summary>
    internal static int[] SampleOf(TokenSplit split, int mostChunks) =>
        DataOrder.Permutation(split.ChunkCount, seed: 0, epoch: 0)[..Math.Min(mostChunks, split.ChunkCount)];

    /// <summary>The same over some chunks, with a head whose buffers are used again.</summary>
    internal static EvaluationResult Evaluate(
        GptNeo model, SlicedCrossEntropy head, TokenSplit split, int[] chunks, int batchSize, CancellationToken cancellationToken)
    {
        if (chunks.Length == 0 || split.ContextLength < 2) throw new InputException("The split holds no sample: it has no chunk of at least two tokens.");
        var reader = new ChunkReader(split);
        double loss = 0;
        long correct = 0, count = 0;
        using var noGrad = no_grad();
        for (var start = 0; start < chunks.Length; start += batchSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var batch = reader.Read(chunks.AsSpan(start, Math.Min(batchSize, chunks.Length - start)));
            var totals = head.Evaluate(model.Embed(batch), batch.Labels);
            loss += totals.LossSum;
            correct += totals.Correct;
            count += totals.Count;
        }
        return new EvaluationResult(loss / count, (double)correct / count, count);
    }

    /// <summary>
    /// Losses of each next token of some sequences: T − 1 numbers in nats for a sequence of T ids. Sequences may differ in length.
    /// </summary>
    /// <exception cref="InputException">A sequence is empty, longer than the model's positions, or has an id outside the vocabulary.</exception>
    public static float[][] LossPerToken(GptNeo model, IReadOnlyList<int[]> sequences, CancellationToken cancellationToken)
    {
        for (var i = 0; i < sequences.Count; i++) RequireSequence(sequences[i], i, model.Configuration);
        using var head = new SlicedCrossEntropy(model);
        var losses = new float[sequences.Count][];
        using var noGrad = no_grad();
        for (var i = 0; i < sequences.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var batch = TokenBatch.Of(Array.ConvertAll(sequences[i], id => (long)id), 1, sequences[i].Length);
            head.Evaluate(model.Embed(batch), batch.Labels);
            losses[i] = head.RowLosses(batch.Length - 1).ToArray();
        }
        return losses;
    }

    private static void RequireSequence(int[] ids, int number, GptNeoConfiguration configuration)
    {
        if (ids.Length == 0) throw new InputException($"Sequence {number} is empty.");
        if (ids.Length > configuration.MaxPositionEmbeddings)
            throw new InputException($"Sequence {number} has {ids.Length} tokens; the model has {configuration.MaxPositionEmbeddings} positions.");
        foreach (var id in ids)
        {
            if (id < 0 || id >= configuration.VocabSize)
                throw new InputException($"Sequence {number} has token id {id}; the model's vocabulary is 0 to {configuration.VocabSize - 1}.");
        }
    }
}
