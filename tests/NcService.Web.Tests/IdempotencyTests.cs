using System.Net;
using System.Text;

namespace NcService.Web.Tests;

/// <summary>A request that is sent again, because its answer was lost, makes nothing twice.</summary>
public sealed class IdempotencyTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("/api/v1/datasets", """{"name": "keyed", "specification": {}}""", """{"name": "keyed", "specification": {"contextLength": 64}}""")]
    [InlineData("/api/v1/studies", """{"name": "keyed study", "grids": [{"widths": [8], "depths": [1]}], "heads": 2}""", """{"name": "keyed study", "grids": [{"widths": [16], "depths": [1]}], "heads": 2}""")]
    public Task A_thing_of_a_name_is_made_once(string path, string body, string other) => MakesOneAsync(path, () => Json(body), () => Json(other), HttpStatusCode.Created, HttpStatusCode.OK);

    [Theory]
    [InlineData("respond-async")]
    [InlineData(null)]
    public Task An_import_with_a_key_is_one_job(string? prefer) =>
        MakesOneAsync($"/api/v1/imports?studyName=keyed-{prefer ?? "alone"}", () => Csv("a,1"), () => Csv("a,2"), HttpStatusCode.Accepted, HttpStatusCode.Accepted, prefer);

    [Fact]
    public async Task A_permutation_test_is_asked_for_once()
    {
        var study = await server.AddAsync(StoredStudy.Trained("keyed tests"));
        var before = (await server.GetJsonAsync($"/api/v1/studies/{study.Id}/permutation-tests")).GetProperty("total").GetInt32();
        await MakesOneAsync($"/api/v1/studies/{study.Id}/permutation-tests", () => Json("""{"seed": 1}"""), () => Json("""{"seed": 2}"""), HttpStatusCode.Created, HttpStatusCode.OK);
        Assert.Equal(before + 1, (await server.GetJsonAsync($"/api/v1/studies/{study.Id}/permutation-tests")).GetProperty("total").GetInt32());
        Assert.Equal("local", (await server.GetJsonAsync($"/api/v1/jobs?studyId={study.Id}")).Items()[0].GetProperty("requestedBy").GetString());
    }

    [Fact]
    public async Task A_key_that_made_another_kind_of_thing_is_refused()
    {
        var study = await server.AddAsync(StoredStudy.Trained("keyed otherwise"));
        var first = await SendAsync($"/api/v1/studies/{study.Id}/permutation-tests", Json("{}"), "shared key");
        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync("/api/v1/analyses", Embeddings(1), "shared key")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync("/api/v1/datasets", Json("""{"name": "never", "specification": {}}"""), "shared key")).Status);
    }

    [Fact]
    public async Task Embeddings_are_measured_once_and_the_second_upload_is_thrown_away()
    {
        await MakesOneAsync("/api/v1/analyses", () => Embeddings(1), () => Embeddings(2), HttpStatusCode.Created, HttpStatusCode.OK);
        Assert.Single(Directory.GetDirectories(Path.Combine(server.Artifacts.Root, "uploads")), folder => File.ReadAllBytes(Path.Combine(folder, "features")).AsSpan().EndsWith(BitConverter.GetBytes(-77.0)));
        // The same files, otherwise measured, are another request.
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync("/api/v1/analyses?unbiased=true", Embeddings(1), "/api/v1/analyses")).Status);
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static StringContent Csv(string row) => new($"model,val_loss\n{row}\n", Encoding.UTF8, "text/csv");

    private static MultipartFormDataContent Embeddings(double first) => new()
    {
        { new ByteArrayContent(EmbeddingUploadTests.Npy("<f8", "(4, 2)", first, 2, 3, 4, 5, 7, 0, -77)), "features", "features" },
        { new ByteArrayContent(EmbeddingUploadTests.Npy("<i8", "(4,)", 0L, 1, 1, 0)), "labels", "labels" },
    };

    private async Task MakesOneAsync(string path, Func<HttpContent> body, Func<HttpContent> other, HttpStatusCode first, HttpStatusCode again, string? prefer = null)
    {
        var made = await SendAsync(path, body(), path, prefer);
        var second = await SendAsync(path, body(), path, prefer);
        Assert.Equal((first, again), (made.Status, second.Status));
        Assert.Equal(made.Id, second.Id);
        Assert.InRange((int)(await SendAsync(path, other(), path, prefer)).Status, 400, 409);
    }

    private async Task<(HttpStatusCode Status, long Id)> SendAsync(string path, HttpContent content, string key, string? prefer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Add("Idempotency-Key", key);
        if (prefer is not null) request.Headers.Add("Prefer", prefer);
        var (status, json) = await ApiServer.SendAsync(server.Client, request);
        var thing = json.TryGetProperty("study", out var study) ? study : json;
        return (status, thing.TryGetProperty("id", out var id) ? id.GetInt64() : 0);
    }
}
