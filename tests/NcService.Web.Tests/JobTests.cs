using System.Net;
using System.Text.Json;
using NcService.Platform.Jobs;
using NcService.Platform.Store;

namespace NcService.Web.Tests;

public sealed class JobTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Cancelling_ends_a_queued_job_and_asks_a_running_one_to_stop()
    {
        var queued = await server.AddAsync(StoredStudy.Job(JobKind.TrainRun, JobState.Queued));
        var running = await server.AddAsync(StoredStudy.Job(JobKind.TrainRun, JobState.Running));

        Assert.Equal("cancelled", (await PostAsync(HttpStatusCode.OK, $"/api/v1/jobs/{queued.Id}/cancel")).GetProperty("state").GetString());
        var stopping = await PostAsync(HttpStatusCode.OK, $"/api/v1/jobs/{running.Id}/cancel");

        Assert.Equal("running", stopping.GetProperty("state").GetString());
        Assert.True(stopping.GetProperty("cancelRequested").GetBoolean());
    }

    [Fact]
    public async Task Only_a_failed_or_cancelled_job_can_be_retried()
    {
        var failed = await server.AddAsync(StoredStudy.Job(JobKind.TrainRun, JobState.Failed));
        var succeeded = await server.AddAsync(StoredStudy.Job(JobKind.TrainRun, JobState.Succeeded));

        Assert.Equal("queued", (await PostAsync(HttpStatusCode.OK, $"/api/v1/jobs/{failed.Id}/retry")).GetProperty("state").GetString());
        Assert.Contains("succeeded", (await PostAsync(HttpStatusCode.Conflict, $"/api/v1/jobs/{succeeded.Id}/retry")).GetProperty("detail").GetString());
        await PostAsync(HttpStatusCode.NotFound, "/api/v1/jobs/999999/retry");
        await PostAsync(HttpStatusCode.NotFound, "/api/v1/jobs/999999/cancel");
    }

    [Fact]
    public async Task The_log_is_plain_text_and_empty_before_the_first_attempt()
    {
        var job = await server.AddAsync(StoredStudy.Job(JobKind.TrainRun, JobState.Running));
        Assert.Equal("", await server.Client.GetStringAsync($"/api/v1/jobs/{job.Id}/log"));
        var path = server.Artifacts.Resolve(JobLog.ArtifactPath(job.Id));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var writer = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        await writer.WriteAsync("step 1 <script>é\n");

        using var response = await server.Client.GetAsync($"/api/v1/jobs/{job.Id}/log");

        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("step 1 <script>é\n", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Events_follow_a_job_to_its_end()
    {
        var job = await server.AddAsync(StoredStudy.Job(JobKind.TrainRun, JobState.Running));
        using var response = await server.Client.GetAsync($"/api/v1/jobs/{job.Id}/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        await using var events = SseEvents.Of(response);

        Assert.Equal(("job", "running", 0.0), Short(await events.NextAsync()));
        await UpdateAsync(job.Id, stored => stored.Progress = 0.5);
        Assert.Equal(("job", "running", 0.5), Short(await events.NextAsync()));
        await UpdateAsync(job.Id, stored => stored.State = JobState.Succeeded);
        Assert.Equal(("job", "succeeded", 0.5), Short(await events.NextAsync()));
        Assert.Null(await events.NextAsync());
    }

    private static (string, string?, double) Short((string Name, JsonElement Data)? item) =>
        (item!.Value.Name, item.Value.Data.GetProperty("state").GetString(), item.Value.Data.GetProperty("progress").GetDouble());

    private Task<int> UpdateAsync(long id, Action<Job> change) => server.InStoreAsync(async context =>
    {
        change((await context.Jobs.FindAsync(id))!);
        return await context.SaveChangesAsync();
    });

    private async Task<JsonElement> PostAsync(HttpStatusCode expected, string path)
    {
        using var response = await server.Client.PostAsync(path, null);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"POST {path}: {(int)response.StatusCode} {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
