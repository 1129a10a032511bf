using Microsoft.AspNetCore.Mvc;
using NcService.Core.Statistics;
using NcService.Platform.Results;
using NcService.Web.Hosting;

namespace NcService.Web.Results;

/// <summary>Which correlations are wanted, over which runs.</summary>
internal sealed class CorrelationQuery : ResultQuery
{
    /// <summary>What the measurement is turned into first: none, log, rank.</summary>
    [FromQuery(Name = "transform")]
    public EnumName<Transformation>? Transform { get; init; }

    /// <summary>What the outcome is turned into first: none, log, rank.</summary>
    [FromQuery(Name = "transformOutcome")]
    public EnumName<Transformation>? TransformOutcome { get; init; }

    /// <summary>Also what r would be without each run; for few measurements, as it takes its time.</summary>
    [FromQuery(Name = "influence")]
    public bool? Influence { get; init; }

    /// <summary>The correlations over a study's results.</summary>
    /// <exception cref="FieldException">A name is unknown; the message names the nearest one.</exception>
    public CorrelationTable Answer(ResultTable table)
    {
        var outcome = KnownOutcome(table);
        var measurements = Measurements(table);
        var sample = Sample(table);
        var held = Held(sample);
        var ofY = TransformOutcome?.Value ?? Transformation.None;
        return new CorrelationTable(
            table.StudyId, outcome, ofY.NameOf(outcome), Covariates, Strata, sample.Rows.Count, sample.Description,
            [.. measurements.Select(name => Row(sample, held, name, outcome, ofY))]);
    }

    private CorrelationRow Row(RunSample sample, HeldFixed held, string measurement, string outcome, Transformation ofY)
    {
        var (x, y) = Transformations.Apply(sample.Variable(measurement), Transform?.Value ?? Transformation.None, sample.Variable(outcome), ofY, held);
        var plain = Covariates.Length == 0 && Strata.Length == 0;
        var result = plain ? Correlation.Compute(x, y) : Correlation.Partial(x, y, held);
        return new CorrelationRow(
            measurement, x.Name, result.Count, result.R, result.R2, result.Spearman, result.Kendall, result.Slope, result.Intercept,
            result.Interval95, result.IntervalMethod, result.FisherInterval95, plain ? null : result.StrataCount,
            [.. sample.LeftOut(result.LeftOut).Select(run => run.RunId)], sample.LeftOut(result.LeftOut),
            Influence == true ? [.. Correlation.LeaveOneOut(x, y, held).Select(one => new RunInfluence(sample.Rows[one.Row].Id, one.RWithout, one.Change, one.UndefinedReason))] : null,
            Reading.Of(result, x.Name, y.Name, sample.Description, HeldWords), result.UndefinedReason);
    }
}
