using Microsoft.AspNetCore.Mvc;
using NcService.Core;
using NcService.Core.Collapse;
using NcService.Core.Statistics;
using NcService.Platform.Results;
using NcService.Web.Hosting;

namespace NcService.Web.Results;

/// <summary>Which correlations are wanted, over which runs.</summary>
internal sealed class CorrelationQuery
{
    private static readonly Dictionary<string, Func<ResultRow, double>> s_covariates = new(StringComparer.Ordinal)
    {
        ["width"] = row => row.Width,
        ["depth"] = row => row.Depth,
        ["epochs"] = row => row.Epochs,
        ["weightDecay"] = row => row.WeightDecay ?? double.NaN,
        ["logParameters"] = row => row.ParameterCount > 0 ? Math.Log(row.ParameterCount) : double.NaN,
    };

    /// <summary>The outcome; val_loss unless given.</summary>
    [FromQuery(Name = "outcome")]
    public string? Outcome { get; init; }

    /// <summary>Only these measurements; all that the runs have without it.</summary>
    [FromQuery(Name = "measurement")]
    public string[]? Measurement { get; init; }

    /// <summary>What to hold fixed: width, depth, epochs, weightDecay, logParameters.</summary>
    [FromQuery(Name = "covariate")]
    public string[]? Covariate { get; init; }

    /// <summary>Only runs of these widths.</summary>
    [FromQuery(Name = "width")]
    public int[]? Width { get; init; }

    /// <summary>Only runs of these depths.</summary>
    [FromQuery(Name = "depth")]
    public int[]? Depth { get; init; }

    /// <summary>Only runs of these numbers of epochs.</summary>
    [FromQuery(Name = "epochs")]
    public int[]? Epochs { get; init; }

    /// <summary>The correlations over a study's results.</summary>
    /// <exception cref="FieldException">A name is unknown; the message names the nearest one.</exception>
    public CorrelationTable Answer(ResultTable table)
    {
        var outcome = Known("outcome", Outcome ?? "val_loss", table);
        var measurements = Measurement is { Length: > 0 } ? [.. Measurement.Distinct().Select(name => Known("measurement", name, table))] : table.Measurements;
        var covariates = (Covariate ?? []).Distinct().ToArray();
        foreach (var name in covariates.Where(name => !s_covariates.ContainsKey(name)))
            throw new FieldException("covariate", $"There is no covariate '{name}'; possible: {string.Join(", ", s_covariates.Keys)}.");
        var rows = table.Rows.Where(row => Matches(Width, row.Width) && Matches(Depth, row.Depth) && Matches(Epochs, row.Epochs)).ToList();
        return new CorrelationTable(table.StudyId, outcome, covariates, rows.Count, covariates.Length == 0
            ? [.. StudyResults.Correlations(rows, outcome, measurements).Select(found => CorrelationRow.From(found.Measurement, found.Correlation, rows))]
            : [.. measurements.Select(name => CorrelationRow.From(name, Partial(rows, name, outcome, covariates), rows))]);
    }

    private static CorrelationResult Partial(IReadOnlyList<ResultRow> rows, string measurement, string outcome, string[] covariates) =>
        PartialCorrelation.Compute(
            StudyResults.Column(rows, measurement), StudyResults.Column(rows, outcome),
            [.. covariates.Select(name => rows.Select(s_covariates[name]).ToArray())]);

    private static bool Matches(int[]? wanted, int value) => wanted is not { Length: > 0 } || wanted.Contains(value);

    private static string Known(string field, string name, ResultTable table)
    {
        if (MeasurementCatalog.TryFind(name) is not null || table.Measurements.Contains(name) || table.Outcomes.Contains(name)) return name;
        var known = MeasurementCatalog.All.Select(definition => definition.Name).Concat(table.Measurements);
        throw new FieldException(field, $"There is no measurement '{name}'{NearestName.Hint(name, known)}");
    }
}
