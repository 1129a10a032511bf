namespace NcService.Core.Statistics;

/// <summary>How one quantity differs between two groups of rows, with the permutation test of the difference.</summary>
public sealed record DifferenceOfMeansResult
{
    /// <summary>The test: its r is the point-biserial correlation, positive where the first group's mean is the greater.</summary>
    public required PermutationTestResult Test { get; init; }

    /// <summary>Mean and spread in the first group, over the rows used.</summary>
    public required MeanAndSpread First { get; init; }

    /// <summary>Mean and spread in the second group, over the rows used.</summary>
    public required MeanAndSpread Second { get; init; }

    /// <summary>
    /// Mean of the first group less that of the second; with strata or covariates the coefficient of the group once they are held fixed. Null where undefined.
    /// </summary>
    public double? Difference { get; init; }

    /// <summary>
    /// Rank-biserial correlation (Glass 1965): how much likelier a value of the first group is to exceed one of the second than the other way
    /// round, −1 to 1. Null where undefined.
    /// </summary>
    public double? RankBiserial { get; init; }
}

/// <summary>
/// Permutation test of a difference of means: the group labels are permuted. With the labels as a column of ones and zeros the difference is a
/// fixed multiple of Pearson's r, so this is <see cref="PermutationTest"/> on that column, and exact where the labels have few arrangements.
/// </summary>
public static class DifferenceOfMeans
{
    /// <summary>Tests a family of quantities between the same two groups.</summary>
    /// <param name="quantities">Columns of [n].</param>
    /// <param name="groups">The label of each row; rows with other labels are left out.</param>
    /// <param name="first">Label of the first group.</param>
    /// <param name="second">Label of the second group.</param>
    /// <param name="held">What is held fixed.</param>
    /// <param name="options">B, seed, alternative (greater: the first group's mean is the greater).</param>
    /// <param name="ct">Stops the test within milliseconds.</param>
    /// <returns>One result a quantity, in their order.</returns>
    /// <exception cref="InputException">A group has no rows, or both are the same.</exception>
    public static IReadOnlyList<DifferenceOfMeansResult> RunFamily(
        IReadOnlyList<Variable> quantities, IReadOnlyList<string?> groups, string first, string second, HeldFixed held, PermutationTestOptions options,
        CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(held);
        if (first == second) throw new InputException($"the two groups to compare are both '{first}'");
        foreach (var label in new[] { first, second }.Where(label => !groups.Contains(label)))
            throw new InputException($"no row is in the group '{label}' (there are {string.Join(", ", groups.Where(group => group is not null).Distinct().Take(20))})");
        var indicator = new Variable(
            $"membership in '{first}' or '{second}'", [.. groups.Select(label => label == first ? 1 : label == second ? 0 : double.NaN)]);
        var tests = PermutationTest.RunFamily(quantities, indicator, held, options, ct);
        return [.. tests.Select((test, i) => Of(test, quantities[i], indicator, held))];
    }

    private static DifferenceOfMeansResult Of(PermutationTestResult test, Variable quantity, Variable indicator, HeldFixed held)
    {
        double[] Group(double member) => [.. test.Rows.Where(row => indicator.Values[row] == member).Select(row => quantity.Values[row])];
        var (first, second) = (Group(1), Group(0));
        var result = new DifferenceOfMeansResult { Test = test, First = MeanAndSpread.Of(first), Second = MeanAndSpread.Of(second) };
        if (test.R is null) return result;

        // The coefficient of the group: outcome and indicator against the indicator's residual.
        var residual = ResidualSample.Of(quantity, indicator, held).Y!;
        double Share(Variable variable) => CentredColumn.Dot([.. test.Rows.Select(row => variable.Values[row])], residual);
        var ranks = Ranks.Of([.. first, .. second]);
        return result with
        {
            Difference = Share(quantity) / Share(indicator),
            RankBiserial = 2 * (ranks[..first.Length].Average() - ranks[first.Length..].Average()) / ranks.Length,
        };
    }
}
