using System.Runtime.InteropServices;

namespace NcService.Core.Statistics;

/// <summary>
/// Gives arrangements of a problem's y, 32 at a time: as fixed-point numbers position by position for the kernel, and any one of them again
/// in full precision for the few cases that fixed point cannot decide.
/// </summary>
internal abstract unsafe class ArrangementSource
{
    /// <summary>Arrangements side by side.</summary>
    public const int Lanes = 32;

    private const int Alignment = 64;
    private readonly short[] _memory;

    protected ArrangementSource(PermutationProblem problem)
    {
        Problem = problem;
        // An odd n is followed by a row of zeros: the kernel takes positions in pairs.
        var rows = problem.RowCount + problem.RowCount % 2;
        _memory = Aligned<short>(rows * Lanes, out var values);
        Values = values;
    }

    /// <summary>Fixed-point y, [n rounded up to even, 32]: position by lane.</summary>
    public short* Values { get; }

    protected PermutationProblem Problem { get; }

    /// <summary>Goes to the beginning of a block of arrangements.</summary>
    public abstract void Start(long block);

    /// <summary>Makes the next 32 arrangements of the block.</summary>
    public abstract void Next();

    /// <summary>The arrangement in a lane in full precision, [n].</summary>
    public abstract void Copy(int lane, Span<double> y);

    /// <summary>Memory on a cache line's boundary; it lives as long as the array that is returned.</summary>
    public static T[] Aligned<T>(int count, out T* start)
        where T : unmanaged
    {
        var memory = GC.AllocateArray<T>(count + Alignment / sizeof(T), pinned: true);
        start = (T*)AlignUp((nuint)Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0));
        return memory;
    }

    private static nuint AlignUp(nuint address) => (address + Alignment - 1) & ~(nuint)(Alignment - 1);
}
