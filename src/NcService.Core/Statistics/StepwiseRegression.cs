namespace NcService.Core.Statistics;

/// <summary>One measurement taken into a stepwise model.</summary>
public sealed record StepwiseStep
{
    /// <summary>The measurement that adds most to those before it.</summary>
    public required string Measurement { get; init; }

    /// <summary>Its partial correlation with the outcome, those before it held fixed.</summary>
    public required double PartialR { get; init; }

    /// <summary>What it adds to R².</summary>
    public required double DeltaR2 { get; init; }

    /// <summary>R² with it.</summary>
    public required double R2 { get; init; }

    /// <summary>Leave-one-out R² with it; null where a row cannot be left out.</summary>
    public double? LeaveOneOutR2 { get; init; }

    /// <summary>Permutation p of ΔR² as if this measurement had been chosen beforehand (Freedman and Lane, two-sided).</summary>
    public required double P { get; init; }

    /// <summary>Permutation p of the largest ΔR² among all candidates of this step: what choosing the best by looking costs is in it.</summary>
    public required double PSelected { get; init; }

    /// <summary>Permutations evaluated.</summary>
    public required long Permutations { get; init; }

    /// <summary>Whether <see cref="PSelected"/> is at most the level: steps from the first that is not on add nothing that chance would not.</summary>
    public required bool Significant { get; init; }
}

/// <summary>A candidate that could not take part.</summary>
/// <param name="Measurement">Its name.</param>
/// <param name="Reason">Why.</param>
public sealed record SetAside(string Measurement, string Reason);

/// <summary>Which measurements account for an outcome beyond the others.</summary>
public sealed record StepwiseResult
{
    /// <summary>n: the rows used, the same in every step.</summary>
    public required int Count { get; init; }

    /// <summary>The steps, up to and with the first that is not significant.</summary>
    public required IReadOnlyList<StepwiseStep> Steps { get; init; }

    /// <summary>Candidates that took no part, each with its reason.</summary>
    public required IReadOnlyList<SetAside> SetAside { get; init; }

    /// <summary>The rows (from 0) that were used.</summary>
    public required IReadOnlyList<int> Rows { get; init; }

    /// <summary>The rows left out, each with its reason.</summary>
    public required IReadOnlyList<LeftOutRow> LeftOut { get; init; }
}

/// <summary>
/// Forward selection: in each step the candidate with the largest partial correlation enters, whose ΔR² is tested by permuting the residuals of
/// the model before it (Freedman and Lane); the p of the largest over all candidates pays for the choice (Westfall and Young).
/// </summary>
public static class StepwiseRegression
{
    /// <summary>A candidate without a value in more than this share of the rows is set aside, so that it does not cost the others their rows.</summary>
    private const double LargestMissingShare = 0.1;

    /// <summary>Runs the selection.</summary>
    /// <param name="candidates">Measurements, columns of [n].</param>
    /// <param name="outcome">[n].</param>
    /// <param name="held">What is held fixed throughout.</param>
    /// <param name="options">B and seed; the test is two-sided whatever they say.</param>
    /// <param name="level">α of <see cref="StepwiseStep.Significant"/>.</param>
    /// <param name="maximumSteps">Steps at most.</param>
    /// <param name="ct">Stops within milliseconds.</param>
    /// <exception cref="ArgumentException">Columns differ in length, or there is no candidate.</exception>
    public static StepwiseResult Run(
        IReadOnlyList<Variable> candidates, Variable outcome, HeldFixed held, PermutationTestOptions options, double level = 0.05, int maximumSteps = 10,
        CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(held);
        ArgumentNullException.ThrowIfNull(options);
        if (candidates.Count == 0) throw new ArgumentException("there is no candidate", nameof(candidates));
        var setAside = new List<SetAside>();
        var left = Usable(candidates, outcome, held, setAside);
        var complete = CompleteRows.Of([outcome, .. left, .. held.Covariates], held.Strata);
        left = [.. left.Select(candidate => OnlyRows(candidate, complete.Rows))];
        var steps = new List<StepwiseStep>();
        var entered = new List<Variable>();
        while (left.Count > 0 && steps.Count < maximumSteps && steps.All(step => step.Significant))
        {
            var heldNow = held with { Covariates = [.. held.Covariates, .. entered] };
            var tests = PermutationTest.RunFamily(left, outcome, heldNow, options with { Alternative = Alternative.TwoSided, DecideLevel = null }, ct);
            setAside.AddRange(tests.Where(test => test.R is null).Select(test => new SetAside(test.Measurement, test.UndefinedReason!)));
            if (tests.Where(test => test.R is not null).MaxBy(test => Math.Abs(test.R!.Value)) is not { } best) break;
            var before = entered.Count == 0 ? 0 : steps[^1].R2;
            entered.Add(left.Single(candidate => candidate.Name == best.Measurement));
            var model = Regression.Fit(entered, outcome, held);
            steps.Add(new StepwiseStep
            {
                Measurement = best.Measurement,
                PartialR = best.R!.Value,
                DeltaR2 = model.R2!.Value - before,
                R2 = model.R2.Value,
                LeaveOneOutR2 = model.LeaveOneOutR2,
                P = best.PTwoSided!.Value,
                PSelected = best.PWestfallYoung!.Value,
                Permutations = best.Permutations,
                Significant = best.PWestfallYoung <= level,
            });
            left = [.. left.Where(candidate => candidate.Name != best.Measurement && tests.Any(test => test.Measurement == candidate.Name && test.R is not null))];
        }
        return new StepwiseResult { Count = complete.Count, Steps = steps, SetAside = setAside, Rows = complete.Rows, LeftOut = complete.LeftOut };
    }

    private static List<Variable> Usable(IReadOnlyList<Variable> candidates, Variable outcome, HeldFixed held, List<SetAside> setAside)
    {
        var rows = CompleteRows.Of([outcome, .. held.Covariates], held.Strata).Rows;
        var usable = new List<Variable>();
        foreach (var candidate in candidates)
        {
            var missing = rows.Count(row => !double.IsFinite(candidate.Values[row]));
            if (missing > LargestMissingShare * rows.Length) setAside.Add(new SetAside(candidate.Name, $"it has no value in {missing} of {rows.Length} rows"));
            else usable.Add(candidate);
        }
        return usable;
    }

    /// <summary>The candidate with NaN outside the rows that all candidates share, so that every step has the same rows.</summary>
    private static Variable OnlyRows(Variable candidate, int[] rows)
    {
        var values = new double[candidate.Values.Length];
        Array.Fill(values, double.NaN);
        foreach (var row in rows) values[row] = candidate.Values[row];
        return candidate with { Values = values };
    }
}
