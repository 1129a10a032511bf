using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using NcService.Core.Statistics;
using NcService.Platform.Results;
using NcService.Platform.Store;

namespace NcService.Web.Tests;

/// <summary>Each number of the permutation table stands in its own column and row: the store holds as many different ones as there are cells.</summary>
public sealed class PermutationPageTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly double[] s_loss = [2.0, 2.4, 1.9, 2.6, 2.2];

    private static readonly Dictionary<string, double[]> s_measured = new()
    {
        ["selfdual_mean"] = [1, 2, 4, 3, 7],
        ["cdnv_dist4"] = [3, 5, 1, 4, 4],
    };

    [Fact]
    public async Task A_two_sided_test_shows_every_p_in_its_column()
    {
        var html = await PageAsync("two-sided", Alternative.TwoSided);
        foreach (var (measure, shift) in new[] { ("selfdual_mean", 0.0), ("cdnv_dist4", 0.1) })
        {
            var r = Pearson(s_measured[measure], s_loss);
            Assert.Equal(["5", Three(r * r), Three(r)], Cells(html, measure).Take(3));
            Assert.Equal(P(0.0111 + shift), Cell(html, measure, "p"));
            Assert.Equal($"{P(0.0055 + shift)}–{P(0.0066 + shift)}", Cell(html, measure, "interval"));
            Assert.Equal(P(0.0222 + shift), Cell(html, measure, "one-sided"));
            Assert.Equal(P(0.0333 + shift), Cell(html, measure, "adjusted"));
            Assert.Equal(P(0.0444 + shift), Cell(html, measure, "max-t"));
        }
        // The chosen row is told beside the table too.
        Assert.Contains("their share is p = 0.0111", html, StringComparison.Ordinal);
        Assert.Contains("1\u202F000 permutations", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Alternative.Less, 0.0777)]
    [InlineData(Alternative.Greater, 0.0888)]
    public async Task A_test_of_one_direction_shows_the_p_of_that_direction_and_no_second_one(Alternative alternative, double p)
    {
        var html = await PageAsync($"{alternative}", alternative);
        Assert.Equal(P(p), Cell(html, "selfdual_mean", "p"));
        Assert.Equal(P(p + 0.1), Cell(html, "cdnv_dist4", "p"));
        Assert.DoesNotContain("data-value=\"one-sided\"", html, StringComparison.Ordinal);
        Assert.Contains("p one-sided", html, StringComparison.Ordinal);
    }

    private async Task<string> PageAsync(string name, Alternative alternative)
    {
        var study = new Study { Name = name, CreatedAt = StoredStudy.Noon };
        for (var i = 0; i < s_loss.Length; i++)
        {
            var run = StoredStudy.Run($"01x0032_01d{i:00}", 32, i);
            run.ValidationLoss = s_loss[i];
            var analysis = new Analysis { CreatedAt = StoredStudy.Noon, Measurements = { new MeasurementRow { Name = "val_loss", Value = s_loss[i] } } };
            // A run counts as measured where its geometry was.
            analysis.Measurements.AddRange(new[] { "norms_mean", "selfdual_cov", "interference_mean" }.Select(name => new MeasurementRow { Name = name, Value = 1 }));
            analysis.Measurements.AddRange(s_measured.Select(measure => new MeasurementRow { Name = measure.Key, Value = measure.Value[i] }));
            run.Analyses.Add(analysis);
            study.Runs.Add(run);
        }
        await server.AddAsync(study);
        var report = new PermutationTestReport
        {
            StudyId = study.Id,
            RunIds = JsonSerializer.Serialize(study.Runs.Select(run => run.Id)),
            Description = "five seeds",
            Outcome = "val_loss",
            Permutations = 1000,
            Design = new PermutationTestDesign { Alternative = alternative }.ToJson(),
            CreatedAt = StoredStudy.Noon,
        };
        report.Rows.AddRange(new[] { ("selfdual_mean", 0.0), ("cdnv_dist4", 0.1) }.Select(row => Row(row.Item1, row.Item2)));
        await server.AddAsync(report);
        using var response = await server.Client.GetAsync($"/studies/{study.Id}/permutation?m=selfdual_mean");
        var text = WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync());
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }

    private static PermutationTestRow Row(string measure, double shift) => new()
    {
        Measurement = measure,
        Count = 5,
        R = Pearson(s_measured[measure], s_loss),
        PTwoSided = 0.0111 + shift,
        POneSided = 0.0222 + shift,
        PAdjusted = 0.0333 + shift,
        PWestfallYoung = 0.0444 + shift,
        PLower = 0.0055 + shift,
        PUpper = 0.0066 + shift,
        PLess = 0.0777 + shift,
        PGreater = 0.0888 + shift,
        Permutations = 1000,
        Histogram = """{"lower": -1, "upper": 1, "counts": [500, 500]}""",
    };

    private static string Cell(string html, string measure, string value) => Regex.Match(RowOf(html, measure), $"data-value=\"{value}\"[^>]*>(?<text>[^<]*)<", RegexOptions.NonBacktracking).Groups["text"].Value;

    private static IEnumerable<string> Cells(string html, string measure) => Regex.Matches(RowOf(html, measure), "<td[^>]*>(?<text>[^<]*)<", RegexOptions.NonBacktracking).Select(cell => cell.Groups["text"].Value);

    private static string RowOf(string html, string measure)
    {
        var row = Regex.Match(html, $"data-measurement=\"{measure}\".*?</tr>", RegexOptions.Singleline | RegexOptions.NonBacktracking);
        Assert.True(row.Success, $"no row of {measure}");
        return row.Value;
    }

    private static string Three(double value) => value.ToString("F3", CultureInfo.InvariantCulture).Replace('-', '−');

    private static string P(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    private static double Pearson(double[] x, double[] y)
    {
        var (mx, my) = (x.Average(), y.Average());
        return x.Zip(y, (a, b) => (a - mx) * (b - my)).Sum() / Math.Sqrt(x.Sum(a => (a - mx) * (a - mx)) * y.Sum(b => (b - my) * (b - my)));
    }
}
