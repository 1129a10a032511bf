namespace NcService.Core.Collapse;

/// <summary>
/// Counts over validation samples of two decisions: the classifier's (argmax of w_k·h) and that of the nearest class centre (argmin of
/// ‖h − μ_c‖ over the kept classes C). Counts of shards add.
/// </summary>
public sealed record DecisionCounts
{
    /// <summary>Samples decided.</summary>
    public long Samples { get; init; }

    /// <summary>Classes of C: those with enough training samples. The nearest centre is undefined where it is 0.</summary>
    public int KeptClasses { get; init; }

    /// <summary>Samples where the classifier over all K classes and the nearest centre agree.</summary>
    public long Agreements { get; init; }

    /// <summary>Samples where the classifier over all K classes gives the label.</summary>
    public long LinearCorrect { get; init; }

    /// <summary>Samples where the nearest centre gives the label.</summary>
    public long NearestCentreCorrect { get; init; }

    /// <summary>Samples whose label is in C (the authors' convention counts only these).</summary>
    public long SeenSamples { get; init; }

    /// <summary>Of those, samples where the classifier over C and the nearest centre agree.</summary>
    public long SeenAgreements { get; init; }

    /// <summary>Of those, samples where the classifier over C gives the label.</summary>
    public long SeenLinearCorrect { get; init; }

    /// <summary>Of those, samples where the nearest centre gives the label.</summary>
    public long SeenNearestCentreCorrect { get; init; }

    /// <summary>Samples for which scores in few bits left more than one class, so that float64 decided; how many depends on the processor, no decision does.</summary>
    public long DecidedAgain { get; init; }

    /// <summary>Σ −ln softmax(W h)[label] in nats over all samples, or null where losses were not asked for.</summary>
    public double? LossSum { get; init; }

    /// <summary>The counts of two disjoint sets of samples together.</summary>
    /// <exception cref="InputException">They were taken over different numbers of classes.</exception>
    public DecisionCounts Merge(DecisionCounts other)
    {
        if (other.KeptClasses != KeptClasses)
            throw new InputException($"Decisions over {KeptClasses} and over {other.KeptClasses} kept classes cannot be merged.");
        return this with
        {
            Samples = Samples + other.Samples,
            Agreements = Agreements + other.Agreements,
            LinearCorrect = LinearCorrect + other.LinearCorrect,
            NearestCentreCorrect = NearestCentreCorrect + other.NearestCentreCorrect,
            SeenSamples = SeenSamples + other.SeenSamples,
            SeenAgreements = SeenAgreements + other.SeenAgreements,
            SeenLinearCorrect = SeenLinearCorrect + other.SeenLinearCorrect,
            SeenNearestCentreCorrect = SeenNearestCentreCorrect + other.SeenNearestCentreCorrect,
            DecidedAgain = DecidedAgain + other.DecidedAgain,
            LossSum = LossSum + other.LossSum,
        };
    }
}

/// <summary>The decisions for a batch of samples, each a class id.</summary>
/// <param name="Linear">argmax over all K classes.</param>
/// <param name="LinearOverKept">argmax over the kept classes; −1 where there are none.</param>
/// <param name="NearestCentre">The kept class with the nearest centre; −1 where there are none.</param>
public sealed record Decisions(long[] Linear, long[] LinearOverKept, long[] NearestCentre);
