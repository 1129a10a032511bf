using System.Globalization;
using System.Text.Json;

namespace NcService.Web.Tests;

public sealed class CurveTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_long_curve_is_thinned_keeping_its_ends_and_evaluations()
    {
        var id = await RunWithLogAsync("thinned", Enumerable.Range(0, 10_000).Select(step => Line(step, 10 - step / 1000.0, step % 2500 == 1 ? 5 : null)));

        var curve = await server.GetJsonAsync($"/api/v1/runs/{id}/curve?points=100");
        var steps = Steps(curve);

        Assert.Equal(10_000, curve.GetProperty("loggedSteps").GetInt32());
        Assert.Equal(100, steps.Count);
        Assert.Equal((0, 9_999), (steps[0], steps[^1]));
        Assert.Equal(steps.Order(), steps);
        Assert.Superset(new HashSet<int> { 1, 2501, 5001, 7501 }, steps.ToHashSet());
        Assert.Equal(10 - steps[50] / 1000.0, curve.GetProperty("points")[50].GetProperty("loss").GetDouble());
        Assert.Equal(2, Steps(await server.GetJsonAsync($"/api/v1/runs/{id}/curve?points=2")).Count);
    }

    [Fact]
    public async Task A_resumed_log_shows_each_step_once_and_a_half_written_line_not_at_all()
    {
        var id = await RunWithLogAsync("resumed", [Line(1, 9), Line(2, 8), Line(3, 7), Line(2, 6), Line(3, 5), """{"step": 4, "lo"""]);

        var points = (await server.GetJsonAsync($"/api/v1/runs/{id}/curve")).GetProperty("points").EnumerateArray().ToList();

        Assert.Equal([9, 6, 5], points.Select(point => point.GetProperty("loss").GetDouble()));
    }

    [Fact]
    public async Task A_run_that_has_logged_nothing_has_an_empty_curve()
    {
        var study = await server.AddAsync(StoredStudy.Trained("unlogged"));
        Assert.Empty((await server.GetJsonAsync($"/api/v1/runs/{study.Runs[0].Id}/curve")).GetProperty("points").EnumerateArray());
    }

    private static string Line(int step, double loss, double? validationLoss = null) => JsonSerializer.Serialize(
        new { step, tokens = step * 64L, seconds = step * 0.1, loss, learningRate = 5e-5, validationLoss });

    private static List<int> Steps(JsonElement curve) => [.. curve.GetProperty("points").EnumerateArray().Select(point => point.GetProperty("step").GetInt32())];

    private async Task<long> RunWithLogAsync(string name, IEnumerable<string> lines)
    {
        var study = StoredStudy.Trained(name);
        study.Runs[0].ArtifactPath = string.Create(CultureInfo.InvariantCulture, $"runs/{name}");
        await server.AddAsync(study);
        await File.WriteAllTextAsync(Path.Combine(server.Artifacts.CreateFolder(study.Runs[0].ArtifactPath!), "metrics.jsonl"), string.Join('\n', lines));
        return study.Runs[0].Id;
    }
}
