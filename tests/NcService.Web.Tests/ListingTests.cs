using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using NcService.Core.Collapse;
using NcService.Platform.Store;

namespace NcService.Web.Tests;

/// <summary>Lists over all studies, their filters, notes and tags, and downloads that go on.</summary>
public sealed class ListingTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Runs_and_analyses_of_several_studies_come_in_one_list()
    {
        var (first, second) = (await server.AddAsync(StoredStudy.Trained("one of two")), await server.AddAsync(StoredStudy.Trained("two of two")));
        var runs = (await server.GetJsonAsync($"/api/v1/runs?studyId={first.Id}&studyId={second.Id}&width=64&sort=-validationLoss")).Items();
        Assert.Equal(8, runs.Count);
        Assert.Equal(["01x0064_01d03", "01x0064_01d03", "01x0064_01d02"], runs.Take(3).Select(run => run.GetProperty("name").GetString()));
        Assert.True((await server.GetJsonAsync("/api/v1/runs")).GetProperty("total").GetInt32() >= 16);

        var analyses = (await server.GetJsonAsync($"/api/v1/analyses?studyId={second.Id}&pageSize=3")).Items();
        Assert.Equal(second.Runs.Select(run => run.Analyses[0].Id).OrderDescending().Take(3), analyses.Select(analysis => analysis.GetProperty("id").GetInt64()));
        Assert.Equal(4, analyses[0].GetProperty("measurements").GetArrayLength());
        Assert.Equal(first.Runs[1].Analyses[0].Id, Assert.Single((await server.GetJsonAsync($"/api/v1/analyses?runId={first.Runs[1].Id}&state=succeeded")).Items()).GetProperty("id").GetInt64());
        Assert.Empty((await server.GetJsonAsync($"/api/v1/analyses?studyId={second.Id}&state=queued")).Items());
    }

    [Fact]
    public async Task Datasets_and_tests_are_found_by_how_they_stand_and_datasets_and_studies_by_their_names()
    {
        await server.AddAsync(Dataset("Tiny Stories 100%", JobState.Failed));
        await server.AddAsync(Dataset("State of the Union", JobState.Queued));
        await server.AddAsync(new Study { Name = "Tiny study", Tags = ",paper,", CreatedAt = StoredStudy.Noon });
        await server.AddAsync(new Study { Name = "tiny other", CreatedAt = StoredStudy.Noon });
        var test = await server.AddAsync(new PermutationTestReport
        {
            Study = new Study { Name = "tested here", CreatedAt = StoredStudy.Noon },
            RunIds = "[]",
            Description = "none",
            Outcome = "val_loss",
            CreatedAt = StoredStudy.Noon,
            Job = StoredStudy.Job(JobKind.PermutationTest, JobState.Cancelled),
        });

        Assert.Equal(["Tiny Stories 100%"], await NamesAsync("/api/v1/datasets?search=TINY"));
        Assert.Equal(["Tiny Stories 100%"], await NamesAsync("/api/v1/datasets?search=0%25"));
        Assert.Empty(await NamesAsync("/api/v1/datasets?search=_"));
        Assert.Equal(["State of the Union"], await NamesAsync("/api/v1/datasets?state=queued"));
        Assert.Equal(["tiny other", "Tiny study"], await NamesAsync("/api/v1/studies?search=tiny"));
        Assert.Equal(["Tiny study"], await NamesAsync("/api/v1/studies?search=tiny&tag=paper&tag=other"));
        Assert.Equal(test.Id, Assert.Single((await server.GetJsonAsync("/api/v1/permutation-tests?state=cancelled")).Items()).GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task Notes_and_tags_of_studies_and_runs_are_changed_one_without_the_other()
    {
        var study = await server.AddAsync(StoredStudy.Trained("noted"));
        foreach (var (path, member) in new[] { ($"/api/v1/studies/{study.Id}", "study"), ($"/api/v1/runs/{study.Runs[0].Id}", "run") })
        {
            await PatchAsync(path, """{"notes": "look at this", "tags": ["paper", "good"]}""");
            var changed = await PatchAsync(path, """{"tags": ["better"]}""");
            Assert.Equal(["better"], changed.GetProperty(member).GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
            Assert.Equal("look at this", Notes(changed));
            Assert.Null(Notes(await PatchAsync(path, """{"notes": ""}""")));
            Assert.Equal("better", (await server.GetJsonAsync(path)).GetProperty(member).GetProperty("tags")[0].GetString());
            Assert.Contains("tag", (await PatchAsync(path, $$"""{"tags": ["{{new string('t', 41)}}"]}""", HttpStatusCode.BadRequest)).GetProperty("detail").GetString(), StringComparison.OrdinalIgnoreCase);
            await PatchAsync(path, """{"name": "another"}""", HttpStatusCode.BadRequest);
            await PatchAsync(path[..path.LastIndexOf('/')] + "/999999", "{}", HttpStatusCode.NotFound);

            string? Notes(JsonElement answer) => (member == "run" ? answer : answer.GetProperty("study")).GetProperty("notes").GetString();
        }
    }

    [Fact]
    public async Task A_download_that_broke_off_goes_on_while_the_file_is_the_same()
    {
        var content = Enumerable.Range(0, 5000).Select(i => (byte)(i % 251)).ToArray();
        var folder = $"analyses/{Guid.NewGuid():N}";
        var path = Path.Combine(server.Artifacts.CreateFolder(folder), CheckpointAnalysis.ClassStatisticsFile);
        await File.WriteAllBytesAsync(path, content);
        var analysis = await server.AddAsync(new Analysis { ArtifactPath = folder, CreatedAt = StoredStudy.Noon });
        var address = $"/api/v1/analyses/{analysis.Id}/class-statistics";

        using var whole = await server.Client.GetAsync(address);
        Assert.Equal(content, await whole.Content.ReadAsByteArrayAsync());
        var tag = whole.Headers.ETag!;
        var (status, rest) = await AskAsync(request => (request.Headers.Range, request.Headers.IfRange) = (new RangeHeaderValue(3000, null), new RangeConditionHeaderValue(tag)));
        Assert.Equal(HttpStatusCode.PartialContent, status);
        Assert.Equal(content[3000..], rest);
        (status, rest) = await AskAsync(request => request.Headers.IfNoneMatch.Add(tag));
        Assert.Equal((HttpStatusCode.NotModified, 0), (status, rest.Length));

        // Another file in its place: all of it, not the end of it.
        await File.WriteAllBytesAsync(path, content[..4000]);
        (status, rest) = await AskAsync(request => (request.Headers.Range, request.Headers.IfRange) = (new RangeHeaderValue(3000, null), new RangeConditionHeaderValue(tag)));
        Assert.Equal((HttpStatusCode.OK, 4000), (status, rest.Length));

        async Task<(HttpStatusCode Status, byte[] Content)> AskAsync(Action<HttpRequestMessage> set)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            set(request);
            using var response = await server.Client.SendAsync(request);
            return (response.StatusCode, await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task A_job_tells_which_try_it_waits_for_and_can_be_tried_now()
    {
        var job = StoredStudy.Job(JobKind.TrainRun, JobState.Queued);
        (job.FailedTries, job.MaximumTries, job.NextTryAt) = (2, 5, StoredStudy.Noon);
        await server.AddAsync(job);
        var waiting = await server.GetJsonAsync($"/api/v1/jobs/{job.Id}");
        Assert.Equal((2, 5, "2026-01-02T12:00:00Z"), (waiting.GetProperty("failedTries").GetInt32(), waiting.GetProperty("maximumTries").GetInt32(), waiting.GetProperty("nextTryAt").GetString()));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/jobs/{job.Id}/retry");
        var (status, now) = await ApiServer.SendAsync(server.Client, request);
        Assert.Equal((HttpStatusCode.OK, JsonValueKind.Null), (status, now.GetProperty("nextTryAt").ValueKind));
    }

    private async Task<List<string?>> NamesAsync(string path) => [.. (await server.GetJsonAsync(path)).Items().Select(item => item.GetProperty("name").GetString())];

    private async Task<JsonElement> PatchAsync(string path, string body, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        var (status, json) = await ApiServer.SendAsync(server.Client, request);
        Assert.True(status == expected, $"{path} {body}: {(int)status} {json}");
        return json;
    }

    private static Dataset Dataset(string name, JobState state) => new()
    {
        Name = name,
        Specification = """{"contextLength":128}""",
        ContextLength = 128,
        CreatedAt = StoredStudy.Noon,
        Job = StoredStudy.Job(JobKind.PrepareDataset, state),
    };
}
