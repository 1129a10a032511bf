using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using NcService.Core.Collapse;
using NcService.Core.Statistics;
using NcService.Platform.Results;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NcService.Cli;

/// <summary>What a study found: correlation with the validation loss over all its runs, and permutation tests over seeds of one architecture.</summary>
internal sealed class StudyOutcome
{
    /// <summary>One measurement of each property of the study's Table 1, for the table of runs.</summary>
    private static readonly string[] s_headline = ["cdnv", "lognorms_cov", "interference_std", "logdist_uncentred_cov", "selfdual_mean", "selfdual_cov", "ncc_agreement"];

    /// <summary>The rows of Table 1; beside a coefficient of variation whose mean may be near zero, mean and std, which don't mislead.</summary>
    private static readonly string[] s_findings =
    [
        "cdnv", "cdnv_dist4", "lognorms_cov", "interference_cov", "interference_mean", "interference_std", "logdist_cov", "logdist_mean", "logdist_std",
        "logdist_uncentred_cov", "logdist_uncentred_mean", "logdist_uncentred_std", "selfdual_mean", "selfdual_cov", "ncc_agreement", "ncc_agreement_seen",
    ];

    private readonly ResultTable _results;
    private readonly IReadOnlyList<MeasurementCorrelation> _correlations;
    private readonly IReadOnlyList<PermutationTestReport> _tests;

    private StudyOutcome(ResultTable results, IReadOnlyList<PermutationTestReport> tests)
    {
        _results = results;
        _tests = tests;
        _correlations = results.Outcomes.Contains("val_loss", StringComparer.Ordinal) ? StudyResults.Correlations(results.Rows, "val_loss") : [];
    }

    public static async Task<StudyOutcome> LoadAsync(LocalStore store, long studyId, CancellationToken ct)
    {
        var results = await store.Get<StudyResults>().LoadAsync(studyId, ct);
        await using var context = await store.Get<IDbContextFactory<NcServiceContext>>().CreateDbContextAsync(ct);
        var tests = await context.PermutationTests.AsNoTracking().Include(test => test.Rows)
            .Where(test => test.StudyId == studyId && test.Rows.Count > 0).OrderBy(test => test.Id).ToListAsync(ct);
        return new StudyOutcome(results, tests);
    }

    public JsonObject Json(StudyProgress progress) => new()
    {
        ["study_id"] = _results.StudyId,
        ["name"] = _results.StudyName,
        ["runs"] = _results.Rows.Count,
        ["jobs"] = new JsonObject
        {
            ["succeeded"] = progress.Count(JobState.Succeeded),
            ["failed"] = progress.Count(JobState.Failed),
            ["cancelled"] = progress.Count(JobState.Cancelled),
        },
        ["correlations"] = new JsonArray([.. _correlations.Select(row => new JsonObject
        {
            ["measurement"] = row.Measurement,
            ["n"] = row.Correlation.Count,
            ["r"] = Numbers.Json(row.Correlation.R),
            ["r2"] = Numbers.Json(row.Correlation.R2),
            ["spearman"] = Numbers.Json(row.Correlation.Spearman),
        })]),
        ["permutation_tests"] = new JsonArray([.. _tests.Select(Json)]),
    };

    /// <summary>The runs, and a table like the study's Table 1.</summary>
    public IRenderable People() => new Rows([Runs(), Text.Empty, .. _tests.Select(Findings).DefaultIfEmpty(Findings(null))]);

    private static JsonObject Json(PermutationTestReport test) => new()
    {
        ["description"] = test.Description,
        ["rows"] = new JsonArray([.. test.Rows.Select(row => new JsonObject
        {
            ["measurement"] = row.Measurement,
            ["n"] = row.Count,
            ["r"] = Numbers.Json(row.R),
            ["r2"] = Numbers.Json(row.R2),
            ["p_two_sided"] = Numbers.Json(row.PTwoSided),
            ["p_one_sided"] = Numbers.Json(row.POneSided),
            ["p_adjusted"] = Numbers.Json(row.PAdjusted),
            ["permutations"] = row.Permutations,
            ["exact"] = row.Exact,
        })]),
    };

    private Table Runs()
    {
        var table = new Table { Title = new TableTitle(Markup.Escape($"Study {_results.StudyName}: {_results.Rows.Count} runs")) }
            .AddColumns("run", "parameters", "validation loss", "accuracy");
        foreach (var name in s_headline.Where(_results.Measurements.Contains)) table.AddColumn(new TableColumn(name).RightAligned());
        foreach (var row in _results.Rows)
        {
            table.AddRow(
            [
                Markup.Escape(row.Name), $"{row.ParameterCount:N0}", Numbers.Text(row.Value("val_loss"), 4), Numbers.Text(row.Value("val_accuracy"), 3),
                .. s_headline.Where(_results.Measurements.Contains).Select(name => Numbers.Text(row.Value(name), 4)),
            ]);
        }
        return table;
    }

    private Table Findings(PermutationTestReport? test)
    {
        var table = new Table { Title = new TableTitle("How measurements go with the validation loss") };
        table.AddColumns("property", "measurement", $"R², all {_results.Rows.Count} runs", "R² of ln", "Spearman ρ");
        if (test is not null) table.AddColumns("R², seeds", "p, two-sided", "p, adjusted (BH)");
        foreach (var row in _correlations.Where(row => s_findings.Contains(row.Measurement, StringComparer.Ordinal)))
        {
            var tested = test?.Rows.SingleOrDefault(other => other.Measurement == row.Measurement);
            string[] seeds = test is null ? [] : [Numbers.Text(tested?.R2, 4), Probability(tested?.PTwoSided), Probability(tested?.PAdjusted)];
            table.AddRow(
            [
                Markup.Escape(MeasurementCatalog.TryFind(row.Measurement)?.Title ?? ""), Markup.Escape(row.Measurement),
                Numbers.Text(row.Correlation.R2, 4), Numbers.Text(OnLogAxis(row.Measurement), 4), Numbers.Text(row.Correlation.Spearman, 3), .. seeds,
            ]);
        }
        if (test is not null)
            table.Caption = new TableTitle(Markup.Escape($"Seeds: {test.Description}; {test.Permutations:N0} permutations. Bold: p < 0.05. Loss and measurements as they are, but for 'R² of ln'."));
        return table;
    }

    /// <summary>R² of the measurement's logarithm with the loss; null where a value is not positive.</summary>
    private double? OnLogAxis(string measurement)
    {
        var values = StudyResults.Column(_results.Rows, measurement);
        return values.Any(value => value <= 0) ? null : Correlation.Compute(Array.ConvertAll(values, Math.Log), StudyResults.Column(_results.Rows, "val_loss")).R2;
    }

    private static string Probability(double? p) => p < 0.05 ? $"[bold]{Numbers.Text(p, 3)}[/]" : Numbers.Text(p, 3);
}
