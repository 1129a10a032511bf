using System.Numerics;
using System.Runtime.CompilerServices;

namespace NcService.Core.Statistics;

/// <summary>
/// One of 2⁶⁴ independent random streams of a seed: xoshiro256** (Blackman and Vigna 2021), its state filled by SplitMix64 from seed and
/// stream number. Work cut into numbered blocks, a stream for each, gives the same numbers whichever thread takes which block.
/// </summary>
internal struct RandomStream
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    public RandomStream(ulong seed, ulong stream)
    {
        // Mixing the seed before the stream is added keeps (seed 1, stream 0) apart from (seed 0, stream 1).
        var state = seed;
        state = SplitMix64(ref state) ^ (stream * 0xD1342543DE82EF95UL);
        _a = SplitMix64(ref state);
        _b = SplitMix64(ref state);
        _c = SplitMix64(ref state);
        _d = SplitMix64(ref state);
    }

    /// <summary>64 uniform bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A uniform integer in [0, <paramref name="bound"/>), without bias (Lemire 2019).</summary>
    public int Next(int bound)
    {
        var range = (ulong)bound;
        var high = Math.BigMul(Next(), range, out ulong low);
        if (low < range)
        {
            var threshold = (0 - range) % range;
            while (low < threshold) high = Math.BigMul(Next(), range, out low);
        }
        return (int)high;
    }

    private static ulong SplitMix64(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
