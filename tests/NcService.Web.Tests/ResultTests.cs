using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Core.Statistics;
using NcService.Platform.Store;

namespace NcService.Web.Tests;

public sealed class ResultTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Correlations_tell_a_straight_line_a_rank_and_what_is_undefined()
    {
        var study = await server.AddAsync(StoredStudy.Trained("correlated"));

        var table = await server.GetJsonAsync($"/api/v1/studies/{study.Id}/correlations");
        var rows = table.GetProperty("rows").EnumerateArray().ToDictionary(row => row.GetProperty("measurement").GetString()!);

        Assert.Equal("val_loss", table.GetProperty("outcome").GetString());
        // cdnv = 2 loss + 1, so the line of loss on cdnv has slope 1/2 and intercept −1/2.
        Assert.Equal(1, rows["cdnv"].GetProperty("r").GetDouble(), 1e-12);
        Assert.Equal(0.5, rows["cdnv"].GetProperty("slope").GetDouble(), 1e-12);
        Assert.Equal(-0.5, rows["cdnv"].GetProperty("intercept").GetDouble(), 1e-12);
        Assert.Equal(8, rows["cdnv"].GetProperty("count").GetInt32());
        Assert.Equal(JsonValueKind.Null, rows["vci"].GetProperty("r").ValueKind);
        Assert.Equal(8, rows["vci"].GetProperty("leftOutRunIds").GetArrayLength());
        Assert.False(string.IsNullOrEmpty(rows["vci"].GetProperty("undefinedReason").GetString()));
    }

    [Fact]
    public async Task Answers_are_kept_only_as_long_as_the_results_are_as_they_were()
    {
        var study = await server.AddAsync(StoredStudy.Trained("followed"));
        var path = $"/api/v1/studies/{study.Id}/correlations?measurement=cdnv";
        async Task<(int Count, double Slope)> AskAsync() => (await server.GetJsonAsync(path)).GetProperty("rows")[0] is var row ? (row.GetProperty("count").GetInt32(), row.GetProperty("slope").GetDouble()) : default;
        var first = await AskAsync();
        Assert.Equal((8, 0.5), (first.Count, Math.Round(first.Slope, 12)));
        Assert.Equal(first, await AskAsync());

        // A run comes, and has not been measured yet; its training and its analysis end.
        var run = StoredStudy.Run("late", 64, 9);
        run.StudyId = study.Id;
        run.Job = StoredStudy.Job(JobKind.TrainRun, JobState.Running, study.Id);
        run.Analyses.Add(new Analysis { CreatedAt = StoredStudy.Noon, Job = StoredStudy.Job(JobKind.AnalyseCheckpoint, JobState.Running, study.Id) });
        await server.AddAsync(run);
        Assert.Equal(first, await AskAsync());
        await EndAsync(run.Id, loss: 10, cdnv: 1);
        var second = await AskAsync();
        Assert.Equal(9, second.Count);

        // Both are done once more, with other results.
        await EndAsync(run.Id, loss: 10, cdnv: 21);
        var third = await AskAsync();
        Assert.Equal((9, 0.5), (third.Count, Math.Round(third.Slope, 12)));

        Task<int> EndAsync(long id, double loss, double cdnv) => server.InStoreAsync(async store =>
        {
            var late = await store.Runs.Include(late => late.Job).Include(late => late.Analyses).ThenInclude(analysis => analysis.Job).Include(late => late.Analyses).ThenInclude(analysis => analysis.Measurements).SingleAsync(late => late.Id == id);
            var analysis = late.Analyses[0];
            (late.ValidationLoss, analysis.SampleCount) = (loss, 10);
            if (analysis.Measurements.Count == 0) analysis.Measurements.Add(new MeasurementRow { Name = "cdnv" });
            analysis.Measurements[0].Value = cdnv;
            foreach (var job in new[] { late.Job!, analysis.Job! }) (job.State, job.FinishedAt) = (JobState.Succeeded, (job.FinishedAt ?? StoredStudy.Noon).AddSeconds(1));
            return await store.SaveChangesAsync();
        });
    }

    [Fact]
    public async Task Correlations_can_be_narrowed_to_measurements_and_runs_and_hold_covariates_fixed()
    {
        var study = await server.AddAsync(StoredStudy.Trained("narrowed"));
        var path = $"/api/v1/studies/{study.Id}/correlations?measurement=ncc_agreement";

        var narrow = await server.GetJsonAsync($"{path}&width=64");
        // Among runs of one width the loss rises with the seed as the agreement does.
        Assert.Equal(1, Assert.Single(narrow.GetProperty("rows").EnumerateArray()).GetProperty("r").GetDouble(), 1e-12);
        Assert.Equal(4, narrow.GetProperty("runCount").GetInt32());

        var all = (await server.GetJsonAsync(path)).GetProperty("rows")[0].GetProperty("r").GetDouble();
        var held = (await server.GetJsonAsync($"{path}&covariate=width")).GetProperty("rows")[0];
        Assert.InRange(all, 0.1, 0.9);
        Assert.Equal(1, held.GetProperty("r").GetDouble(), 1e-9);
        Assert.Equal(JsonValueKind.Null, held.GetProperty("slope").ValueKind);
    }

    [Fact]
    public async Task Seed_groups_are_the_runs_that_differ_in_nothing_but_the_seed()
    {
        var study = await server.AddAsync(StoredStudy.Trained("grouped"));

        var groups = (await server.GetJsonAsync($"/api/v1/studies/{study.Id}/seed-groups")).EnumerateArray().ToList();

        Assert.Equal(2, groups.Count);
        Assert.Equal(
            study.Runs.Where(run => run.Width == 32).Select(run => run.Id),
            groups[0].GetProperty("runIds").EnumerateArray().Select(id => id.GetInt64()));
        Assert.Equal(study.Runs.Where(run => run.Width == 32).Average(run => run.ValidationLoss!.Value), groups[0].GetProperty("values").GetProperty("val_loss").GetProperty("mean").GetDouble(), 1e-12);
    }

    [Fact]
    public async Task Correlations_tell_transformations_influence_reasons_and_what_they_mean()
    {
        var study = await server.AddAsync(StoredStudy.Trained("read"));
        var row = (await server.GetJsonAsync($"/api/v1/studies/{study.Id}/correlations?measurement=cdnv&transform=log&influence=true&runId={study.Runs[0].Id}&runId={study.Runs[1].Id}&runId={study.Runs[2].Id}&runId={study.Runs[3].Id}"))
            .GetProperty("rows")[0];
        Assert.Equal("ln cdnv", row.GetProperty("measurementAs").GetString());
        Assert.Equal(1, row.GetProperty("kendall").GetDouble(), 1e-12);
        Assert.Equal(4, row.GetProperty("influence").GetArrayLength());
        Assert.Contains("4 runs that differ in nothing but the seed", row.GetProperty("reading").GetProperty("shows").GetString(), StringComparison.Ordinal);
        Assert.Contains("seeds of one architecture", row.GetProperty("reading").GetProperty("doesNotShow").GetString(), StringComparison.Ordinal);

        var vci = (await server.GetJsonAsync($"/api/v1/studies/{study.Id}/correlations?measurement=vci&within=architecture")).GetProperty("rows")[0];
        Assert.Equal("vci has no value", vci.GetProperty("leftOut")[0].GetProperty("reason").GetString());
        Assert.Equal(study.Runs[0].Id, vci.GetProperty("leftOut")[0].GetProperty("runId").GetInt64());
    }

    [Fact]
    public async Task Stepwise_regression_and_differences_are_answered_at_once()
    {
        var study = await server.AddAsync(StoredStudy.Trained("related"));
        var path = $"/api/v1/studies/{study.Id}";

        var stepwise = await server.GetJsonAsync($"{path}/stepwise?permutations=999");
        Assert.Equal("cdnv", stepwise.GetProperty("steps")[0].GetProperty("measurement").GetString());
        Assert.Equal(1, stepwise.GetProperty("steps")[0].GetProperty("r2").GetDouble(), 1e-12);
        Assert.Contains(stepwise.GetProperty("setAside").EnumerateArray(), one => one.GetProperty("measurement").GetString() == "vci");

        var model = await server.GetJsonAsync($"{path}/regression?measurement=cdnv&measurement=ncc_agreement");
        Assert.Equal(1, model.GetProperty("leaveOneOutR2").GetDouble(), 1e-9);

        var rows = (await server.GetJsonAsync($"{path}/differences?by=width&first=32&second=64&measurement=cdnv")).GetProperty("rows");
        Assert.Equal(0.5, rows[0].GetProperty("difference").GetDouble(), 1e-12);
        Assert.Equal(("cdnv", 1.0), (rows[1].GetProperty("quantity").GetString(), Math.Round(rows[1].GetProperty("rankBiserial").GetDouble(), 12)));
        // C(8, 4) labellings, this one and its mirror being the most extreme.
        Assert.Equal((70, 2 / 70.0), (rows[1].GetProperty("permutations").GetInt32(), rows[1].GetProperty("p").GetDouble()));
    }

    [Theory]
    [InlineData("correlations?within=shoe", "within", "possible: architecture")]
    [InlineData("correlations?covariate=shoe", "covariate", "possible: width")]
    [InlineData("correlations?runId=999999", "runId", "is not in study")]
    [InlineData("stepwise?level=2", "level", "not between 0 and 1")]
    [InlineData("stepwise?permutations=1000000", "permutations", "not between 1 and 100000")]
    [InlineData("regression", "measurement", "Name the measurements")]
    [InlineData("differences?by=width&first=1&second=64", "first", "there are: 32; 64")]
    [InlineData("differences", "by", "possible: architecture")]
    public async Task What_cannot_be_answered_is_refused_by_field(string query, string field, string message)
    {
        var study = await server.AddAsync(StoredStudy.Trained($"refused {query}"));
        using var response = await server.Client.GetAsync($"/api/v1/studies/{study.Id}/{query}");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains(message, problem.GetProperty("errors").GetProperty(field)[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_with_scale_held_fixed_takes_all_runs_and_keeps_its_design()
    {
        var study = await server.AddAsync(StoredStudy.Trained("designed"));
        using var response = await server.Client.PostAsJsonAsync(
            $"/api/v1/studies/{study.Id}/permutation-tests", new { within = new[] { "architecture" }, alternative = "greater", decideLevel = 0.05 });
        var test = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(8, test.GetProperty("runIds").GetArrayLength());
        var design = (await server.GetJsonAsync(response.Headers.Location!.OriginalString)).GetProperty("design");
        Assert.Equal(("greater", "architecture", 0.05), (design.GetProperty("alternative").GetString(), design.GetProperty("within")[0].GetString(), design.GetProperty("decideLevel").GetDouble()));
    }

    [Fact]
    public async Task The_table_is_safe_in_a_spreadsheet_and_reads_back_the_same()
    {
        var study = StoredStudy.Trained("exported");
        study.Runs[0].Name = "=HYPERLINK(\"http://evil\",\"x\")";
        study.Runs[1].Name = "@SUM(1+1)";
        study.Runs[2].Name = "-2+3";
        study.Runs[3].Name = "a,b\n\"c\"";
        study.Runs[4].Analyses[0].Measurements.Add(new MeasurementRow { Name = "+evil", Value = -1.5e-9 });
        await server.AddAsync(study);

        using var response = await server.Client.GetAsync($"/api/v1/studies/{study.Id}/results.csv");
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition?.DispositionType);
        using var reader = new StringReader(text);
        var table = DataTable.ReadCsv(reader);
        Assert.Equal("model", table.Columns[0]);
        Assert.Equal(8, table.RowCount);
        Assert.All(table.RowNames.Concat(table.Columns), cell => Assert.DoesNotContain(cell[0], "=+-@\t\r"));
        Assert.Equal("'=HYPERLINK(\"http://evil\",\"x\")", table.RowNames[0]);
        Assert.Equal("a,b\n\"c\"", table.RowNames[3]);
        Assert.Equal(study.Runs.Select(run => run.ValidationLoss!.Value), table.Numbers("val_loss"));
        Assert.Equal(-1.5e-9, table.Numbers("'+evil")[4]);
        Assert.True(double.IsNaN(table.Numbers("'+evil")[0]));
    }

    [Fact]
    public async Task An_imported_table_becomes_a_study_whose_own_export_it_equals()
    {
        const string csv = "model,n_params,val_loss,cdnv,colour\n01x0064_01d00,1000,3.5,0.25,1\n01x0064_01d01,1000,3.25,0.125,2\n01x0064_01d02,1000,3,,3\n";

        var study = (await ImportAsync(HttpStatusCode.Created, csv, "imported")).GetProperty("study");
        var exported = await server.Client.GetStringAsync($"/api/v1/studies/{study.GetProperty("id").GetInt64()}/results.csv");
        using var reader = new StringReader(exported);
        var table = DataTable.ReadCsv(reader);

        Assert.Equal(3, study.Count("runs", "succeeded"));
        Assert.Equal("table.csv", study.GetProperty("importedFrom").GetString());
        Assert.Equal(["01x0064_01d00", "01x0064_01d01", "01x0064_01d02"], table.RowNames);
        Assert.Equal([3.5, 3.25, 3], table.Numbers("val_loss"));
        Assert.Equal([0.25, 0.125, double.NaN], table.Numbers("cdnv"));
        Assert.Equal([1, 2, 3], table.Numbers("imported_colour"));
        Assert.Equal([0, 1, 2], table.Numbers("seed"));
        await ImportAsync(HttpStatusCode.Conflict, csv, "imported");
    }

    [SharedFact]
    public async Task The_authors_table_imported_gives_the_published_correlations()
    {
        var csv = await File.ReadAllTextAsync(SharedData.Path("golden/paper/lc-2024_10_24.csv"));
        var golden = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(SharedData.Path("golden/paper/table1.json"))).GetProperty("grid_230").GetProperty("lc-2024_10_24.csv");

        var id = (await ImportAsync(HttpStatusCode.Created, csv, "authors")).GetProperty("study").GetProperty("id").GetInt64();
        var rows = (await server.GetJsonAsync($"/api/v1/studies/{id}/correlations")).GetProperty("rows").EnumerateArray().ToDictionary(row => row.GetProperty("measurement").GetString()!);
        var groups = (await server.GetJsonAsync($"/api/v1/studies/{id}/seed-groups")).EnumerateArray();

        foreach (var (measurement, column) in new[] { ("cdnv_dist4", "cdnv"), ("selfdual_mean", "simcos_mean"), ("logdist_cov", "log_kern_cov"), ("ncc_agreement_seen", "agreement") })
        {
            Assert.Equal(230, rows[measurement].GetProperty("count").GetInt32());
            Assert.Equal(golden.GetProperty(column).GetProperty("r").GetDouble(), rows[measurement].GetProperty("r").GetDouble(), 1e-9);
            Assert.Equal(golden.GetProperty(column).GetProperty("spearman").GetDouble(), rows[measurement].GetProperty("spearman").GetDouble(), 1e-9);
        }
        Assert.Contains(groups, group => group.GetProperty("runIds").GetArrayLength() == 21);
    }

    [SharedFact]
    public async Task The_authors_table_comes_out_in_its_own_columns_as_it_went_in()
    {
        var original = DataTable.ReadCsv(new StringReader(await File.ReadAllTextAsync(SharedData.Path("golden/paper/lc-2024_10_24.csv"))));
        var id = (await ImportAsync(HttpStatusCode.Created, await File.ReadAllTextAsync(SharedData.Path("golden/paper/lc-2024_10_24.csv")), "there and back")).GetProperty("study").GetProperty("id").GetInt64();
        var exported = DataTable.ReadCsv(new StringReader(await server.Client.GetStringAsync($"/api/v1/studies/{id}/results.csv?columns=october")));
        Assert.Equal(original.Columns, exported.Columns);
        Assert.Equal(original.RowNames, exported.RowNames);
        foreach (var column in original.Columns.Skip(1))
        {
            // A variance that became a standard deviation and was squared again is off by a rounding or two.
            foreach (var (before, after) in original.Numbers(column).Zip(exported.Numbers(column))) Assert.True(after.Equals(before) || Math.Abs(after - before) <= 4e-16 * Math.Abs(before), $"{column}: {before:R} became {after:R}");
        }
    }

    [Fact]
    public async Task Results_come_as_JSON_in_pages()
    {
        var study = await server.AddAsync(StoredStudy.Trained("paged"));
        var page = await server.GetJsonAsync($"/api/v1/studies/{study.Id}/results?page=2&pageSize=3");
        Assert.Equal((8, 3), (page.GetProperty("total").GetInt32(), page.Items().Count));
        var row = page.Items()[0];
        Assert.Equal((study.Runs[3].Id, study.Runs[3].Name), (row.GetProperty("runId").GetInt64(), row.GetProperty("name").GetString()));
        Assert.Equal(study.Runs[3].ValidationLoss, row.GetProperty("values").GetProperty("val_loss").GetDouble());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("values").GetProperty("vci").ValueKind);
        Assert.Equal("one class only", row.GetProperty("undefinedReasons").GetProperty("vci").GetString());
    }

    [Fact]
    public async Task A_faulty_table_is_refused_with_line_and_column()
    {
        var problem = await ImportAsync(HttpStatusCode.BadRequest, "model,val_loss\na,1\nb,x\n", "faulty");
        Assert.Contains("line 3", problem.GetProperty("detail").GetString());
        Assert.Contains("val_loss", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_permutation_test_takes_the_largest_seed_group_unless_told()
    {
        var study = await server.AddAsync(StoredStudy.Trained("permuted"));
        study.Runs[0].Width = 64;

        using var response = await server.Client.PostAsJsonAsync($"/api/v1/studies/{study.Id}/permutation-tests", new { permutations = 999, seed = 7, measurements = new[] { "cdnv" } });
        var test = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(4, test.GetProperty("runIds").GetArrayLength());
        Assert.Equal(7, test.GetProperty("seed").GetInt64());
        Assert.Equal("queued", test.GetProperty("state").GetString());
        Assert.Equal(test.GetProperty("id").GetInt64(), (await server.GetJsonAsync(response.Headers.Location!.OriginalString)).GetProperty("id").GetInt64());
        Assert.Equal("permutationTest", (await server.GetJsonAsync($"/api/v1/jobs/{test.GetProperty("jobId").GetInt64()}")).GetProperty("kind").GetString());
    }

    private async Task<JsonElement> ImportAsync(HttpStatusCode expected, string csv, string studyName)
    {
        using var content = new StringContent(csv, Encoding.UTF8, "text/csv");
        using var response = await server.Client.PostAsync($"/api/v1/imports?studyName={studyName}&fileName=table.csv", content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(expected == response.StatusCode, $"{(int)response.StatusCode} {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
