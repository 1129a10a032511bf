using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// NC4: for each sample the classifier's decision and that of the nearest class centre, over tiles of classes: the matrix of scores is never held. Scores in few
/// bits leave the classes that can be the best, by a proven error bound, and those are decided in float64 from explicit dot products and differences:
/// every decision is the exact one. Ties go to the lowest id. <see cref="ScreenedDecisions"/> does it on the CPU, <see cref="ComposedDecisions"/> elsewhere.
/// </summary>
/// <remarks>One thread at a time. Counts of accumulators over disjoint samples merge (<see cref="DecisionCounts.Merge"/>).</remarks>
public sealed class DecisionAccumulator : IDisposable
{
    private readonly DecisionOptions options;
    private readonly int classCount;
    private readonly int dimension;
    private readonly bool[] kept;
    private readonly Tensor classifier;
    private readonly Tensor means;
    private readonly Tensor globalMean;
    private ScreenedDecisions? screened;
    private ComposedDecisions? composed;
    private DecisionCounts totals;
    private readonly ClassDecisions byClass;

    /// <summary>An accumulator for one classifier and one set of class means.</summary>
    /// <param name="statistics">Class statistics of the training samples; must outlive the accumulator.</param>
    /// <param name="classifier">W: [K, d].</param>
    /// <param name="options">Tiles, minimum samples, losses.</param>
    /// <exception cref="InputException">The classifier's shape does not fit or it holds NaN or infinity.</exception>
    public DecisionAccumulator(ClassStatistics statistics, Tensor classifier, DecisionOptions? options = null)
    {
        this.options = options ?? new DecisionOptions();
        classCount = statistics.ClassCount;
        dimension = statistics.Dimension;
        BatchChecks.Classifier(classifier, classCount, dimension);
        kept = Array.ConvertAll(statistics.CountValues, count => count >= this.options.MinimumSamples);
        var keptIds = Enumerable.Range(0, classCount).Where(c => kept[c]).Select(c => (long)c).ToArray();

        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        means = statistics.Means;
        this.classifier = classifier.detach().to(ScalarType.Float64, CPU, copy: true).contiguous().DetachFromDisposeScope();
        globalMean = (keptIds.Length == 0 ? zeros(dimension, dtype: ScalarType.Float64) : means.index_select(0, tensor(keptIds)).mean([0L]))
            .DetachFromDisposeScope();
        totals = new DecisionCounts { KeptClasses = keptIds.Length, LossSum = this.options.Loss ? 0 : null };
        byClass = new ClassDecisions(classCount);
    }

    /// <summary>Decides a batch and counts.</summary>
    /// <param name="features">h: [n, d].</param>
    /// <param name="labels">True classes: [n] in 0..K−1; they may be classes without training samples.</param>
    /// <exception cref="InputException">A shape does not fit, a label is out of range, or an embedding is NaN or infinite.</exception>
    public void Add(Tensor features, Tensor labels)
    {
        var ids = BatchChecks.Labels(features, labels, classCount, dimension, totals.Samples);
        foreach (var (start, decisions) in Run(features, ids)) Count(ids.AsSpan(start, decisions.Linear.Length), decisions);
    }

    /// <summary>The decisions for a batch [n, d], without counting them.</summary>
    /// <exception cref="InputException">The shape does not fit or an embedding is NaN or infinite.</exception>
    public Decisions Decide(Tensor features)
    {
        BatchChecks.Features(features, dimension);
        var parts = Run(features, labels: null).Select(part => part.Decisions).ToArray();
        return new Decisions(
            [.. parts.SelectMany(part => part.Linear)],
            [.. parts.SelectMany(part => part.LinearOverKept)],
            [.. parts.SelectMany(part => part.NearestCentre)]);
    }

    /// <summary>The counts so far.</summary>
    public DecisionCounts Finish() => totals;

    /// <summary>The counts so far by the samples' class.</summary>
    public ClassDecisions ByClass => byClass;

    /// <inheritdoc/>
    public void Dispose()
    {
        screened?.Dispose();
        composed?.Dispose();
        classifier.Dispose();
        globalMean.Dispose();
    }

    private IEnumerable<(int Start, Decisions Decisions)> Run(Tensor features, long[]? labels)
    {
        for (var start = 0; start < features.shape[0]; start += options.SampleTile)
        {
            var rows = (int)Math.Min(options.SampleTile, features.shape[0] - start);
            yield return (start, DecideRows(features, start, rows, labels));
        }
    }

    private Decisions DecideRows(Tensor features, int start, int rows, long[]? labels)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var h = features.narrow(0, start, rows).detach();
        if (h.dtype != ScalarType.Float64) h = h.to(ScalarType.Float32);
        var exact = h.to(ScalarType.Float64, CPU).contiguous();
        var norms = TensorMemory.ToDoubles(exact.square().sum(1).sqrt());
        if (norms.Any(norm => !double.IsFinite(norm))) throw BatchChecks.NotFinite(h, "embeddings", totals.Samples);
        var blockLabels = labels?[start..(start + rows)];
        var (decisions, again, loss) = h.device_type == DeviceType.CPU && options.Screen != ScreenFormat.Composed
            ? (screened ??= new ScreenedDecisions(classifier, means, TensorMemory.ToDoubles(globalMean), kept, options)).Decide(h.contiguous(), exact, blockLabels)
            : (composed ??= new ComposedDecisions(classifier, means, globalMean, kept, options)).Decide(h, exact, norms, blockLabels);
        if (labels is null) return decisions;
        totals = totals with { DecidedAgain = totals.DecidedAgain + again, LossSum = totals.LossSum + loss };
        return decisions;
    }

    private void Count(ReadOnlySpan<long> labels, Decisions decisions)
    {
        long agreements = 0, linearCorrect = 0, nearestCorrect = 0, seenSamples = 0, seenAgreements = 0, seenLinearCorrect = 0, seenNearestCorrect = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var (label, linear, overKept, nearest) = (labels[i], decisions.Linear[i], decisions.LinearOverKept[i], decisions.NearestCentre[i]);
            byClass.Count(label, linear, nearest);
            agreements += One(linear == nearest);
            linearCorrect += One(linear == label);
            nearestCorrect += One(nearest == label);
            if (!kept[label]) continue;
            seenSamples++;
            seenAgreements += One(overKept == nearest);
            seenLinearCorrect += One(overKept == label);
            seenNearestCorrect += One(nearest == label);
        }
        totals = totals with
        {
            Samples = totals.Samples + labels.Length,
            Agreements = totals.Agreements + agreements,
            LinearCorrect = totals.LinearCorrect + linearCorrect,
            NearestCentreCorrect = totals.NearestCentreCorrect + nearestCorrect,
            SeenSamples = totals.SeenSamples + seenSamples,
            SeenAgreements = totals.SeenAgreements + seenAgreements,
            SeenLinearCorrect = totals.SeenLinearCorrect + seenLinearCorrect,
            SeenNearestCentreCorrect = totals.SeenNearestCentreCorrect + seenNearestCorrect,
        };
    }

    private static long One(bool condition) => condition ? 1 : 0;
}
