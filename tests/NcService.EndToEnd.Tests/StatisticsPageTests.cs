using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NcService.EndToEnd.Tests;

/// <summary>Numbers that pages show beside correlations, against the same worked out from the table of runs.</summary>
[Collection(DashboardTests.Name)]
public sealed class StatisticsPageTests(Dashboard dashboard)
{
    private const string Measure = "selfdual_mean";

    [SharedBrowserFact]
    public async Task A_relation_comes_with_rank_correlations_intervals_influence_and_plain_words()
    {
        var study = await dashboard.PaperAsync();
        await using var visit = await dashboard.OpenAsync();
        await visit.OpenAsync($"{study}/scale?m={Measure}&logx=false");
        var rows = await RowsAsync(visit, study);
        var (x, y) = (rows.ConvertAll(row => row.Measure), rows.ConvertAll(row => row.Loss));
        var r = Pearson(x, y);
        Assert.Equal(r * r, await NumberAsync(visit, "r2"), 0.0006);
        Assert.Equal(Kendall(x, y), await NumberAsync(visit, "kendall"), 0.0006);
        Assert.Equal(Pearson(Ranks(x), Ranks(y)), await NumberAsync(visit, "spearman"), 0.0006);
        // Fisher: tanh(atanh r ± 1.96/√(n − 3)).
        var reach = 1.959964 / Math.Sqrt(x.Count - 3);
        Assert.Equal($"{Three(Math.Tanh(Math.Atanh(r) - reach))} to {Three(Math.Tanh(Math.Atanh(r) + reach))}", await visit.Page.Locator("[data-value=fisher]").InnerTextAsync());
        await Expect(visit.Page.GetByText("BCa bootstrap")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".reading")).ToContainTextAsync("It does not show that changing");

        // Which run matters most: each left out in turn.
        var (name, without) = Enumerable.Range(0, x.Count).Select(i => (rows[i].Name, R: Pearson([.. x.Where((_, j) => j != i)], [.. y.Where((_, j) => j != i)]))).MaxBy(one => Math.Abs(r - one.R));
        await visit.Page.GetByText("What single runs do to r").ClickAsync();
        var first = visit.Page.Locator("[data-value=influence] tbody tr").First;
        await Expect(first.Locator("td").Nth(0)).ToHaveTextAsync(name);
        await Expect(first.Locator("td").Nth(1)).ToHaveTextAsync(Three(without));

