using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace NcService.Cli.Tests;

/// <summary>Remote verbs against an HTTP server that answers as the API does.</summary>
public sealed class RemoteVerbTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Queue<string> _jobAnswers = new();
    private WebApplication _server = null!;
    private string _address = null!;
    private (string Head, string Body) _received;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapGet("/api/v1/jobs/{id}", (long id) => id == 404
            ? Results.Json(new { title = "Not found", detail = "There is no job 404." }, statusCode: 404, contentType: "application/problem+json")
            : Results.Text(_jobAnswers.Count > 1 ? _jobAnswers.Dequeue() : _jobAnswers.Peek(), "application/json"));
        _server.MapGet("/api/v1/studies/7", () => Results.Text(
            """{"study":{"state":"failed","jobs":{"queued":0,"running":0,"succeeded":3,"failed":2,"cancelled":0}}}""", "application/json"));
        _server.MapGet("/api/v1/runs/5/analyses", () => Results.Text(
            """
            {"items":[
              {"id":1,"state":"succeeded","measurements":[{"name":"val_loss","value":9.0}]},
              {"id":2,"state":"succeeded","measurements":[{"name":"val_loss","value":2.0},{"name":"cdnv","value":null},{"name":"ncc_agreement","value":0.25}]},
              {"id":3,"state":"running","measurements":[]}]}
            """,
            "application/json"));
        _server.MapPost("/api/v1/studies", async (HttpRequest request) =>
        {
            _received = (request.Headers["Idempotency-Key"].ToString(), await new StreamReader(request.Body).ReadToEndAsync());
            return Results.Text("""{"study":{"id":12}}""", "application/json", statusCode: 201);
        });
        _server.MapPost("/api/v1/studies/12/permutation-tests", () => Results.Text("""{"id":4,"jobId":77}""", "application/json", statusCode: 201));
        _server.MapPost("/api/v1/imports", async (HttpRequest request) =>
        {
            _received = (request.QueryString.Value!, await new StreamReader(request.Body).ReadToEndAsync());
            return Results.Text("""{"study":{"id":13,"name":"mine","runs":{"succeeded":2}}}""", "application/json", statusCode: 201);
        });
        await _server.StartAsync();
        _address = _server.Urls.Single();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("succeeded", 0)]
    [InlineData("failed", 3)]
    [InlineData("cancelled", 4)]
    public async Task Wait_follows_a_job_to_its_end_and_says_how_it_ended(string end, int status)
    {
        _jobAnswers.Enqueue("""{"state":"running","progress":0.5,"progressText":"step 5","error":null}""");
        _jobAnswers.Enqueue($$"""{"state":"{{end}}","progress":1,"progressText":null,"error":"the reason"}""");
        var result = await Ncctl.RunAsync("wait", "--job", "3", "--server", _address, "--json");
        Assert.Equal(status, result.ExitCode);
        Assert.Equal(end, result.Json.GetProperty("state").GetString());
        Assert.Contains("the reason", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_gives_up_when_its_time_is_over()
    {
        _jobAnswers.Enqueue("""{"state":"queued","progress":0}""");
        var result = await Ncctl.RunAsync("wait", "--job", "3", "--server", _address, "--timeout", "0.01", "--json");
        Assert.Equal(124, result.ExitCode);
        Assert.Equal("queued", result.Json.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Wait_for_a_study_fails_when_a_job_of_it_failed()
    {
        var result = await Ncctl.RunAsync("wait", "--study", "7", "--server", _address);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("2 jobs failed", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_servers_words_with_status_2()
    {
        var result = await Ncctl.RunAsync("wait", "--job", "404", "--server", _address);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal("ncctl wait: the server refused: There is no job 404.", result.Error.Trim());
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_status_5()
    {
        await _server.StopAsync();
        var result = await Ncctl.RunAsync("wait", "--job", "1", "--server", _address);
        Assert.Equal(5, result.ExitCode);
        Assert.StartsWith($"ncctl wait: cannot reach {_address}", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wait", "--server", "ftp://host", "--job", "1")]
    [InlineData("wait", "--server", "http://127.0.0.1:1")]
    [InlineData("wait", "--server", "http://127.0.0.1:1", "--job", "1", "--study", "2")]
    public async Task What_cannot_be_asked_is_status_2(params string[] arguments) =>
        Assert.Equal(2, (await Ncctl.RunAsync(arguments)).ExitCode);

    [Theory]
    [InlineData(0, "val_loss <= 2")]
    [InlineData(0, "val_loss < 3", "ncc_agreement*2 >= 0.5")]
    [InlineData(1, "val_loss < 3", "ncc_agreement > 0.3")]
    [InlineData(1, "cdnv < 1000")]
    public async Task Gate_takes_the_latest_finished_analysis_of_a_run(int status, params string[] conditions)
    {
        var result = await Ncctl.RunAsync(["gate", "--run", "5", "--server", _address, "--json", .. conditions.SelectMany(text => new[] { "--require", text })]);
        Assert.Equal(status, result.ExitCode);
        Assert.Equal(status == 0, result.Json.GetProperty("met").GetBoolean());
        Assert.Equal(conditions.Length, result.Json.GetProperty("conditions").GetArrayLength());
    }

    [Theory]
    [InlineData("ncc_agrement > 0", "did you mean 'ncc_agreement'?")]
    [InlineData("val_loss", "is no condition")]
    [InlineData("val_loss = 2", "is no condition")]
    [InlineData("1 < val_loss < 3", "is no condition")]
    public async Task Gate_refuses_what_it_cannot_check(string condition, string message)
    {
        var result = await Ncctl.RunAsync("gate", "--run", "5", "--server", _address, "--require", condition);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gate_reads_what_measure_prints()
    {
        var file = _folder.Write("metrics.json", """{"metrics":{"val_loss":2.5,"cdnv":null}}""");
        Assert.Equal(0, (await Ncctl.RunAsync("gate", "--input", file, "--require", "val_loss < 3")).ExitCode);
        Assert.Equal(1, (await Ncctl.RunAsync("gate", "--input", file, "--require", "cdnv < 3")).ExitCode);
        Assert.Equal(2, (await Ncctl.RunAsync("gate", "--input", _folder.Write("bad.json", "[1]"), "--require", "cdnv < 3")).ExitCode);
    }

    [Fact]
    public async Task Submit_sends_a_definition_as_it_is_with_its_key()
    {
        var file = _folder.Write("study.json", """{"name":"x","grids":[]}""");
        var result = await Ncctl.RunAsync("submit", "study", "--input", file, "--idempotency-key", "k1", "--server", _address, "--json");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(12, result.Json.GetProperty("id").GetInt64());
        Assert.Equal(("k1", """{"name":"x","grids":[]}"""), _received);
    }

    [Fact]
    public async Task Submit_names_a_preset()
    {
        await Ncctl.RunAsync("submit", "study", "--preset", "demo", "--name", "mine", "--server", _address);
        Assert.Equal("""{"preset":"demo","name":"mine"}""", _received.Body);
        Assert.Equal(2, (await Ncctl.RunAsync("submit", "study", "--server", _address)).ExitCode);
    }

    [Fact]
    public async Task Submit_of_a_permutation_test_says_which_job_to_wait_for()
    {
        var result = await Ncctl.RunAsync("submit", "permutation-test", "--study", "12", "--server", _address, "--json");
        Assert.Equal(77, result.Json.GetProperty("job_id").GetInt64());
    }

    [Fact]
    public async Task Import_sends_a_table_to_a_server()
    {
        var table = _folder.Write("my table.csv", "model,val_loss\na,1\nb,2\n");
        var result = await Ncctl.RunAsync("import", table, "--name", "mine & yours", "--server", _address, "--json");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(13, result.Json.GetProperty("study_id").GetInt64());
        Assert.Equal(("?fileName=my%20table.csv&studyName=mine%20%26%20yours", "model,val_loss\na,1\nb,2\n"), _received);
    }
}
