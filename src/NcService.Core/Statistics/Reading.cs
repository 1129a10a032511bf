namespace NcService.Core.Statistics;

/// <summary>What a number says in plain words, and what it does not.</summary>
/// <param name="Shows">What it shows.</param>
/// <param name="DoesNotShow">What it must not be taken for.</param>
public sealed record Reading(string Shows, string DoesNotShow)
{
    private const double RanksSeeMore = 0.1;

    /// <summary>Reads a correlation.</summary>
    /// <param name="result">The correlation.</param>
    /// <param name="x">Name of the measurement as it was correlated, such as "ln cdnv".</param>
    /// <param name="y">Name of the outcome.</param>
    /// <param name="runs">What the rows are, such as "21 runs that differ in nothing but the seed"; null where nothing is known of them.</param>
    /// <param name="held">What was held fixed, in words such as "ln parameters"; empty for nothing.</param>
    public static Reading Of(CorrelationResult result, string x, string y, string? runs, IReadOnlyList<string> held)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(held);
        if (result.R is not { } r) return Undefined(result.UndefinedReason);
        var fixedWords = held.Count == 0 ? "" : $" With {string.Join(" and ", held)} held fixed,";
        var direction = r < 0 ? $"falls as {y} rises" : $"rises with {y}";
        var shows = $"Over {Runs(result.Count, runs)}:{fixedWords} {x} {direction} (r = {r:0.00}), and a straight line in one accounts for "
            + $"{Percent(result.R2!.Value)} of the variance of the other.";
        if (Math.Abs(result.Spearman ?? 0) - Math.Abs(r) > RanksSeeMore)
            shows += $" The order agrees better than a straight line does (ρ = {result.Spearman:0.00}): look at it on a logarithmic axis.";
        if ((result.Interval95 ?? result.FisherInterval95) is { } interval && interval.Lower <= 0 && interval.Upper >= 0)
            shows += $" The 95 % interval of r, {interval.Lower:0.00} to {interval.Upper:0.00}, does not exclude 0.";
        return new Reading(shows, $"{Cause(x, y)} {Scope(held.Count == 0, runs)}");
    }

    /// <summary>Reads a permutation test.</summary>
    /// <param name="result">The test.</param>
    /// <param name="y">Name of the outcome that was permuted.</param>
    /// <param name="runs">What the rows are, such as "21 runs that differ in nothing but the seed"; null where nothing is known of them.</param>
    /// <param name="family">How many measurements were tested together.</param>
    public static Reading Of(PermutationTestResult result, string y, string? runs, int family)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (result.P is not { } p) return Undefined(result.UndefinedReason);
        var extreme = result.Alternative switch
        {
            Alternative.TwoSided => $"as strong as r = {result.R:0.00}, in either direction,",
            Alternative.Greater => $"of {result.R:0.00} or more",
            _ => $"of {result.R:0.00} or less",
        };
        var how = result.StrataCount > 1 ? $"dealt to the runs at random within each of {result.StrataCount} strata" : "dealt to the runs at random";
        var shows = $"Over {Runs(result.Count, runs)}: if {result.Measurement} had nothing to do with {y}, and {y} were {how}, a correlation {extreme} would turn up in "
            + $"{Percent(p)} of cases ({(result.Exact ? $"all {result.Permutations:N0} arrangements" : $"{result.Permutations:N0} permutations")}).";
        if (family > 1)
            shows += $" Of {family} measurements tested together, one at least as strong as this would turn up in {Percent(result.PWestfallYoung ?? 1)} of cases.";
        return new Reading(
            shows, $"p is not the probability that the two are unrelated, nor does it say how strong the relation is. {Cause(result.Measurement, y)} {Scope(result.StrataCount == 1, runs)}");
    }

    /// <summary>Reads a difference of means.</summary>
    public static Reading Of(DifferenceOfMeansResult result, string first, string second)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (result.Difference is not { } difference || result.Test.P is not { } p) return Undefined(result.Test.UndefinedReason);
        return new Reading(
            $"{result.Test.Measurement} is {Math.Abs(difference):G4} {(difference < 0 ? "less" : "greater")} in '{first}' ({result.First.Count} runs) than in '{second}' "
            + $"({result.Second.Count} runs){(result.Test.StrataCount > 1 ? " of the same stratum" : "")}; with the labels dealt at random a difference this far out would turn up in {Percent(p)} of cases.",
            "It does not show that the label makes the difference: whatever else the two groups differ in may.");
    }

    /// <summary>Reads a stepwise table.</summary>
    public static Reading Of(StepwiseResult result, string y)
    {
        ArgumentNullException.ThrowIfNull(result);
        var significant = result.Steps.TakeWhile(step => step.Significant).ToList();
        var shows = significant.Count == 0
            ? $"Over {result.Count} runs no measurement accounts for more of {y} than the best of as many unrelated ones would."
            : $"Over {result.Count} runs {string.Join(", then ", significant.Select(step => $"{step.Measurement} (ΔR² = {step.DeltaR2:0.00})"))} "
                + $"{(significant.Count == 1 ? "accounts" : "account")} for {Percent(significant[^1].R2)} of the variance of {y}; what is left goes with no other measurement beyond chance.";
        return new Reading(
            shows,
            "A measurement that does not enter may go with the outcome as well as one that does, where the two go together: the table says what one adds, not which one matters. "
            + "Leave-one-out R² is of the chosen model and does not pay for the choice.");
    }

    private static Reading Undefined(string? reason) => new($"Nothing: {reason}.", "No number is given where it would mean nothing.");

    private static string Runs(int count, string? runs) => runs switch
    {
        null => $"{count} runs",
        _ when runs.StartsWith($"{count} ", StringComparison.Ordinal) => runs,
        _ => $"{count} of {runs}",
    };

    private static string Cause(string x, string y) => $"It does not show that changing {x} would change {y}.";

    private static string Scope(bool nothingHeld, string? runs) => runs switch
    {
        not null when runs.Contains("nothing but the seed", StringComparison.Ordinal) => "It is of the seeds of one architecture and says nothing on others.",
        _ when nothingHeld => "Runs that differ in size differ in much else: hold scale fixed, or test over seeds, before calling it the measurement's own.",
        _ => "What was held fixed was held so as a straight line or within its strata; other differences between the runs remain.",
    };

    private static string Percent(double share) => share switch
    {
        < 0.0001 => "less than 0.01 %",
        < 0.01 => $"{100 * share:0.00} %",
        < 0.1 => $"{100 * share:0.0} %",
        _ => $"{100 * share:0} %",
    };
}
