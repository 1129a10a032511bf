namespace NcService.Core.Statistics;

/// <summary>Rows that say the same as an earlier row: most likely one run that was entered twice.</summary>
public static class RepeatedRows
{
    /// <summary>Fewer values than these may agree by chance.</summary>
    private const int FewestValues = 3;

    /// <summary>
    /// Rows whose values equal an earlier row's in every column, to the last bit, missing ones included. Rows with fewer than three values are never
    /// taken for repetitions.
    /// </summary>
    /// <param name="columns">Columns of [n].</param>
    /// <returns>Row and the first row that it repeats, from 0, in the order of rows.</returns>
    public static IReadOnlyList<(int Row, int Of)> Find(IReadOnlyList<double[]> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var repeats = new List<(int Row, int Of)>();
        if (columns.Count < FewestValues) return repeats;
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var row = 0; row < columns[0].Length; row++)
        {
            var values = columns.Select(column => column[row]).ToArray();
            if (values.Count(double.IsFinite) < FewestValues) continue;
            var key = string.Join(' ', values.Select(BitConverter.DoubleToInt64Bits));
            if (!seen.TryAdd(key, row)) repeats.Add((row, seen[key]));
        }
        return repeats;
    }
}
