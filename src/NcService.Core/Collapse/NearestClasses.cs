using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using NcService.Core.Models.Kernels;

namespace NcService.Core.Collapse;

/// <summary>
/// For every class those nearest to it by distance and by cosine, out of the tiles of the pairwise pass. Tiles choose <see cref="Spare"/> more than asked, by
/// their own precision; these are measured again from explicit differences in float64 and the nearest of them kept, equal ones by the lowest id. (A class could
/// be missed only where more than <see cref="Spare"/> lie within a tile's rounding, some 10⁻⁷ for float32, of the last place.)
/// </summary>
internal sealed unsafe class NearestClasses
{
    /// <summary>Candidates beyond those asked for.</summary>
    public const int Spare = 8;

    private const int Lanes = 16;
    private const int StripColumns = 64;

    private readonly PairClasses classes;
    private readonly int wanted;
    private readonly int held;
    private readonly PinnedArray<float> norms;
    private readonly Ranking byDistance;
    private readonly Ranking byCosine;

    /// <summary>Empty lists.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="wanted">Classes to find for each.</param>
    public NearestClasses(PairClasses classes, int wanted)
    {
        this.classes = classes;
        this.wanted = Math.Min(wanted, classes.Count - 1);
        held = this.wanted + Spare;
        norms = new PinnedArray<float>(PinnedArray<float>.Padded(classes.Count) + Lanes);
        for (var c = 0; c < classes.Count; c++) norms.Values[c] = (float)classes.Norms[c];
        (byDistance, byCosine) = (new Ranking(classes.Count, held), new Ranking(classes.Count, held));
    }

    /// <summary>Takes a tile of cosines of the upper triangle: first for its rows' classes, then for its columns'; a thread owns the lists it writes.</summary>
    /// <param name="tile">Cosines, row-major; at least sixteen readable elements must follow the last one.</param>
    /// <param name="rowClass">The class of the tile's row 0.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columnClass">The class of the tile's column 0, at least <paramref name="rowClass"/>.</param>
    /// <param name="columns">Columns, which are also the row stride.</param>
    public void Add<T>(T* tile, int rowClass, int rows, int columnClass, int columns)
        where T : unmanaged
    {
        CpuParallel.For(rows, row => AddRow(tile + (row * columns), rowClass + (int)row, columnClass, columns));
        CpuParallel.For((columns + StripColumns - 1) / StripColumns, strip =>
        {
            var first = (int)strip * StripColumns;
            var last = Math.Min(first + StripColumns, columns);
            for (var row = 0; row < rows; row++) AddColumns(tile + ((long)row * columns), rowClass + row, columnClass, first, last);
        });
    }

    /// <summary>The lists in order, by index of the class among the kept ones; a class without direction is in no list by cosine and has none.</summary>
    public (Neighbour[][] ByDistance, Neighbour[][] ByCosine) Finish()
    {
        var (distances, cosines) = (new Neighbour[classes.Count][], new Neighbour[classes.Count][]);
        CpuParallel.For(classes.Count, index =>
        {
            var c = (int)index;
            distances[c] = Best(byDistance.Of(c), other => Math.Sqrt(classes.SquaredDistance(c, other)), ascending: true);
            cosines[c] = classes.Norms[c] == 0 ? [] : Best(byCosine.Of(c), other => 1 - (classes.SquaredDistanceOfDirections(c, other) / 2), ascending: false);
        });
        return (distances, cosines);
    }

    private Neighbour[] Best(ReadOnlySpan<int> candidates, Func<int, double> value, bool ascending)
    {
        var all = new Neighbour[candidates.Length];
        for (var i = 0; i < all.Length; i++) all[i] = new Neighbour(candidates[i], value(candidates[i]));
        Array.Sort(all, (a, b) => a.Value == b.Value ? a.Class.CompareTo(b.Class) : ascending ? a.Value.CompareTo(b.Value) : b.Value.CompareTo(a.Value));
        return all.Length <= wanted ? all : all[..wanted];
    }

