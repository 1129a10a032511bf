using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// Decides the samples again whose best scores lie within the error bound of the format they were scored in: every class that might win is
/// scored in float64, by an explicit dot product or an explicit difference. Equal scores keep the lowest id.
/// </summary>
internal sealed unsafe class CloseDecisions(ExactScores exactScores, int classTile)
{
    /// <summary>Overwrites the decisions of close samples.</summary>
    /// <param name="rule">Which decision.</param>
    /// <param name="scores">Where the scores came from.</param>
    /// <param name="samples">The samples as they were scored: [n, d].</param>
    /// <param name="exact">The samples in float64 on the CPU, not centred: [n, d].</param>
    /// <param name="norms">Norms of <paramref name="samples"/>.</param>
    /// <param name="found">Scores so far.</param>
    /// <param name="decisions">The ids so far.</param>
    /// <returns>The rows that were decided again.</returns>
    public int[] Decide(
        DecisionRule rule, DecisionScores scores, Tensor samples, Tensor exact, double[] norms, RunningArgmax found, long[] decisions)
    {
        var dimension = (int)exact.shape[1];
        double[] best = found.Best(), second = found.Second();
        var close = Enumerable.Range(0, decisions.Length)
            .Where(row => decisions[row] >= 0 && !(best[row] - second[row] > 2 * scores.ErrorBound(rule, norms[row], dimension))).ToArray();
        if (close.Length == 0) return close;

        var closeSamples = samples.index_select(0, tensor(Array.ConvertAll(close, row => (long)row), device: samples.device));
        var bestExact = Enumerable.Repeat(double.NegativeInfinity, close.Length).ToArray();
        var exactRows = TensorMemory.Pointer<double>(exact);
        for (var first = 0; first < scores.ClassCount; first += classTile)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(classTile, scores.ClassCount - first);
            var tile = TensorMemory.ToDoubles(scores.Score(rule, closeSamples, first, count));
            for (var i = 0; i < close.Length; i++)
            {
                var row = close[i];
                var candidate = best[row] - (2 * scores.ErrorBound(rule, norms[row], dimension));
                for (var column = 0; column < count; column++)
                {
                    if (tile[(i * count) + column] < candidate) continue;
                    var score = exactScores.Score(rule, new ReadOnlySpan<double>(exactRows + ((long)row * dimension), dimension), first + column);
                    if (score <= bestExact[i]) continue;
                    bestExact[i] = score;
                    decisions[row] = first + column;
                }
            }
        }
        GC.KeepAlive(exact);
        return close;
    }
}
