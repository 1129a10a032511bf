using System.Net;
using System.Text;
using System.Text.Json;
using NcService.Platform.Store;

namespace NcService.Web.Tests;

public sealed class StudyTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_definition_that_comes_in_pieces_is_taken()
    {
        // Chunked, and the end apart from the rest.
        using var content = new SlowContent("""{"name": "in pieces", "grids": [{"widths": [8], "depths": [1]}], "heads": 2}""");
        using var response = await server.Client.PostAsync("/api/v1/studies", content);
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
    }

    private const string Small = """
        {"name": "NAME", "notes": "<b>two</b> widths", "tokenizer": {"kind": "trained", "vocabularySize": 512}, "contextLength": 32, "learningRate": 1e-3, "precision": "bFloat16",
         "grids": [{"widths": [8, 16], "depths": [1]}, {"widths": [8], "depths": [1], "seeds": [0, 1, 2, 3]}], "permutations": 100}
        """;

    [Fact]
    public async Task A_definition_becomes_a_study_with_a_dataset_runs_analyses_and_jobs_to_make_them()
    {
        var (status, location, body) = await CreateAsync(Small.Replace("NAME", "small", StringComparison.Ordinal).Replace("32", "48", StringComparison.Ordinal));
        var study = body.GetProperty("study");
        var id = study.GetProperty("id").GetInt64();

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal($"/api/v1/studies/{id}", location);
        Assert.Equal("queued", study.GetProperty("state").GetString());
        // Two widths with seed 0, and seeds 1 to 3 of the one that is in both grids.
        Assert.Equal(5, study.Count("runs", "queued"));
        // One dataset, five trainings, five analyses, one test of the four seeds.
        Assert.Equal(12, study.Count("jobs", "queued"));
        Assert.Equal("local", study.GetProperty("requestedBy").GetString());
        Assert.Equal("trained", body.GetProperty("definition").GetProperty("tokenizer").GetProperty("kind").GetString());
        Assert.Equal("bFloat16", body.GetProperty("definition").GetProperty("precision").GetString());

        Assert.Equal(5, (await server.GetJsonAsync($"/api/v1/studies/{id}/runs?state=queued")).Items().Count);
        var dataset = await server.GetJsonAsync($"/api/v1/datasets/{study.GetProperty("datasetId").GetInt64()}");
        Assert.Equal(48, dataset.GetProperty("contextLength").GetInt32());
        Assert.Equal("queued", dataset.GetProperty("state").GetString());
        Assert.Equal(4, Assert.Single((await server.GetJsonAsync($"/api/v1/studies/{id}/permutation-tests")).Items()).GetProperty("runIds").GetArrayLength());
    }

    [Fact]
    public async Task A_definition_read_back_creates_the_same_study_again()
    {
        var (_, _, first) = await CreateAsync(Small.Replace("NAME", "original", StringComparison.Ordinal));
        var text = first.GetProperty("definition").GetRawText().Replace("original", "copy", StringComparison.Ordinal);

        var (status, _, second) = await CreateAsync(text);

        Assert.Equal(HttpStatusCode.Created, status);
        // The dataset is there already: five trainings, five analyses, one test.
        Assert.Equal(11, second.GetProperty("study").Count("jobs", "total"));
        Assert.Equal(first.GetProperty("study").GetProperty("datasetId").GetInt64(), second.GetProperty("study").GetProperty("datasetId").GetInt64());
    }

    [Fact]
    public async Task A_preset_is_created_by_its_name_under_another()
    {
        var (status, _, body) = await CreateAsync("""{"preset": "demo", "name": "my demo"}""");

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("my demo", body.GetProperty("study").GetProperty("name").GetString());
        Assert.True(body.GetProperty("study").Count("runs", "queued") >= 19);
    }

    [Fact]
    public async Task The_same_key_makes_one_study_also_when_asked_at_once()
    {
        var body = Small.Replace("NAME", "once", StringComparison.Ordinal);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => CreateAsync(body, "key-1")));
        var again = await CreateAsync(body, "key-1");

        Assert.Single(answers.Append(again).Where(answer => answer.Status is HttpStatusCode.Created or HttpStatusCode.OK)
            .Select(answer => answer.Body.GetProperty("study").GetProperty("id").GetInt64()).Distinct());
        Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.Created or HttpStatusCode.OK or HttpStatusCode.Conflict, $"{answer.Status}"));
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal(1, await server.InStoreAsync(context => Task.FromResult(context.Studies.Count(study => study.Name == "once"))));
        var other = await CreateAsync(Small.Replace("NAME", "another", StringComparison.Ordinal), "key-1");
        Assert.Equal(HttpStatusCode.Conflict, other.Status);
    }

    [Fact]
    public async Task Cancelling_a_study_cancels_what_has_not_ended()
    {
        var (_, location, _) = await CreateAsync(Small.Replace("NAME", "cancelled", StringComparison.Ordinal));

        using var response = await server.Client.PostAsync($"{location}/cancel", null);
        var study = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("study");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("cancelled", study.GetProperty("state").GetString());
        Assert.Equal(0, study.Count("jobs", "queued"));
    }

    [Fact]
    public async Task Events_follow_a_study_until_no_job_is_left()
    {
        var (_, location, _) = await CreateAsync(Small.Replace("NAME", "followed", StringComparison.Ordinal));
        using var response = await server.Client.GetAsync($"{location}/events", HttpCompletionOption.ResponseHeadersRead);
        await using var events = SseEvents.Of(response);
        var first = (await events.NextAsync())!.Value;
        Assert.Equal("study", first.Name);
        Assert.Equal("queued", first.Data.GetProperty("progress").GetProperty("state").GetString());

        var studyId = long.Parse(location!.Split('/')[^1]);
        var jobId = await server.InStoreAsync(async context =>
        {
            var job = context.Jobs.First(job => job.StudyId == studyId && job.Kind == JobKind.TrainRun);
            (job.State, job.ProgressText) = (JobState.Running, "step 1");
            await context.SaveChangesAsync();
            return job.Id;
        });
        var second = (await events.NextAsync())!.Value.Data;
        Assert.Equal("running", second.GetProperty("progress").GetProperty("state").GetString());
        Assert.Equal(jobId, second.GetProperty("running")[0].GetProperty("id").GetInt64());

        await server.InStoreAsync(async context =>
        {
            foreach (var job in context.Jobs.Where(job => job.StudyId == studyId)) job.State = JobState.Succeeded;
            return await context.SaveChangesAsync();
        });
        Assert.Equal("succeeded", (await events.NextAsync())!.Value.Data.GetProperty("progress").GetProperty("state").GetString());
        Assert.Null(await events.NextAsync());
    }

    [Fact]
    public async Task All_faults_of_a_definition_are_named_by_field_at_once()
    {
        var (status, _, problem) = await CreateAsync("""{"name": " x", "batchSize": 0, "learningRate": -1, "grids": [{"widths": [0], "depths": [99]}]}""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["batchSize", "grids[0].depths", "grids[0].widths", "learningRate", "name"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));
    }

    private async Task<(HttpStatusCode Status, string? Location, JsonElement Body)> CreateAsync(string body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/studies") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var response = await server.Client.SendAsync(request);
        return (response.StatusCode, response.Headers.Location?.OriginalString, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()));
    }
}

/// <summary>JSON that is sent in two pieces, without saying how much follows.</summary>
internal sealed class SlowContent : HttpContent
{
    private readonly byte[] bytes;

    public SlowContent(string json)
    {
        bytes = System.Text.Encoding.UTF8.GetBytes(json);
        Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/json");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(bytes.AsMemory(0, bytes.Length - 5));
        await stream.FlushAsync();
        await Task.Yield();
        await stream.WriteAsync(bytes.AsMemory(bytes.Length - 5));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
