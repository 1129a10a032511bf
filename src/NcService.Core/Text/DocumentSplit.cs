namespace NcService.Core.Text;

/// <summary>Which documents validate: the ones with the smallest keys, keys being a hash of seed and document index.</summary>
internal static class DocumentSplit
{
    /// <summary>
    /// One flag a document. Their number is <paramref name="fraction"/> × <paramref name="documentCount"/> rounded, but at least 1, and
    /// at least 1 document is left to train.
    /// </summary>
    public static bool[] ChooseValidation(int documentCount, double fraction, int seed)
    {
        var keys = new ulong[documentCount];
        var order = new int[documentCount];
        for (var i = 0; i < documentCount; i++) (keys[i], order[i]) = (Key(seed, i), i);
        Array.Sort(keys, order);

        var count = Math.Clamp((int)Math.Round(fraction * documentCount, MidpointRounding.AwayFromZero), 1, Math.Max(1, documentCount - 1));
        var validates = new bool[documentCount];
        foreach (var document in order.AsSpan(0, Math.Min(count, documentCount))) validates[document] = true;
        return validates;
    }

    /// <summary>SplitMix64 (Steele et al. 2014) of a state made of seed and index; a bijection of the index, so no two keys are equal.</summary>
    private static ulong Key(int seed, int index)
    {
        var z = ((ulong)(uint)seed << 32) + (uint)index;
        z = (z + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
