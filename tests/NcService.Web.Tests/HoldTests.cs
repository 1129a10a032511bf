using System.Net;
using System.Text.Json;
using NcService.Platform.Store;

namespace NcService.Web.Tests;

/// <summary>Pausing, resuming and moving jobs over HTTP.</summary>
public sealed class HoldTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_job_is_paused_resumed_and_moved()
    {
        var job = await server.AddAsync(StoredStudy.Job(JobKind.TrainRun, JobState.Queued));
        Assert.True((await PostAsync($"/api/v1/jobs/{job.Id}/pause")).GetProperty("paused").GetBoolean());
        Assert.False((await PostAsync($"/api/v1/jobs/{job.Id}/resume")).GetProperty("paused").GetBoolean());
        Assert.Equal(7, (await PostAsync($"/api/v1/jobs/{job.Id}/priority", new { priority = 7 })).GetProperty("priority").GetInt32());
    }

    [Fact]
    public async Task All_of_a_study_is_paused_and_what_has_ended_stays_as_it_is()
    {
        var study = await server.AddAsync(StoredStudy.Trained("held"));
        foreach (var state in new[] { JobState.Queued, JobState.Running, JobState.Succeeded, JobState.Failed })
            await server.AddAsync(StoredStudy.Job(JobKind.TrainRun, state, study.Id));
        Assert.Equal(2, (await PostAsync($"/api/v1/studies/{study.Id}/pause")).GetProperty("jobs").GetInt32());
        Assert.Equal(1, (await PostAsync($"/api/v1/studies/{study.Id}/priority", new { priority = -3 })).GetProperty("jobs").GetInt32());
        Assert.Equal(2, (await PostAsync($"/api/v1/studies/{study.Id}/resume")).GetProperty("jobs").GetInt32());
    }

    [Fact]
    public async Task Monitoring_gets_figures_in_the_text_form_of_Prometheus()
    {
        await server.AddAsync(StoredStudy.Job(JobKind.ImportResults, JobState.Failed));
        await server.AddAsync(new Worker { Name = "with \"quotes\"", Host = "h", Device = "cuda:0", DeviceMemoryUsedBytes = 5, DeviceMemoryBytes = 9, StartedAt = StoredStudy.Noon, HeartbeatAt = StoredStudy.Noon });
        using var refused = await server.Stranger.GetAsync("/metrics");
        Assert.Equal((HttpStatusCode.Unauthorized, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
        using var response = await server.Client.GetAsync("/metrics");
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Contains("ncservice_jobs{kind=\"importResults\",state=\"failed\"} 1", lines);
        Assert.Contains("ncservice_worker_up{worker=\"with \\\"quotes\\\"\",device=\"cuda:0\"} 0", lines);
        Assert.Contains("ncservice_device_memory_used_bytes{worker=\"with \\\"quotes\\\"\",device=\"cuda:0\"} 5", lines);
        // The format's own grammar: comments, or a name, labels and a number; each metric declared before its samples.
        var declared = new HashSet<string>();
        foreach (var line in lines)
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal)) declared.Add(line.Split(' ')[2]);
            if (line[0] == '#') continue;
            Assert.Matches("""^[a-z_]+(\{[a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*\})? [0-9.eE+-]+$""", line);
            Assert.Contains(declared, name => line.StartsWith(name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Who_polls_gets_304_until_something_changes()
    {
        var job = await server.AddAsync(StoredStudy.Job(JobKind.TrainRun, JobState.Queued));
        var path = $"/api/v1/jobs/{job.Id}";
        using var first = await server.Client.GetAsync(path);
        var tag = first.Headers.ETag!;
        Assert.Equal((HttpStatusCode.NotModified, ""), await AskAgainAsync());
        await PostAsync($"{path}/pause");
        var (status, body) = await AskAgainAsync();
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\"paused\":true", body, StringComparison.Ordinal);

        async Task<(HttpStatusCode Status, string Body)> AskAgainAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.IfNoneMatch.Add(tag);
            using var response = await server.Client.SendAsync(request);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    private async Task<JsonElement> PostAsync(string path, object? body = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        var (status, json) = await ApiServer.SendAsync(server.Client, request);
        Assert.True(status == HttpStatusCode.OK, json.ToString());
        return json;
    }
}
