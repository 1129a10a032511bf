namespace NcService.Core.Training;

/// <summary>
/// The order of the training chunks: one permutation per epoch, a function of (seed, epoch, count) alone, the same on any machine.
/// Fisher–Yates from the end; indices come from SplitMix64 (Steele, Lea and Flood 2014) by Lemire's multiply-and-reject (arXiv 1805.10941).
/// The generator of epoch e starts at state seed · 0x9E3779B97F4A7C15 + e · 0xD1B54A32D192ED03 (mod 2⁶⁴, seed taken as unsigned 32 bits).
/// </summary>
public static class DataOrder
{
    /// <summary>A permutation of 0 … count − 1.</summary>
    public static int[] Permutation(int count, int seed, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var state = unchecked((uint)seed * 0x9E3779B97F4A7C15UL + (ulong)epoch * 0xD1B54A32D192ED03UL);
        var order = new int[count];
        for (var i = 0; i < count; i++) order[i] = i;
        for (var last = count - 1; last > 0; last--)
        {
            var other = (int)Below((ulong)last + 1, ref state);
            (order[last], order[other]) = (order[other], order[last]);
        }
        return order;
    }

    private static ulong Below(ulong bound, ref ulong state)
    {
        // Products whose low half falls under 2^64 mod bound would make some results likelier by one in 2^64.
        var threshold = unchecked(0 - bound) % bound;
        while (true)
        {
            var high = Math.BigMul(Next(ref state), bound, out var low);
            if (low >= threshold) return high;
        }
    }

    private static ulong Next(ref ulong state)
    {
        unchecked
        {
            var z = state += 0x9E3779B97F4A7C15UL;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }
}
