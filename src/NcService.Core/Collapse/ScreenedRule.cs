namespace NcService.Core.Collapse;

/// <summary>A way to decide among classes by scores h·v − b, and for each sample of a block the classes that are left.</summary>
/// <param name="rule">Which one.</param>
/// <param name="biases">b: K numbers, +∞ for classes that cannot be chosen.</param>
internal sealed class ScreenedRule(DecisionRule rule, double[] biases)
{
    private ScreenedCandidates[] candidates = [];

    /// <summary>Which one.</summary>
    public DecisionRule Rule => rule;

    /// <summary>b, padded with +∞ to whole vectors.</summary>
    public PinnedArray<float> Biases { get; } = PadBiases(biases);

    /// <summary>The largest b of a class that can be chosen.</summary>
    public double LargestBias { get; } = biases.Where(double.IsFinite).DefaultIfEmpty(0).Max();

    /// <summary>Starts a block of samples.</summary>
    public void Begin(int samples)
    {
        if (candidates.Length < samples) candidates = [.. candidates, .. Enumerable.Range(0, samples - candidates.Length).Select(_ => new ScreenedCandidates())];
        for (var i = 0; i < samples; i++) candidates[i].Clear();
    }

    /// <summary>What is left for a sample of the block.</summary>
    public ScreenedCandidates this[long sample] => candidates[sample];

    private static PinnedArray<float> PadBiases(double[] values)
    {
        var padded = new PinnedArray<float>(PinnedArray<float>.Padded(values.Length));
        padded.Values.Fill(float.PositiveInfinity);

        // +∞ says that a class cannot be chosen, so that a bias beyond float32's range must not become it; the bound is infinite then.
        for (var c = 0; c < values.Length; c++) padded.Values[c] = double.IsFinite(values[c]) ? Math.Min((float)values[c], float.MaxValue) : float.PositiveInfinity;
        return padded;
    }
}

/// <summary>The classes that may still be the best for one sample, by increasing id.</summary>
internal sealed class ScreenedCandidates
{
    private int[] ids = new int[32];
    private float[] uppers = new float[32];
    private int count;

    /// <summary>What the best score is at least.</summary>
    public float Lower { get; set; } = float.NegativeInfinity;

    /// <summary>Starts anew.</summary>
    public void Clear() => (count, Lower) = (0, float.NegativeInfinity);

    /// <summary>Takes a class whose score is at most <paramref name="upper"/>.</summary>
    public void Add(int id, float upper)
    {
        if (count == ids.Length)
        {
            Prune();
            if (count > ids.Length / 2)
            {
                Array.Resize(ref ids, 2 * ids.Length);
                Array.Resize(ref uppers, 2 * uppers.Length);
            }
        }
        (ids[count], uppers[count]) = (id, upper);
        count++;
    }

    /// <summary>Those that are left.</summary>
    public ReadOnlySpan<int> Remaining()
    {
        Prune();
        return ids.AsSpan(0, count);
    }

    private void Prune()
    {
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            if (uppers[i] < Lower) continue;
            (ids[kept], uppers[kept]) = (ids[i], uppers[i]);
            kept++;
        }
        count = kept;
    }
}
