using Microsoft.AspNetCore.Mvc;
using NcService.Core.Statistics;
using NcService.Platform.Results;
using NcService.Web.Hosting;

namespace NcService.Web.Results;

/// <summary>Which measurements account for the outcome beyond the others.</summary>
internal sealed class StepwiseQuery : PermutingQuery
{
    private const int MostSteps = 20;

    /// <summary>A step is significant where its p, the choice paid for, is at most this; 0.05 unless given.</summary>
    [FromQuery(Name = "level")]
    public double? Level { get; init; }

    /// <summary>Steps at most, up to 20; 5 unless given.</summary>
    [FromQuery(Name = "maximumSteps")]
    public int? MaximumSteps { get; init; }

    /// <summary>The table over a study's results.</summary>
    /// <exception cref="FieldException">A name is unknown or a number out of range.</exception>
    public StepwiseTable Answer(ResultTable table, CancellationToken cancellationToken)
    {
        var level = Level ?? 0.05;
        if (level is not (> 0 and < 1)) throw new FieldException("level", $"{level} is not between 0 and 1.");
        var steps = MaximumSteps ?? 5;
        if (steps is < 1 or > MostSteps) throw new FieldException("maximumSteps", $"{steps} is not between 1 and {MostSteps}.");
        var outcome = KnownOutcome(table);
        var sample = Sample(table);
        var candidates = Measurements(table).Where(name => name != outcome).Select(sample.Variable).ToList();
        if (candidates.Count == 0) throw new FieldException("measurement", "There is no measurement to choose from.");
        var result = StepwiseRegression.Run(candidates, sample.Variable(outcome), Held(sample), Options(), level, steps, cancellationToken);
        return new StepwiseTable(
            table.StudyId, outcome, Covariates, Strata, sample.Description, result.Count, result.Steps, result.SetAside, sample.LeftOut(result.LeftOut), Reading.Of(result, outcome));
    }
}

/// <summary>How well a chosen set of measurements accounts for the outcome.</summary>
internal sealed class RegressionQuery : ResultQuery
{
    /// <summary>The model over a study's results.</summary>
    /// <exception cref="FieldException">A name is unknown, or none was given.</exception>
    public RegressionModel Answer(ResultTable table)
    {
        if (Measurement is not { Length: > 0 }) throw new FieldException("measurement", "Name the measurements of the model.");
        var outcome = KnownOutcome(table);
        var sample = Sample(table);
        var result = Regression.Fit([.. Measurements(table).Select(sample.Variable)], sample.Variable(outcome), Held(sample));
        return new RegressionModel(
            table.StudyId, outcome, result.Measurements, Covariates, Strata, result.Count, result.R2, result.AdjustedR2, result.LeaveOneOutR2,
            sample.LeftOut(result.LeftOut), result.UndefinedReason);
    }
}

/// <summary>How measurements and outcomes differ between two groups of runs.</summary>
internal sealed class DifferenceQuery : PermutingQuery
{
    /// <summary>What tells the groups apart: architecture, configuration, width, depth, epochs or weightDecay.</summary>
    [FromQuery(Name = "by")]
    public string? By { get; init; }

    /// <summary>Value in the first group, such as 0.1.</summary>
    [FromQuery(Name = "first")]
    public string? First { get; init; }

    /// <summary>Value in the second group.</summary>
    [FromQuery(Name = "second")]
    public string? Second { get; init; }

    /// <summary>twoSided, greater (the first group's mean is the greater) or less; twoSided unless given.</summary>
    [FromQuery(Name = "alternative")]
    public EnumName<Alternative>? Alternative { get; init; }

    /// <summary>The differences over a study's results, of the outcome and of each measurement.</summary>
    /// <exception cref="FieldException">A name or group is unknown.</exception>
    public DifferenceTable Answer(ResultTable table, CancellationToken cancellationToken)
    {
        var by = By ?? "";
        if (!RunFactors.Strata.Contains(by)) throw new FieldException("by", $"Runs cannot be told apart by '{by}'; possible: {string.Join(", ", RunFactors.Strata)}.");
        var (first, second) = (First ?? "", Second ?? "");
        var sample = Sample(table);
        var quantities = new[] { KnownOutcome(table) }.Concat(Measurements(table)).Distinct().Select(sample.Variable).ToList();
        var options = Options() with { Alternative = Alternative?.Value ?? Core.Statistics.Alternative.TwoSided };
        // "width 64" is how a group of one setting is labelled; the caller gives the value alone.
        var groups = sample.Rows.Select(row => RunFactors.Label(row, [by])).Select(label => label?.StartsWith(by + " ", StringComparison.Ordinal) == true ? label[(by.Length + 1)..] : label).ToList();
        foreach (var (field, label) in new[] { ("first", first), ("second", second) }.Where(pair => !groups.Contains(pair.Item2)))
            throw new FieldException(field, $"No run has {by} '{label}'; there are: {string.Join("; ", groups.OfType<string>().Distinct().Take(20))}.");
        var results = DifferenceOfMeans.RunFamily(quantities, groups, first, second, Held(sample), options, cancellationToken);
        return new DifferenceTable(table.StudyId, by, first, second, Covariates, Strata, [.. results.Select(result => DifferenceRow.From(result, first, second, sample))]);
    }
}
