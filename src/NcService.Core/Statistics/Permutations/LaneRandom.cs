using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NcService.Core.Statistics;

/// <summary>
/// Random integers for 32 permutations at once: eight xoshiro256++ generators (Blackman and Vigna 2021) side by side, each 64-bit word cut into
/// four. Integer arithmetic only: the same seed and stream give the same numbers on every processor, whatever the width of its vectors.
/// </summary>
internal struct LaneRandom
{
    private const int Generators = 8;
    private const int StateWords = 4;

    private Vector512<ulong> _a;
    private Vector512<ulong> _b;
    private Vector512<ulong> _c;
    private Vector512<ulong> _d;

    public LaneRandom(ulong seed, ulong stream)
    {
        var source = new RandomStream(seed, stream);
        Span<ulong> state = stackalloc ulong[Generators * StateWords];
        for (var i = 0; i < state.Length; i++) state[i] = source.Next();
        _a = Vector512.Create<ulong>(state[..Generators]);
        _b = Vector512.Create<ulong>(state.Slice(Generators, Generators));
        _c = Vector512.Create<ulong>(state.Slice(2 * Generators, Generators));
        _d = Vector512.Create<ulong>(state[(3 * Generators)..]);
    }

    /// <summary>
    /// A uniform integer in [0, bound) in each lane, without bias: the high half of word times bound, a word whose low half falls below
    /// 2¹⁶ mod bound being drawn again (Lemire 2019, ACM TOMACS 29(1), 3).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<ushort> Next(ushort bound)
    {
        var bounds = Vector512.Create(bound);
        var word = Next();
        var low = word * bounds;
        if (Vector512.LessThanAny(low, bounds)) word = Accepted(word, bound);
        return MultiplyHigh(word, bounds);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Vector512<ushort> Accepted(Vector512<ushort> word, ushort bound)
    {
        var threshold = Vector512.Create((ushort)((1 << 16) % bound));
        while (true)
        {
            var rejected = Vector512.LessThan(word * Vector512.Create(bound), threshold);
            if (rejected == Vector512<ushort>.Zero) return word;
            word = Vector512.ConditionalSelect(rejected, Next(), word);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<ushort> Next()
    {
        var result = Rotate(_a + _d, 23) + _a;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = Rotate(_d, 45);
        return result.AsUInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Rotate(Vector512<ulong> value, [ConstantExpected] byte count) =>
        Avx512F.IsSupported ? Avx512F.RotateLeft(value, count) : (value << count) | (value >>> (64 - count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> MultiplyHigh(Vector512<ushort> a, Vector512<ushort> b)
    {
        if (Avx512BW.IsSupported) return Avx512BW.MultiplyHigh(a, b);
        var (lowerA, upperA) = Vector512.Widen(a);
        var (lowerB, upperB) = Vector512.Widen(b);
        return Vector512.Narrow((lowerA * lowerB) >>> 16, (upperA * upperB) >>> 16);
    }
}
