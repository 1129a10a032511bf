using NcService.Core.Text;
using NcService.Platform.Studies;

namespace NcService.Web.Dashboard.Data;

/// <summary>What a study would take, from what earlier runs took here.</summary>
/// <param name="Tokens">Tokens that all trainings see; null where the text has not been tokenised yet and no step limit bounds it.</param>
/// <param name="TokensAtMost">The tokens are bounded by the step limit; the text may be shorter.</param>
/// <param name="Time">Wall time on the present workers; null where tokens or speed are unknown.</param>
/// <param name="Bytes">Checkpoints and class statistics that stay on disk.</param>
public sealed record StudyEstimate(double? Tokens, bool TokensAtMost, TimeSpan? Time, double Bytes)
{
    private const int CheckpointBytes = sizeof(float);
    private const int StatisticsBytes = sizeof(double);

    // METRICS.md of the study: TinyStories V1 with GPT-2's tokenizer at T = 2048, its own packing.
    private const double TinyStoriesTokens = 229_367.0 * 2048;

    // A preparation, a start of a process and a load for each run; small studies are mostly that.
    private const double SecondsPerJob = 3;

    /// <summary>Estimates a study.</summary>
    /// <param name="definition">The study.</param>
    /// <param name="plan">Its models.</param>
    /// <param name="trainTokens">Tokens of the training split; null where it is not known yet.</param>
    /// <param name="vocabularySize">K.</param>
    /// <param name="contextLength">T.</param>
    /// <param name="throughput">Measured speed.</param>
    public static StudyEstimate Of(StudyDefinition definition, StudyPreview plan, double? trainTokens, int vocabularySize, int contextLength, Throughput throughput)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(throughput);
        if (trainTokens is null && definition.Corpus.Kind == CorpusKind.TinyStories && definition.Tokenizer.Kind == TokenizerKind.Gpt2) trainTokens = TinyStoriesTokens;
        var limit = definition.MaximumSteps is { } steps ? (double)steps * definition.BatchSize * contextLength : (double?)null;
        double? Tokens(int epochs) => trainTokens is { } whole ? Math.Min(limit ?? double.PositiveInfinity, whole * epochs) : limit;
        var collected = definition.AnalysisChunks is { } chunks ? Math.Min(trainTokens ?? double.PositiveInfinity, (double)chunks * contextLength) : trainTokens;

        double? tokens = 0, seconds = 0;
        var bytes = 0.0;
        foreach (var run in plan.Runs)
        {
            var parameters = plan.Cells[(run.Width, run.Depth)].Parameters;
            bytes += (double)CheckpointBytes * parameters + (double)StatisticsBytes * run.Width * ((double)vocabularySize + run.Width);
            tokens += Tokens(run.Epochs);
            seconds += throughput is { Training: { } training, Analysis: { } analysis }
                ? training.Seconds(Tokens(run.Epochs) ?? double.NaN, parameters) + analysis.Seconds(collected ?? double.NaN, parameters) + 2 * SecondsPerJob
                : null;
        }
        var wall = seconds / Math.Min(throughput.Workers, Math.Max(1, plan.RunCount));
        return new StudyEstimate(tokens, trainTokens is null && limit is not null, wall is { } known && known < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(known) : null, bytes);
    }
}
