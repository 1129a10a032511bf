using System.Net;
using System.Text.Json;
using NcService.Platform.Store;

namespace NcService.Web.Tests;

public sealed class ReadingTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_study_tells_how_many_of_its_runs_and_jobs_are_in_which_state()
    {
        var study = StoredStudy.Trained("counted");
        study.Runs[0].Job = StoredStudy.Job(JobKind.TrainRun, JobState.Running);
        study.Runs[1].Job = StoredStudy.Job(JobKind.TrainRun, JobState.Failed);
        await server.AddAsync(study);
        await server.InStoreAsync(async context =>
        {
            foreach (var job in context.Jobs.Where(job => job.Kind == JobKind.TrainRun && job.StudyId == null)) job.StudyId = study.Id;
            return await context.SaveChangesAsync();
        });

        var found = (await server.GetJsonAsync($"/api/v1/studies/{study.Id}")).GetProperty("study");

        Assert.Equal("counted", found.GetProperty("name").GetString());
        Assert.Equal("running", found.GetProperty("state").GetString());
        Assert.Equal((1, 1, 6), (found.Count("runs", "running"), found.Count("runs", "failed"), found.Count("runs", "succeeded")));
        Assert.Equal((1, 1, 2), (found.Count("jobs", "running"), found.Count("jobs", "failed"), found.Count("jobs", "total")));
        Assert.Equal(8, found.GetProperty("analysedRuns").GetInt32());
        Assert.Equal("2026-01-02T12:00:00Z", found.GetProperty("createdAt").GetString());
    }

    [Fact]
    public async Task Studies_come_in_pages_that_together_hold_each_once()
    {
        foreach (var i in Enumerable.Range(0, 5)) await server.AddAsync(new Study { Name = $"paged {i}", CreatedAt = StoredStudy.Noon });

        var first = await server.GetJsonAsync("/api/v1/studies?page=1&pageSize=3");
        var total = first.GetProperty("total").GetInt32();
        var ids = new List<long>();
        for (var page = 1; (page - 1) * 3 < total; page++)
            ids.AddRange((await server.GetJsonAsync($"/api/v1/studies?page={page}&pageSize=3")).Items().Select(study => study.GetProperty("id").GetInt64()));

        Assert.True(total >= 5);
        Assert.Equal(total, ids.Distinct().Count());
        Assert.Equal(ids.OrderDescending(), ids);
        Assert.Empty((await server.GetJsonAsync("/api/v1/studies?page=1000&pageSize=200")).Items());
    }

    [Fact]
    public async Task Runs_are_filtered_and_sorted()
    {
        var study = StoredStudy.Trained("filtered");
        study.Runs.Add(StoredStudy.Run("untrained", 128, null));
        await server.AddAsync(study);
        var runs = $"/api/v1/studies/{study.Id}/runs";

        var wide = (await server.GetJsonAsync($"{runs}?width=64&seed=1&seed=3&sort=-validationLoss")).Items();
        Assert.Equal(["01x0064_01d03", "01x0064_01d01"], wide.Select(Name));
        Assert.All(wide, run => Assert.Equal(64, run.GetProperty("width").GetInt32()));

        var best = (await server.GetJsonAsync($"{runs}?sort=validationLoss")).Items();
        Assert.Equal("01x0064_01d00", Name(best[0]));
        Assert.Equal("untrained", Name(best[^1]));
        Assert.Equal("untrained", Name((await server.GetJsonAsync($"{runs}?sort=-validationLoss")).Items()[^1]));
        Assert.Empty((await server.GetJsonAsync($"{runs}?state=queued&state=running")).Items());
        Assert.Equal(9, (await server.GetJsonAsync($"{runs}?state=succeeded&depth=1&epochs=1")).Items().Count);
    }

    [Fact]
    public async Task A_run_leads_to_its_analyses_and_their_measurements()
    {
        var study = await server.AddAsync(StoredStudy.Trained("analysed"));
        var run = study.Runs[2];

        var details = await server.GetJsonAsync($"/api/v1/runs/{run.Id}");
        var analysisId = details.GetProperty("analysisIds").EnumerateArray().Single().GetInt64();
        var analysis = await server.GetJsonAsync($"/api/v1/analyses/{analysisId}");

        Assert.Equal(run.ValidationLoss, details.GetProperty("run").GetProperty("validationLoss").GetDouble());
        var values = analysis.GetProperty("measurements").EnumerateArray().ToDictionary(Name);
        Assert.Equal(2 * run.ValidationLoss + 1, values["cdnv"].GetProperty("value").GetDouble());
        Assert.Equal(JsonValueKind.Null, values["vci"].GetProperty("value").ValueKind);
        Assert.Equal("one class only", values["vci"].GetProperty("undefinedReason").GetString());
        Assert.Equal(analysisId, (await server.GetJsonAsync($"/api/v1/runs/{run.Id}/analyses")).Items()[0].GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task Jobs_are_filtered_by_kind_state_and_study()
    {
        var study = await server.AddAsync(new Study { Name = "with jobs", CreatedAt = StoredStudy.Noon });
        var running = await server.AddAsync(StoredStudy.Job(JobKind.AnalyseCheckpoint, JobState.Running, study.Id));
        await server.AddAsync(StoredStudy.Job(JobKind.AnalyseCheckpoint, JobState.Queued, study.Id));
        await server.AddAsync(StoredStudy.Job(JobKind.TrainRun, JobState.Running, study.Id));

        var found = (await server.GetJsonAsync($"/api/v1/jobs?kind=analyseCheckpoint&state=running&studyId={study.Id}")).Items();

        Assert.Equal(running.Id, Assert.Single(found).GetProperty("id").GetInt64());
        Assert.Equal(1, found[0].GetProperty("parameters").GetProperty("runId").GetInt32());
        Assert.Equal("running", (await server.GetJsonAsync($"/api/v1/jobs/{running.Id}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Every_measurement_is_explained()
    {
        var all = (await server.GetJsonAsync("/api/v1/measurements")).EnumerateArray().ToList();

        Assert.Contains(all, measurement => Name(measurement) == "cdnv");
        Assert.All(all, measurement => Assert.All(
            (string[])["property", "title", "explanation", "formula", "source"],
            member => Assert.False(string.IsNullOrWhiteSpace(measurement.GetProperty(member).GetString()), $"{Name(measurement)}.{member}")));
    }

    [Fact]
    public async Task A_worker_without_recent_heartbeat_is_not_alive()
    {
        await server.AddAsync(new Worker { Name = "old", Host = "a", Device = "cpu", StartedAt = StoredStudy.Noon, HeartbeatAt = DateTime.UtcNow.AddHours(-1) });
        await server.AddAsync(new Worker { Name = "new", Host = "a", Device = "cpu", StartedAt = StoredStudy.Noon, HeartbeatAt = DateTime.UtcNow });

        var alive = (await server.GetJsonAsync("/api/v1/workers")).EnumerateArray().ToDictionary(Name, worker => worker.GetProperty("alive").GetBoolean());

        Assert.False(alive["old"]);
        Assert.True(alive["new"]);
    }

    [Fact]
    public async Task Dataset_and_permutation_test_come_as_stored()
    {
        var study = await server.AddAsync(StoredStudy.Trained("tested"));
        var dataset = await server.AddAsync(new Dataset { Name = "sotu", Specification = """{"contextLength":128}""", ContextLength = 128, CreatedAt = StoredStudy.Noon });
        var report = await server.AddAsync(new PermutationTestReport
        {
            StudyId = study.Id,
            RunIds = "[1,2,3]",
            Description = "three runs",
            Outcome = "val_loss",
            Permutations = 99,
            CreatedAt = StoredStudy.Noon,
            Rows = { new PermutationTestRow { Measurement = "cdnv", Count = 3, R = 0.5, PTwoSided = 0.02, Exact = true, Histogram = """{"lower":-1,"upper":1,"counts":[1,2,3]}""" } },
        });

        Assert.Equal(128, (await server.GetJsonAsync($"/api/v1/datasets/{dataset.Id}")).GetProperty("specification").GetProperty("contextLength").GetInt32());
        Assert.Contains((await server.GetJsonAsync("/api/v1/datasets")).Items(), item => Name(item) == "sotu");
        var test = await server.GetJsonAsync($"/api/v1/permutation-tests/{report.Id}");
        Assert.Equal("[1,2,3]", test.GetProperty("runIds").GetRawText());
        Assert.Equal("[1,2,3]", test.GetProperty("rows")[0].GetProperty("histogram").GetProperty("counts").GetRawText());
        Assert.Single((await server.GetJsonAsync($"/api/v1/studies/{study.Id}/permutation-tests")).Items());
    }

    [Fact]
    public async Task Health_is_open_and_says_ok()
    {
        Assert.Equal("ok", (await server.GetJsonAsync("/health/live")).GetProperty("status").GetString());
        Assert.Equal("ok", (await server.GetJsonAsync("/health/ready")).GetProperty("status").GetString());
        using var swagger = await server.Client.GetAsync("/swagger/index.html");
        Assert.Equal(HttpStatusCode.OK, swagger.StatusCode);
    }

    private static string Name(JsonElement element) => element.GetProperty("name").GetString()!;
}
