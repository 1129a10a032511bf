using NcService.Core.Statistics;
using NcService.Platform.Results;
using NcService.Web.Hosting;
using NcService.Web.Results;

namespace NcService.Web.Dashboard.Data;

/// <summary>The full numbers of the relation that a page shows, as the API answers them. The bootstrap takes its time: a page that reads itself again keeps what has not changed.</summary>
internal sealed class RelationRows
{
    private string? asked;
    private CorrelationRow? known;

    /// <summary>The numbers of a relation over runs of a study.</summary>
    public CorrelationRow Of(ResultTable table, IReadOnlyList<ResultRow> runs, Relation relation, string outcome, HeldChoice held)
    {
        var question = FormattableString.Invariant(
            $"{relation.Definition.Name} {outcome} {relation.Scale} {held.Words} {relation.Result.R:R} {relation.Result.Count} {string.Join(' ', runs.Select(run => run.Id))}");
        if (known is not null && asked == question) return known;
        asked = question;
        return known = new CorrelationQuery
        {
            Measurement = [relation.Definition.Name],
            Outcome = outcome,
            RunId = [.. runs.Select(run => run.Id)],
            Covariate = [.. held.Covariates],
            Within = [.. held.Within],
            Transform = new EnumName<Transformation>(relation.Scale.OfX),
            TransformOutcome = new EnumName<Transformation>(relation.Scale.OfY),
            Influence = true,
        }.Answer(table).Rows[0];
    }
}
