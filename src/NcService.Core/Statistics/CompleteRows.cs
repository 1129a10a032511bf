namespace NcService.Core.Statistics;

/// <summary>The rows in which every column has a finite value, stratum by stratum, and why the others were left out.</summary>
internal sealed class CompleteRows
{
    private CompleteRows(int[] rows, int[] stratumLengths, LeftOutRow[] leftOut) => (Rows, StratumLengths, LeftOut) = (rows, stratumLengths, leftOut);

    /// <summary>The rows used: those of the first stratum first.</summary>
    public int[] Rows { get; }

    /// <summary>How many of them each stratum has; one entry without strata, none without rows.</summary>
    public int[] StratumLengths { get; }

    public LeftOutRow[] LeftOut { get; }

    public int Count => Rows.Length;

    /// <summary>The complete rows of columns, and of strata where there are any.</summary>
    /// <exception cref="ArgumentException">Columns or strata differ in length.</exception>
    public static CompleteRows Of(IReadOnlyList<Variable> variables, IReadOnlyList<string?>? strata = null)
    {
        var length = variables[0].Values.Length;
        foreach (var variable in variables)
        {
            if (variable.Values.Length != length)
                throw new ArgumentException($"{variables[0].Name} has {length} values and {variable.Name} has {variable.Values.Length}; they must be paired row by row.", nameof(variables));
        }
        if (strata is not null && strata.Count != length)
            throw new ArgumentException($"{variables[0].Name} has {length} values and there are {strata.Count} strata labels.", nameof(strata));

        var leftOut = new List<LeftOutRow>();
        var kept = new List<int>(length);
        for (var row = 0; row < length; row++)
        {
            if (WhyLeftOut(variables, strata, row) is { } reason) leftOut.Add(new LeftOutRow(row, reason));
            else kept.Add(row);
        }
        if (strata is null) return new CompleteRows([.. kept], kept.Count == 0 ? [] : [kept.Count], [.. leftOut]);

        var groups = kept.GroupBy(row => strata[row]!, StringComparer.Ordinal).ToLookup(group => group.Count() > 1);
        leftOut.AddRange(groups[false].Select(group => new LeftOutRow(group.Single(), $"it is the only row of its stratum '{group.Key}'")));
        return new CompleteRows(
            [.. groups[true].SelectMany(group => group)], [.. groups[true].Select(group => group.Count())], [.. leftOut.OrderBy(row => row.Row)]);
    }

    /// <summary>The used rows of a column.</summary>
    public double[] Take(double[] values) => Array.ConvertAll(Rows, row => values[row]);

    private static string? WhyLeftOut(IReadOnlyList<Variable> variables, IReadOnlyList<string?>? strata, int row)
    {
        foreach (var variable in variables)
        {
            if (double.IsNaN(variable.Values[row])) return $"{variable.Name} has no value";
            if (double.IsInfinity(variable.Values[row])) return $"{variable.Name} is infinite";
        }
        return strata is not null && strata[row] is null ? "its stratum is unknown" : null;
    }
}
