using System.Net;
using NcService.Core.Collapse;
using NcService.Platform.Store;
using static TorchSharp.torch;

namespace NcService.Web.Tests;

/// <summary>What pages show of the files that an analysis has left, against the same worked out pair by pair.</summary>
public sealed class AnalysisPageTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const int Classes = 24;
    private const int Dimension = 5;
    private const int Kept = 3;

    [Fact]
    public async Task The_classes_page_shows_a_class_its_nearest_ones_and_the_pairs_that_interfere_most()
    {
        var (run, _, means) = await AnalysedAsync("classes");
        var html = await PageAsync($"/runs/{run}/classes?class=7");
        Assert.Contains("Distribution of Cosine u_c·u_c′ over pairs", WebUtility.HtmlDecode(html), StringComparison.Ordinal);
        var near = Enumerable.Range(0, Classes).Where(other => other != 7).OrderByDescending(other => Cosine(means, 7, other)).Take(Kept).Select(other => $"token&lt;{other}&gt;");
        Assert.Equal(near, Between(html, "Nearest in direction, cosine", "</ol>"));
        var pairs = Pairs(means).OrderByDescending(pair => pair.Cosine).Take(2 * Kept).SelectMany(pair => new[] { $"token&lt;{pair.First}&gt;", $"token&lt;{pair.Second}&gt;" });
        Assert.Equal(pairs, Between(html, "class=\"interfering\"", "</ul>"));
        Assert.DoesNotContain("token<", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pairs_are_complete_as_far_as_they_are_given()
    {
        var (_, path, means) = await AnalysedAsync("pairs");
        using var table = ClassTableFile.Open(path);
        var found = table.ClosestPairs(1000);
        Assert.Equal(Pairs(means).OrderByDescending(pair => pair.Cosine).Take(2 * Kept).Select(pair => (pair.First, pair.Second)), found.Select(pair => (pair.First.Id, pair.Second.Id)));
        Assert.All(found, pair => Assert.Equal(Cosine(means, pair.First.Id, pair.Second.Id), pair.Cosine, 1e-12));
        Assert.Equal("token<7>", table.Find(7)!.Text);
        Assert.Null(table.Find(Classes));
    }

    [Fact]
    public async Task A_run_shows_its_blocks_and_its_training()
    {
        var (run, path, _) = await AnalysedAsync("curves");
        await File.WriteAllTextAsync(Path.Combine(server.Artifacts.CreateFolder("runs/curves"), CollapseProbe.FileName), """
            {"step":0,"samples":640,"classes":24,"measurements":{"cdnv":4.5}}
            {"step":10,"samples":640,"classes":24,"measurements":{"cdnv":2.25}}

            """);
        var html = await PageAsync($"/runs/{run}?curve=cdnv");
        Assert.Contains("Through the blocks and while it trained", html, StringComparison.Ordinal);
        Assert.Contains("Class-distance normalised variance at the output of each block", html, StringComparison.Ordinal);
        Assert.Contains("Class-distance normalised variance while the model was trained", html, StringComparison.Ordinal);
        Assert.Contains("same 640 samples", html, StringComparison.Ordinal);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task An_analysis_of_embeddings_has_a_page_and_a_damaged_one_says_so()
    {
        var (run, path, _) = await AnalysedAsync("damaged");
        var id = await server.InStoreAsync(context => Task.FromResult(context.Analyses.Single(analysis => analysis.RunId == run).Id));
        Assert.Contains("Class explorer", await PageAsync($"/analyses/{id}"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(path)!, CheckpointAnalysis.DetailsFile), "{");
        Assert.Contains("can’t be read", WebUtility.HtmlDecode(await PageAsync($"/analyses/{id}")), StringComparison.Ordinal);
        Assert.Contains("can’t be read", WebUtility.HtmlDecode(await PageAsync($"/runs/{run}/classes")), StringComparison.Ordinal);
        Assert.Contains("Geometry", await PageAsync($"/runs/{run}"), StringComparison.Ordinal);
    }

    private static double Cosine(double[][] centred, int a, int b) =>
        centred[a].Zip(centred[b], (x, y) => x * y).Sum() / Math.Sqrt(centred[a].Sum(x => x * x) * centred[b].Sum(y => y * y));

    private static IEnumerable<(int First, int Second, double Cosine)> Pairs(double[][] centred) =>
        Enumerable.Range(0, Classes).SelectMany(a => Enumerable.Range(a + 1, Classes - a - 1).Select(b => (a, b, Cosine(centred, a, b))));

    // The tokens in a part of a page, in their order.
    private static IEnumerable<string> Between(string html, string from, string to)
    {
        var start = html.IndexOf(from, StringComparison.Ordinal);
        Assert.True(start >= 0, $"'{from}' is not on the page");
        var part = html[start..html.IndexOf(to, start, StringComparison.Ordinal)];
        return part.Split("<code class=\"token\">").Skip(1).Select(piece => piece[..piece.IndexOf("</code>", StringComparison.Ordinal)]);
    }

    private async Task<string> PageAsync(string address)
    {
        using var response = await server.Client.GetAsync(address);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }

    /// <summary>A run with an analysis of random embeddings; the path of its table and the centred class means.</summary>
    private async Task<(long Run, string Table, double[][] Means)> AnalysedAsync(string name)
    {
        server.StartServer();
        var random = new Random(8);
        const int samples = 4 * Classes;
        var values = Enumerable.Range(0, samples * Dimension).Select(_ => random.NextDouble() - 0.5).ToArray();
        using var features = tensor(values, [samples, Dimension]);
        using var labels = tensor(Enumerable.Range(0, samples).Select(i => (long)(i % Classes)).ToArray());
        using var accumulator = new ClassStatisticsAccumulator(Classes, Dimension);
        accumulator.Add(features, labels);
        using var inputs = new CollapseInputs(accumulator.Finish());
        var (measurements, details, table) = CollapseMeasurements.MeasureInDetail(inputs, new MeasurementOptions(), Kept, id => $"token<{id}>", default);
        var path = $"analyses/page-{name}";
        var folder = server.Artifacts.CreateFolder(path);
        table.Save(Path.Combine(folder, CheckpointAnalysis.ClassTableFile));
        (details with { Layers = [new LayerMeasurements(1, [Measurement.Of("cdnv", 0.5)]), new LayerMeasurements(2, [Measurement.Of("cdnv", 0.25)])] }).Save(Path.Combine(folder, CheckpointAnalysis.DetailsFile));
        var analysis = new Analysis { CreatedAt = StoredStudy.Noon, ArtifactPath = path, SampleCount = samples, ClassCount = Classes };
        analysis.Measurements.AddRange(measurements.Select(measurement => new MeasurementRow { Name = measurement.Name, Value = measurement.Value, UndefinedReason = measurement.UndefinedReason }));
        var run = new Run { Name = "01x0005", Width = Dimension, Depth = 2, Epochs = 1, ParameterCount = 1, CreatedAt = StoredStudy.Noon, ArtifactPath = $"runs/{name}", Analyses = { analysis } };
        await server.AddAsync(new Study { Name = $"a study of {name}", CreatedAt = StoredStudy.Noon, Runs = { run } });

        var means = Enumerable.Range(0, Classes).Select(c => Enumerable.Range(0, Dimension).Select(d => Enumerable.Range(0, 4).Average(i => values[(i * Classes + c) * Dimension + d])).ToArray()).ToArray();
        var centre = Enumerable.Range(0, Dimension).Select(d => means.Average(mean => mean[d])).ToArray();
        return (run.Id, Path.Combine(folder, CheckpointAnalysis.ClassTableFile), [.. means.Select(mean => mean.Zip(centre, (value, middle) => value - middle).ToArray())]);
    }
}
