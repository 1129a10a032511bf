using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NcService.Core.Statistics;

/// <summary>
/// Random arrangements of 32 lanes at once by Fisher and Yates' shuffle inside out (Knuth, TAOCP 2, 3.4.2 P): value i takes the place of a random
/// one of the places 0 to i, whose old value moves to place i. Each lane draws its own place; all places are compared with it, which for short
/// strata is far cheaper than gathering and scattering.
/// </summary>
internal sealed unsafe class LaneShuffles : ArrangementSource
{
    /// <summary>Beyond this the quadratic comparison costs more than shuffling lane by lane.</summary>
    public const int LongestStratum = 96;

    private readonly ushort[] _drawMemory;
    private readonly ushort[] _placeMemory;
    private readonly ushort* _draws;
    private readonly ushort* _places;
    private readonly int[] _order;
    private readonly ulong _seed;
    private LaneRandom _random;

    public LaneShuffles(PermutationProblem problem, ulong seed)
        : base(problem)
    {
        _seed = seed;
        _order = new int[problem.RowCount];
        _drawMemory = Aligned<ushort>(problem.RowCount * Lanes, out _draws);
        _placeMemory = Aligned<ushort>(LongestStratum * Lanes, out _places);
        for (var place = 0; place < LongestStratum; place++) new Span<ushort>(_places + place * Lanes, Lanes).Fill((ushort)place);
    }

    public override void Start(long block) => _random = new LaneRandom(_seed, (ulong)block);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Next()
    {
        var random = _random;
        var first = 0;
        fixed (short* fixedPoint = Problem.FixedY)
        {
            foreach (var length in Problem.StratumLengths)
            {
                var values = Values + first * Lanes;
                var draws = _draws + first * Lanes;
                Vector512.Create(fixedPoint[first]).StoreAligned(values);
                for (var i = 1; i < length; i++)
                {
                    var place = random.Next((ushort)(i + 1));
                    place.StoreAligned(draws + i * Lanes);
                    Insert(values, i, place.AsInt16(), Vector512.Create(fixedPoint[first + i]));
                }
                first += length;
            }
        }
        _random = random;
    }

    public override void Copy(int lane, Span<double> y)
    {
        var first = 0;
        foreach (var length in Problem.StratumLengths)
        {
            var draws = _draws + first * Lanes + lane;
            for (var i = 0; i < length; i++)
            {
                var place = i == 0 ? 0 : draws[i * Lanes];
                _order[first + i] = _order[first + place];
                _order[first + place] = first + i;
            }
            first += length;
        }
        for (var i = 0; i < y.Length; i++) y[i] = Problem.Y[_order[i]];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Insert(short* values, int i, Vector512<short> place, Vector512<short> value)
    {
        var places = (short*)_places;
        var moved = value;
        for (var k = 0; k < i; k++)
        {
            var here = Vector512.Equals(place, Vector512.LoadAligned(places + k * Lanes));
            var old = Vector512.LoadAligned(values + k * Lanes);
            moved = Vector512.ConditionalSelect(here, old, moved);
            Vector512.ConditionalSelect(here, value, old).StoreAligned(values + k * Lanes);
        }
        moved.StoreAligned(values + i * Lanes);
    }
}
