namespace NcService.Core.Statistics;

/// <summary>
/// Uniform shuffles of n values (Fisher–Yates). Several positions are drawn from one random word, exactly uniform, as in
/// Brackett-Rozinsky and Lemire (2024), arXiv 2408.06213: 21 values cost two words.
/// </summary>
internal sealed class Shuffler
{
    /// <summary>Bounds whose product stays below this share a word; the rare path of rejection is then taken about once in 2¹⁶ words.</summary>
    private const ulong LargestProduct = 1UL << 48;

    private readonly Group[] _groups;
    private readonly int[] _positions;

    public Shuffler(int count)
    {
        var groups = new List<Group>();
        for (var first = count; first >= 2;)
        {
            var product = (ulong)first;
            var last = first;
            while (last > 2 && product * (ulong)(last - 1) < LargestProduct) product *= (ulong)--last;
            groups.Add(new Group(first, last, product));
            first = last - 1;
        }
        Count = count;
        _groups = [.. groups];
        _positions = new int[count + 1];
    }

    /// <summary>n.</summary>
    public int Count { get; }

    /// <summary>Shuffles the n values.</summary>
    public void Shuffle(Span<int> values, ref RandomStream random)
    {
        var positions = _positions;
        foreach (var group in _groups)
        {
            var low = Draw(group, positions, ref random);
            if (low < group.Product)
            {
                var threshold = (0 - group.Product) % group.Product;
                while (low < threshold) low = Draw(group, positions, ref random);
            }
            for (var bound = group.First; bound >= group.Last; bound--)
            {
                var position = positions[bound];
                (values[bound - 1], values[position]) = (values[position], values[bound - 1]);
            }
        }
    }

    private static ulong Draw(Group group, int[] positions, ref RandomStream random)
    {
        var low = random.Next();
        for (var bound = group.First; bound >= group.Last; bound--) positions[bound] = (int)Math.BigMul(low, (ulong)bound, out low);
        return low;
    }

    private readonly record struct Group(int First, int Last, ulong Product);
}
