using System.Text.RegularExpressions;
using NcService.Platform.Store;

namespace NcService.Web.Tests;

/// <summary>What the API answers from PostgreSQL is what it answers from SQLite, to the letter: every address that can be read, and every filter.</summary>
public sealed class StoreParityTests(PostgreSqlServer database) : IClassFixture<PostgreSqlServer>
{
    private static readonly string[] s_filtered =
    [
        "/api/v1/studies?search=TRAIN&tag=paper&pageSize=1", "/api/v1/studies?page=2&pageSize=1", "/api/v1/datasets?search=%25&state=succeeded", "/api/v1/datasets?state=queued",
        "/api/v1/runs?studyId=1&width=64&seed=1&seed=3&sort=-validationLoss&state=succeeded&tag=best", "/api/v1/studies/1/runs?sort=seed", "/api/v1/studies/1/runs?sort=-validationLoss&epochs=1&depth=1",
        "/api/v1/analyses?studyId=1&state=succeeded&pageSize=3", "/api/v1/analyses?runId=2", "/api/v1/analyses?datasetId=1", "/api/v1/permutation-tests?state=succeeded",
        "/api/v1/jobs?kind=trainRun&kind=analyseCheckpoint&state=running&studyId=1", "/api/v1/checkpoints?runId=1&studyId=1",
        "/api/v1/studies/1/correlations?outcome=val_loss&measurement=cdnv&covariate=logParameters", "/api/v1/studies/1/correlations?within=architecture&width=64", "/api/v1/studies/1/stepwise?measurement=cdnv",
        "/api/v1/studies/1/regression?measurement=cdnv", "/api/v1/studies/1/differences?by=width&first=32&second=64&measurement=cdnv", "/api/v1/studies/1/results.csv?columns=october",
    ];

    private static readonly (HttpMethod Method, string Path, string Body)[] s_changes =
    [
        (HttpMethod.Patch, "/api/v1/studies/1", """{"notes": "looked at", "tags": ["Paper", "2026"]}"""), (HttpMethod.Patch, "/api/v1/runs/2", """{"tags": ["best"]}"""),
        (HttpMethod.Post, "/api/v1/jobs/1/pause", ""), (HttpMethod.Post, "/api/v1/studies/1/resume", ""), (HttpMethod.Post, "/api/v1/jobs/1/priority", """{"priority": 3}"""),
        (HttpMethod.Post, "/api/v1/jobs/2/retry", ""), (HttpMethod.Post, "/api/v1/jobs/1/cancel", ""), (HttpMethod.Delete, "/api/v1/webhooks/1", ""),
        (HttpMethod.Delete, "/api/v1/permutation-tests/1", ""), (HttpMethod.Delete, "/api/v1/analyses/2", ""), (HttpMethod.Delete, "/api/v1/runs/1", ""), (HttpMethod.Delete, "/api/v1/datasets/1", ""),
    ];

