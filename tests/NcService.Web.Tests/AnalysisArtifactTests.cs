using System.Globalization;
using System.Net;
using NcService.Core.Collapse;
using NcService.Platform.Store;
using static TorchSharp.torch;

namespace NcService.Web.Tests;

/// <summary>The files of an analysis, as its job leaves them.</summary>
public sealed class AnalysisArtifactTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task The_per_class_table_is_sorted_searched_and_paged()
    {
        var (id, table) = await AnalysedAsync("table");
        var page = await server.GetJsonAsync($"/api/v1/analyses/{id}/classes?sort=-count&page=2&pageSize=4");
        Assert.Equal(12, page.GetProperty("total").GetInt32());
        Assert.Equal(table.Ids.OrderByDescending(c => table.Counts[c]).ThenBy(c => c).Skip(4).Take(4), page.GetProperty("items").EnumerateArray().Select(row => row.GetProperty("id").GetInt32()));
        var first = page.GetProperty("items")[0];
        var row = first.GetProperty("id").GetInt32();
        Assert.Equal(table.Norms[row], first.GetProperty("norm").GetDouble());
        Assert.Equal(table.NearestByDistance[row][0].Class, first.GetProperty("nearestByDistance")[0].GetProperty("id").GetInt32());
        Assert.Equal($"token {table.NearestByDistance[row][0].Class}", first.GetProperty("nearestByDistance")[0].GetProperty("text").GetString());
        var found = await server.GetJsonAsync($"/api/v1/analyses/{id}/classes?search=TOKEN%201");
        Assert.Equal([1, 10, 11], found.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetInt32()));
        Assert.Equal(5, (await server.GetJsonAsync($"/api/v1/analyses/{id}/points?points=5")).GetArrayLength());
    }

    [Fact]
    public async Task Distributions_layers_and_counts_come_as_saved()
    {
        var (id, _) = await AnalysedAsync("background");
        var background = await server.GetJsonAsync($"/api/v1/analyses/{id}/background");
        var interference = background.GetProperty("distributions").EnumerateArray().Single(distribution => distribution.GetProperty("name").GetString() == "interference");
        Assert.Equal(66, interference.GetProperty("counts").EnumerateArray().Sum(count => count.GetInt64()));
        Assert.Equal(3, background.GetProperty("principalShares").GetArrayLength());
        var layer = Assert.Single((await server.GetJsonAsync($"/api/v1/analyses/{id}/layers")).EnumerateArray());
        Assert.Equal(1, layer.GetProperty("layer").GetInt32());
        Assert.Equal(0.25, layer.GetProperty("measurements")[0].GetProperty("value").GetDouble());
    }

    [Fact]
    public async Task Class_statistics_are_downloaded_whole_and_in_part()
    {
        var (id, _) = await AnalysedAsync("statistics");
        var bytes = await server.Client.GetByteArrayAsync($"/api/v1/analyses/{id}/class-statistics");
        var path = Path.Combine(server.DataDirectory, "downloaded.safetensors");
        await File.WriteAllBytesAsync(path, bytes);
        using var inputs = CollapseInputs.Load(path);
        Assert.Equal(12, inputs.Statistics.ClassCount);

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/analyses/{id}/class-statistics");
        request.Headers.Range = new System.Net.Http.Headers.RangeHeaderValue(8, 15);
        using var part = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(bytes[8..16], await part.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("classes?sort=colour", HttpStatusCode.BadRequest, "possible: id, count, norm")]
    [InlineData("classes?pageSize=1000", HttpStatusCode.BadRequest, "between 1 and 200")]
    [InlineData("points?points=0", HttpStatusCode.BadRequest, "between 1 and 20000")]
    [InlineData("class-statistics?layer=0", HttpStatusCode.BadRequest, "blocks count from 1")]
    [InlineData("class-statistics?layer=7", HttpStatusCode.NotFound, "class statistics")]
    public async Task What_is_not_there_is_refused(string address, HttpStatusCode status, string message)
    {
        var (id, _) = await AnalysedAsync("refused" + address.Length.ToString(CultureInfo.InvariantCulture));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/analyses/{id}/{address}");
        var (actual, body) = await ApiServer.SendAsync(server.Client, request);
        Assert.Equal(status, actual);
        Assert.Contains(message, body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_analysis_without_files_has_none()
    {
        var analysis = await server.AddAsync(new Analysis { CreatedAt = StoredStudy.Noon });
        foreach (var part in (string[])["classes", "points", "background", "layers", "class-statistics"])
        {
            using var response = await server.Client.GetAsync($"/api/v1/analyses/{analysis.Id}/{part}");
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    private async Task<(long Id, ClassTable Table)> AnalysedAsync(string name)
    {
        var random = new Random(6);
        using var features = tensor(Enumerable.Range(0, 600).Select(_ => random.NextDouble()).ToArray(), [150, 4]);
        using var labels = tensor(Enumerable.Range(0, 150).Select(i => i < 12 ? i : (long)random.Next(12)).ToArray());
        using var accumulator = new ClassStatisticsAccumulator(12, 4);
        accumulator.Add(features, labels);
        using var inputs = new CollapseInputs(accumulator.Finish());
        var (_, details, table) = CollapseMeasurements.MeasureInDetail(inputs, new MeasurementOptions(), 3, id => $"token {id}", default);
        var path = $"analyses/{name}";
        server.StartServer();
        var folder = server.Artifacts.CreateFolder(path);
        inputs.Save(Path.Combine(folder, CheckpointAnalysis.ClassStatisticsFile));
        table.Save(Path.Combine(folder, CheckpointAnalysis.ClassTableFile));
        (details with { Layers = [new LayerMeasurements(1, [Measurement.Of("cdnv", 0.25)])] }).Save(Path.Combine(folder, CheckpointAnalysis.DetailsFile));
        var analysis = await server.AddAsync(new Analysis { CreatedAt = StoredStudy.Noon, ArtifactPath = path, SampleCount = 150, ClassCount = 12 });
        return (analysis.Id, table);
    }
}