    private void AddRow<T>(T* row, int a, int columnClass, int columns)
        where T : unmanaged
    {
        var norm = norms.Address[a];
        for (var column = Math.Max(0, a + 1 - columnClass); column < columns; column += Lanes)
        {
            var b = columnClass + column;
            var inRange = InRange(columns - column);
            var (cosines, negatives) = Keys(row + column, norm, b);
            var near = Vector512.GreaterThan(negatives, Vector512.Create(byDistance.Thresholds.Address[a])) & inRange;
            for (var set = near.ExtractMostSignificantBits(); set != 0; set &= set - 1)
            {
                var lane = BitOperations.TrailingZeroCount(set);
                byDistance.Insert(a, b + lane, negatives[lane]);
            }
            if (norm == 0) continue;
            near = Vector512.GreaterThan(cosines, Vector512.Create(byCosine.Thresholds.Address[a])) & inRange & HaveDirection(b);
            for (var set = near.ExtractMostSignificantBits(); set != 0; set &= set - 1)
            {
                var lane = BitOperations.TrailingZeroCount(set);
                byCosine.Insert(a, b + lane, cosines[lane]);
            }
        }
    }

    private void AddColumns<T>(T* row, int a, int columnClass, int first, int last)
        where T : unmanaged
    {
        var norm = norms.Address[a];
        for (var column = Math.Max(first, a + 1 - columnClass); column < last; column += Lanes)
        {
            var b = columnClass + column;
            var inRange = InRange(last - column);
            var (cosines, negatives) = Keys(row + column, norm, b);
            var near = Vector512.GreaterThan(negatives, Vector512.Load(byDistance.Thresholds.Address + b)) & inRange;
            for (var set = near.ExtractMostSignificantBits(); set != 0; set &= set - 1)
            {
                var lane = BitOperations.TrailingZeroCount(set);
                byDistance.Insert(b + lane, a, negatives[lane]);
            }
            if (norm == 0) continue;
            near = Vector512.GreaterThan(cosines, Vector512.Load(byCosine.Thresholds.Address + b)) & inRange & HaveDirection(b);
            for (var set = near.ExtractMostSignificantBits(); set != 0; set &= set - 1)
            {
                var lane = BitOperations.TrailingZeroCount(set);
                byCosine.Insert(b + lane, a, cosines[lane]);
            }
        }
    }

    /// <summary>Cosines and negative squared distances −((‖m_a‖ − ‖m_b‖)² + 2‖m_a‖‖m_b‖(1 − cos)) of a class with sixteen others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector512<float> Cosines, Vector512<float> NegativeSquaredDistances) Keys<T>(T* source, float norm, int b)
        where T : unmanaged
    {
        var cosines = typeof(T) == typeof(float)
            ? Vector512.Load((float*)source)
            : Vector512.Narrow(Vector512.Load((double*)source), Vector512.Load((double*)source + Vector512<double>.Count));
        var others = Vector512.Load(norms.Address + b);
        var difference = others - Vector512.Create(norm);
        return (cosines, (cosines - Vector512<float>.One) * (others * (2 * norm)) - (difference * difference));
    }

    private Vector512<float> HaveDirection(int b) => Vector512.GreaterThan(Vector512.Load(norms.Address + b), Vector512<float>.Zero);

    private static Vector512<float> InRange(int count) =>
        Vector512.LessThan(Vector512.Create(0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), Vector512.Create((float)count));

    /// <summary>Per class the candidates with the largest keys, and the key that a further one must exceed.</summary>
    private sealed class Ranking
    {
        private readonly int held;
        private readonly int[] ids;
        private readonly float[] keys;
        private readonly int[] counts;

        public Ranking(int classes, int held)
        {
            this.held = held;
            ids = new int[checked(classes * held)];
            keys = new float[ids.Length];
            counts = new int[classes];
            Thresholds = new PinnedArray<float>(PinnedArray<float>.Padded(classes) + Lanes);
            Thresholds.Values.Fill(float.NegativeInfinity);
        }

        public PinnedArray<float> Thresholds { get; }

        public ReadOnlySpan<int> Of(int c) => ids.AsSpan(c * held, counts[c]);

        public void Insert(int c, int other, float key)
        {
            if (!(key > Thresholds.Address[c])) return;
            var start = c * held;
            var position = counts[c] < held ? counts[c]++ : held - 1;
            for (; position > 0 && keys[start + position - 1] < key; position--)
            {
                keys[start + position] = keys[start + position - 1];
                ids[start + position] = ids[start + position - 1];
            }
            (keys[start + position], ids[start + position]) = (key, other);
            if (counts[c] == held) Thresholds.Address[c] = keys[start + held - 1];
        }
    }
}

/// <summary>One class beside another.</summary>
/// <param name="Class">Its id.</param>
/// <param name="Value">The distance ‖μ_c − μ_c'‖, or the cosine u_c·u_c'.</param>
public readonly record struct Neighbour(int Class, double Value);