    [PostgreSqlFact]
    public async Task Every_answer_is_the_same_from_either_database()
    {
        using var sqlite = new ApiServer();
        using var postgres = new PostgreSqlApiServer(await database.CreateDatabaseAsync());
        foreach (var server in new[] { sqlite, postgres }) await FillAsync(server);
        var addresses = (await sqlite.GetJsonAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject()
            .Where(path => path.Value.TryGetProperty("get", out _) && !path.Name.EndsWith("/events", StringComparison.Ordinal))
            .Select(path => path.Name.Replace("{id}", "1", StringComparison.Ordinal).Replace("{name}", "config.json", StringComparison.Ordinal)).ToList();
        Assert.True(addresses.Count > 30);
        await CompareAsync();
        foreach (var (method, path, body) in s_changes)
        {
            var (first, second) = (await SendAsync(sqlite, method, path, body), await SendAsync(postgres, method, path, body));
            Assert.Equal($"{method} {path}: {first}", $"{method} {path}: {second}");
            Assert.StartsWith("2", first, StringComparison.Ordinal);
        }
        await CompareAsync();

        async Task CompareAsync()
        {
            foreach (var path in addresses.Concat(s_filtered))
            {
                var (first, second) = (await SendAsync(sqlite, HttpMethod.Get, path, ""), await SendAsync(postgres, HttpMethod.Get, path, ""));
                Assert.Equal($"{path}: {first}", $"{path}: {second}");
                Assert.True(first.StartsWith("200", StringComparison.Ordinal) || !s_filtered.Contains(path), $"{path}: {first}");
            }
        }
    }

    /// <summary>Status and text; the times of this run, what is counted from them and the names of traces are left out.</summary>
    private static async Task<string> SendAsync(ApiServer server, HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body.Length > 0) request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await server.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (path == "/metrics") text = string.Join('\n', text.Split('\n').Select(line => line[..Math.Max(0, line.LastIndexOf(' '))]).Order(StringComparer.Ordinal));
        return $"{(int)response.StatusCode} {Regex.Replace(text, $@"{DateTime.UtcNow:yyyy-MM}-\d\dT[0-9:.]+Z|(?<=""traceId"":"")[^""]+", "now", RegexOptions.None, TimeSpan.FromSeconds(1))}";
    }

    private static Task<bool> FillAsync(ApiServer server) => server.InStoreAsync(async store =>
    {
        // One by one, so that either database numbers them in this order.
        var study = StoredStudy.Trained("Trained for parity");
        study.Tags = ",paper,";
        await AddAsync(study);
        await AddAsync(new Study { Name = "empty, trained never", CreatedAt = StoredStudy.Noon });
        var queued = StoredStudy.Job(JobKind.TrainRun, JobState.Queued, study.Id);
        queued.Paused = true;
        await AddAsync(queued);
        var waiting = StoredStudy.Job(JobKind.AnalyseCheckpoint, JobState.Queued, study.Id);
        (waiting.FailedTries, waiting.MaximumTries, waiting.NextTryAt) = (1, 5, StoredStudy.Noon.AddYears(900));
        await AddAsync(waiting);
        var running = StoredStudy.Job(JobKind.AnalyseCheckpoint, JobState.Running, study.Id);
        (running.TokensPerSecond, running.Attempt, running.StartedAt, running.RunSeconds) = (12_345.678_9, 1, StoredStudy.Noon.AddMilliseconds(1), 0.1);
        await AddAsync(running);
        await AddAsync(new Dataset { Name = "100 % text", Specification = """{"contextLength":128}""", ContextLength = 128, CreatedAt = StoredStudy.Noon.AddTicks(1_234_560) });
        await AddAsync(new Checkpoint { RunId = study.Runs[0].Id, Step = 7, ArtifactPath = "runs/1/1/checkpoint", CreatedAt = StoredStudy.Noon });
        await AddAsync(new PermutationTestReport
        {
            StudyId = study.Id,
            RunIds = "[1,2,3]",
            Description = "three runs",
            Outcome = "val_loss",
            Permutations = 99,
            CreatedAt = StoredStudy.Noon,
            Rows = { new PermutationTestRow { Measurement = "cdnv", Count = 3, R = 1.0 / 3, PTwoSided = 0.02, Exact = true, Histogram = """{"lower":-1,"upper":1,"counts":[1,2,3]}""" } },
        });
        await AddAsync(new Worker { Name = "node", Host = "host", Device = "cuda:0", DeviceMemoryBytes = 80L << 30, StartedAt = StoredStudy.Noon, HeartbeatAt = StoredStudy.Noon });
        await AddAsync(new Webhook { Url = "https://hooks.example.org/nc", Secret = "s", CreatedAt = StoredStudy.Noon });
        await AddAsync(new WebhookDelivery { WebhookId = 1, JobId = 3, FinishedAt = StoredStudy.Noon, LastError = "refused" });
        return true;

        async Task AddAsync(object entity)
        {
            store.Add(entity);
            await store.SaveChangesAsync();
        }
    });
}