        // Ranks: Pearson's r of them is Spearman's ρ.
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "ranks" }).ClickAsync();
        await Expect(visit.Page.Locator("[data-value=r]")).ToHaveTextAsync(Three(Pearson(Ranks(x), Ranks(y))));
        await Expect(visit.Page.GetByText($"Of rank of {Measure}")).ToBeVisibleAsync();
        await visit.ChartsAreDrawnAsync();
        Assert.Empty(visit.Faults);
    }

    [SharedBrowserFact]
    public async Task A_figure_is_saved_with_its_key_and_numbers_and_its_points_lead_to_their_runs()
    {
        var study = await dashboard.PaperAsync();
        await using var visit = await dashboard.OpenAsync();
        var page = visit.Page;
        await visit.OpenAsync($"{study}/scale?m={Measure}&logx=false");
        await visit.ChartsAreDrawnAsync();
        var rows = await RowsAsync(visit, study);
        var chart = page.Locator("figure.chart").First;

        var picture = await File.ReadAllTextAsync(await SaveAsync("SVG"));
        Assert.StartsWith("<svg", picture, StringComparison.Ordinal);
        foreach (var words in new[] { "width 768", "depth 2", "Self-duality", "Validation loss" }) Assert.Contains(words, picture, StringComparison.Ordinal);
        var pixels = await File.ReadAllBytesAsync(await SaveAsync("PNG"));
        // The PNG header: the signature, then the size in pixels, high byte first.
        Assert.Equal("89504E470D0A1A0A", Convert.ToHexString(pixels[..8]));
        Assert.Equal("00000960000005A0", Convert.ToHexString(pixels[16..24]));
        var points = (await File.ReadAllLinesAsync(await SaveAsync("CSV"))).Skip(1).Select(line => line.Split(',')).Where(cells => cells[^1].Length > 0).ToDictionary(cells => cells[^1].Split(' ')[0], cells => (X: cells[1], Y: cells[2]));
        Assert.Equal(rows.Count, points.Count);
        foreach (var row in rows) Assert.Equal((row.Measure, row.Loss), (double.Parse(points[row.Name].X, CultureInfo.InvariantCulture), double.Parse(points[row.Name].Y, CultureInfo.InvariantCulture)));

        // A press where the drawn axes put the lowest loss of all.
        var lowest = rows.MinBy(row => row.Loss);
        var place = await chart.Locator(".chart-canvas").EvaluateAsync<double[]>(
            """
            (canvas, [x, y]) => {
                const [box, across, up] = [canvas.getBoundingClientRect(), canvas._fullLayout.xaxis, canvas._fullLayout.yaxis];
                return [box.x + across._offset + across.d2p(x), box.y + up._offset + up.d2p(y)];
            }
            """, new[] { lowest.Measure, lowest.Loss });
        await page.Mouse.MoveAsync((float)place[0], (float)place[1]);
        await page.Mouse.ClickAsync((float)place[0], (float)place[1]);
        await Expect(page.Locator("h1")).ToHaveTextAsync(lowest.Name);
        Assert.Empty(visit.Faults);

        async Task<string> SaveAsync(string format) =>
            await (await page.RunAndWaitForDownloadAsync(() => chart.GetByRole(AriaRole.Button, new() { Name = $"as {format}" }).ClickAsync())).PathAsync();
    }

    [SharedBrowserFact]
    public async Task What_is_held_fixed_by_hand_is_in_the_address_and_in_r()
    {
        var study = await dashboard.PaperAsync();
        await using var visit = await dashboard.OpenAsync();
        await visit.OpenAsync($"{study}/scale?m={Measure}&logx=false");
        await visit.Page.GetByText("Held fixed: nothing").ClickAsync();
        await visit.Page.GetByLabel("width and depth").CheckAsync();
        await visit.Page.WaitForURLAsync("**within=architecture**");
        // Within strata: each run less the mean of its architecture.
        var rows = await RowsAsync(visit, study);
        var means = rows.GroupBy(row => row.Architecture).ToDictionary(group => group.Key, group => (X: group.Average(row => row.Measure), Y: group.Average(row => row.Loss)));
        var r = Pearson([.. rows.Select(row => row.Measure - means[row.Architecture].X)], [.. rows.Select(row => row.Loss - means[row.Architecture].Y)]);
        await Expect(visit.Page.Locator("[data-value=r]")).ToHaveTextAsync(Three(r));

        await using var again = await dashboard.OpenAsync();
        await again.OpenAsync($"{study}/permutation?set=filter&m={Measure}&within=architecture");
        var cells = again.Page.Locator($"tr[data-measurement={Measure}] td");
        await Expect(cells.Nth(0)).ToHaveTextAsync(rows.Count.ToString(CultureInfo.InvariantCulture));
        await Expect(cells.Nth(2)).ToHaveTextAsync(Three(r));
        await Expect(again.Page.GetByText("these held fixed: width and depth by strata")).ToBeVisibleAsync();
        Assert.Empty(visit.Faults);
        Assert.Empty(again.Faults);
    }

    [SharedBrowserFact]
    public async Task Models_and_groups_are_compared_on_a_page_of_their_own()
    {
        var study = await dashboard.PaperAsync();
        await using var visit = await dashboard.OpenAsync();
        var page = visit.Page;
        await visit.OpenAsync(study);
        await page.GetByRole(AriaRole.Link, new() { Name = "Models and groups" }).ClickAsync();
        var rows = await RowsAsync(visit, study);

        // The first step is the measurement that goes with the loss most closely by itself.
        await Expect(page.Locator("[data-value=stepwise] tbody tr").First).ToBeVisibleAsync();
        var own = Pearson([.. rows.Select(row => row.Measure)], [.. rows.Select(row => row.Loss)]);
        var steps = page.Locator("[data-value=stepwise] tbody tr");
        var (first, second) = (await RowsAsync(visit, study, (await steps.Nth(0).GetAttributeAsync("data-measurement"))!), await RowsAsync(visit, study, (await steps.Nth(1).GetAttributeAsync("data-measurement"))!));
        var (x, z, y) = (first.ConvertAll(row => row.Measure), second.ConvertAll(row => row.Measure), first.ConvertAll(row => row.Loss));
        var (xy, zy, xz) = (Pearson(x, y), Pearson(z, y), Pearson(x, z));
        Assert.True(xy * xy >= own * own);
        await Expect(steps.Nth(0).Locator("td").Nth(0)).ToHaveTextAsync(Three(xy * xy));
        await Expect(steps.Nth(0).Locator("td").Nth(1)).ToHaveTextAsync(Three(xy * xy));
        await Expect(steps.Nth(0).Locator("td").Nth(3)).ToHaveTextAsync(Three(xy));
        // Two predictors: R² from the three correlations.
        var both = (xy * xy + zy * zy - 2 * xy * zy * xz) / (1 - xz * xz);
        await Expect(steps.Nth(1).Locator("td").Nth(0)).ToHaveTextAsync(Three(both - xy * xy));
        await Expect(steps.Nth(1).Locator("td").Nth(1)).ToHaveTextAsync(Three(both));

        await visit.OpenAsync($"{study}/beyond?x={Measure}&by=weightDecay");
        await Expect(page.Locator("[data-value=model] [data-value=r2]")).ToHaveTextAsync(Three(own * own));
        // Groups by weight decay: the outcome's mean in each.
        var groups = rows.GroupBy(row => row.Decay).OrderBy(group => group.Key).ToList();
        var loss = page.Locator("[data-value=differences] tr[data-measurement=val_loss] td");
        await Expect(loss.Nth(0)).ToContainTextAsync(groups[0].Average(row => row.Loss).ToString("F4", CultureInfo.InvariantCulture));
        await Expect(loss.Nth(1)).ToContainTextAsync(groups[^1].Average(row => row.Loss).ToString("F4", CultureInfo.InvariantCulture));
        await Expect(page.Locator("[data-value=differences] tr[data-measurement=val_loss] [data-value=p]")).Not.ToHaveTextAsync("–");
        await Expect(page.Locator("[data-value=seeds] thead th").Nth(1)).ToContainTextAsync("seeds");
        Assert.Empty(visit.Faults);
    }

    private static string Three(double value) => value.ToString("F3", CultureInfo.InvariantCulture).Replace('-', '−');

    private static async Task<double> NumberAsync(WatchedPage visit, string value) =>
        double.Parse((await visit.Page.Locator($"[data-value={value}]").InnerTextAsync()).Replace('−', '-'), CultureInfo.InvariantCulture);

    private static async Task<List<(string Name, string Architecture, double Decay, double Loss, double Measure)>> RowsAsync(WatchedPage visit, string study, string measure = Measure)
    {
        var text = await visit.Page.EvaluateAsync<string>("address => fetch(address).then(answer => answer.text())", $"/dashboard{study}/runs.csv?c=width,depth,decay,loss,{measure}");
        return [.. text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')).Where(cells => cells[4].Length > 0 && cells[5].Length > 0)
            .Select(cells => (cells[0], $"{cells[1]} {cells[2]}", double.Parse(cells[3], CultureInfo.InvariantCulture), double.Parse(cells[4], CultureInfo.InvariantCulture), double.Parse(cells[5], CultureInfo.InvariantCulture)))];
    }

    private static double Pearson(List<double> x, List<double> y)
    {
        var (mx, my) = (x.Average(), y.Average());
        var (xy, xx, yy) = (0.0, 0.0, 0.0);
        for (var i = 0; i < x.Count; i++) (xy, xx, yy) = (xy + (x[i] - mx) * (y[i] - my), xx + (x[i] - mx) * (x[i] - mx), yy + (y[i] - my) * (y[i] - my));
        return xy / Math.Sqrt(xx * yy);
    }

    private static List<double> Ranks(List<double> values) => values.ConvertAll(value => values.Count(other => other < value) + (values.Count(other => other == value) + 1) / 2.0);

    // τ-b, pair by pair.
    private static double Kendall(List<double> x, List<double> y)
    {
        var (score, tiedX, tiedY, pairs) = (0, 0, 0, x.Count * (x.Count - 1) / 2);
        for (var i = 0; i < x.Count; i++)
        {
            for (var j = i + 1; j < x.Count; j++)
            {
                var (a, b) = (Math.Sign(x[i] - x[j]), Math.Sign(y[i] - y[j]));
                (score, tiedX, tiedY) = (score + a * b, tiedX + (a == 0 ? 1 : 0), tiedY + (b == 0 ? 1 : 0));
            }
        }
        return score / Math.Sqrt((double)(pairs - tiedX) * (pairs - tiedY));
    }
}
