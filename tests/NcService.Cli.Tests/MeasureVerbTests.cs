using System.Text.Json;
using System.Text.Json.Nodes;

namespace NcService.Cli.Tests;

public sealed class MeasureVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Cases =>
        ["balanced", "zipf_missing_and_single", "more_classes_than_dimensions", "near_collapse_etf", "off_centre_small_norms"];

    public void Dispose() => _folder.Dispose();

    [SharedTheory]
    [MemberData(nameof(Cases))]
    public async Task Golden_cases_come_out_by_their_names(string name)
    {
        var path = SharedData.Path($"golden/collapse/{name}.json");
        var result = await Ncctl.RunAsync("measure", "--input", path, "--json");
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        var metrics = result.Json.GetProperty("metrics");
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        foreach (var expected in document.RootElement.GetProperty("expected").GetProperty("metrics").EnumerateObject())
        {
            // The tolerances of the single measurements are tested with them; here, that each number sits under its name.
            var (wanted, got) = (expected.Value.GetDouble(), metrics.GetProperty(expected.Name).GetDouble());
            Assert.True(Math.Abs(wanted - got) <= 1e-7 * Math.Max(1, Math.Abs(wanted)), $"{expected.Name}: expected {wanted:R}, got {got:R}");
        }
    }

    [Fact]
    public async Task Losses_and_accuracies_of_a_worked_case_are_right()
    {
        // Scores are the features themselves: (ln 3, 0) gives p = (3/4, 1/4).
        var ln3 = Math.Log(3);
        var result = await Measure(new
        {
            K = 2, d = 2,
            features = new double[][] { [ln3, 0], [0, ln3], [ln3, 0], [0, ln3] }, labels = new[] { 0, 1, 0, 0 },
            validation_features = new double[][] { [ln3, 0], [0, ln3] }, validation_labels = new[] { 0, 1 },
            classifier = new double[][] { [1, 0], [0, 1] },
        });
        double Metric(string name) => result.Json.GetProperty("metrics").GetProperty(name).GetDouble();
        Assert.Equal(Math.Log(4.0 / 3), Metric("val_loss"), 12);
        Assert.Equal(4.0 / 3, Metric("perplexity"), 12);
        Assert.Equal(1, Metric("val_accuracy"));
        Assert.Equal((3 * Math.Log(4.0 / 3) + Math.Log(4)) / 4, Metric("train_loss"), 12);
        Assert.Equal(0.75, Metric("train_accuracy"));
    }

    [Fact]
    public async Task What_a_case_lacks_is_null()
    {
        var result = await Measure(new { K = 3, d = 2, features = new double[][] { [1, 0], [0, 1], [2, 1] }, labels = new[] { 0, 1, 1 } });
        var metrics = result.Json.GetProperty("metrics");
        foreach (var name in (string[])["selfdual_mean", "ncc_agreement", "ood_orthogonality", "val_loss", "train_loss"])
            Assert.Equal(JsonValueKind.Null, metrics.GetProperty(name).ValueKind);
        Assert.Equal(JsonValueKind.Number, metrics.GetProperty("norms_mean").ValueKind);
    }

    [Fact]
    public async Task Out_of_distribution_features_replace_the_validation_samples()
    {
        object Case(double[][]? other) => new
        {
            K = 2, d = 2, features = new double[][] { [1, 0], [0, 1] }, labels = new[] { 0, 1 },
            validation_features = new double[][] { [1, 1] }, validation_labels = new[] { 0 }, classifier = new double[][] { [1, 0], [0, 1] },
            ood_features = other ?? [[1, 1]],
        };
        double Value(Ncctl result) => result.Json.GetProperty("metrics").GetProperty("ood_orthogonality").GetDouble();
        Assert.Equal(Math.Sqrt(0.5), Value(await Measure(Case(null))), 12);
        Assert.Equal(0.5, Value(await Measure(Case([[2, 0], [4, 0]]))), 12);
    }

    [Theory]
    [InlineData("K", "0", "'K' must be a whole number above 0")]
    [InlineData("labels", "[0, 2]", "labels[1] is 2; a class id is a whole number from 0 to 1")]
    [InlineData("labels", "[0]", "'labels' must be an array of 2 class ids")]
    [InlineData("features", "[[1, 0], [0]]", "features[1] must be a row of d = 2 numbers")]
    [InlineData("features", "[[1, 0], [0, \"x\"]]", "features[1][1] is \"x\", which is no finite number")]
    [InlineData("classifier", "[[1, 0]]", "'classifier' must be an array of 2 rows of 2 numbers")]
    public async Task Broken_cases_are_refused_with_their_place(string key, string value, string message)
    {
        var node = JsonNode.Parse("""{"K": 2, "d": 2, "features": [[1, 0], [0, 1]], "labels": [0, 1]}""")!.AsObject();
        node[key] = JsonNode.Parse(value);
        var result = await Ncctl.RunAsync("measure", "--input", _folder.Write("case.json", node.ToJsonString()), "--json");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Equal("", result.Output);
    }

    private Task<Ncctl> Measure(object content) =>
        Ncctl.RunAsync("measure", "--input", _folder.Write("case.json", JsonSerializer.Serialize(content)), "--json");
}
