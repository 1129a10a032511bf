using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace NcService.Cli.Tests;

public sealed class MeasureVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var name in (string[])["balanced", "zipf_missing_and_single", "more_classes_than_dimensions", "near_collapse_etf", "off_centre_small_norms"])
            {
                cases.Add(name, "float64");
                cases.Add(name, "float32");
            }
            return cases;
        }
    }

    public void Dispose() => _folder.Dispose();

    [SharedTheory]
    [MemberData(nameof(Cases))]
    public async Task Golden_cases_come_out_within_their_tolerances_and_again_from_their_saved_statistics(string name, string precision)
    {
        var path = SharedData.Path($"golden/collapse/{name}.json");
        var statistics = _folder.File("statistics.safetensors");
        var result = await Ncctl.RunAsync("measure", "--input", path, "--precision", precision, "--output", statistics, "--json");
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        var metrics = result.Json.GetProperty("metrics");
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        foreach (var expected in document.RootElement.GetProperty("expected").GetProperty("metrics").EnumerateObject())
            GoldenTolerance.AssertClose(name, expected.Name, expected.Value.GetDouble(), metrics.GetProperty(expected.Name).GetDouble(), precision == "float64");

        var again = await Ncctl.RunAsync("measure", "--statistics", statistics, "--json");
        foreach (var metric in metrics.EnumerateObject().Where(metric => metric.Value.ValueKind == JsonValueKind.Number))
            Assert.Equal(metric.Value.GetDouble(), again.Json.GetProperty("metrics").GetProperty(metric.Name).GetDouble(), 1e-12 * (1 + Math.Abs(metric.Value.GetDouble())));
        Assert.Equal(result.Json.GetProperty("undefined").GetRawText(), again.Json.GetProperty("undefined").GetRawText());
        Assert.Equal(result.Json.GetProperty("validation_counts").GetRawText(), again.Json.GetProperty("validation_counts").GetRawText());
    }

    [Fact]
    public async Task Arrays_of_numpy_and_safetensors_are_measured_as_the_same_numbers_in_json()
    {
        var arrays = await Ncctl.RunAsync(
            "measure", "--features", Npy("f.npy", "<f8", "(4, 2)", 1.0, 0, 0, 1, 2, 1, 0, 3), "--labels", Npy("l.npy", "<i8", "(4,)", 0L, 1, 0, 1),
            "--classifier", Npy("c.npy", "<f8", "(2, 2)", 1.0, 0, 0, 1), "--validation-features", Npy("v.npy", "<f8", "(1, 2)", 1.0, 2),
            "--validation-labels", Npy("w.npy", "<i8", "(1,)", 1L), "--json");
        var json = await Measure(new
        {
            K = 2,
            d = 2,
            N = 4,
            features = new double[][] { [1, 0], [0, 1], [2, 1], [0, 3] },
            labels = new[] { 0, 1, 0, 1 },
            classifier = new double[][] { [1, 0], [0, 1] },
            validation_features = new double[][] { [1, 2] },
            validation_labels = new[] { 1 },
        });
        Assert.Equal(0, arrays.ExitCode);
        foreach (var metric in json.Json.GetProperty("metrics").EnumerateObject())
        {
            var array = arrays.Json.GetProperty("metrics").GetProperty(metric.Name);
            Assert.Equal(metric.Value.ValueKind, array.ValueKind);
            if (array.ValueKind == JsonValueKind.Number) Assert.Equal(metric.Value.GetDouble(), array.GetDouble(), 12);
        }
        Assert.Equal(1, arrays.Json.GetProperty("validation_counts").GetProperty("samples").GetInt64());
    }

    [Fact]
    public async Task Options_change_what_they_name()
    {
        var content = new { K = 3, d = 2, N = 5, features = new double[][] { [1, 0], [3, 1], [0, 1], [-2, 4], [5, 5] }, labels = new[] { 0, 0, 1, 1, 2 } };
        async Task<JsonElement> Metrics(params string[] options) => (await Measure(content, options)).Json.GetProperty("metrics");
        var (plain, unbiased) = (await Metrics("--min-samples", "2"), await Metrics("--min-samples", "2", "--unbiased"));
        // Both classes have two samples: 1/(n − 1) doubles both variances.
        Assert.Equal(2 * plain.GetProperty("cdnv").GetDouble(), unbiased.GetProperty("cdnv").GetDouble(), 12);
        Assert.NotEqual(plain.GetProperty("norms_mean").GetDouble(), (await Metrics()).GetProperty("norms_mean").GetDouble());
        var riesz = await Metrics("--min-samples", "2", "--riesz-exponent", "3");
        // Two centred means are opposite: their distance on the sphere is 2.
        Assert.Equal(0.125, riesz.GetProperty("riesz_mean").GetDouble(), 12);
    }

    [Fact]
    public async Task One_source_must_be_given_and_parts_must_fit()
    {
        Assert.Contains("one of --input, --features, --statistics must be given", (await Ncctl.RunAsync("measure")).Error, StringComparison.Ordinal);
        var result = await Ncctl.RunAsync("measure", "--features", Npy("f.npy", "<f8", "(2, 2)", 1.0, 0, 0, 1), "--labels", Npy("l.npy", "<i8", "(3,)", 0L, 1, 0), "--json");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("labels must be [2], one class id for each row of features, not [3]", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Losses_and_accuracies_of_a_worked_case_are_right()
    {
        // Scores are the features themselves: (ln 3, 0) gives p = (3/4, 1/4).
        var ln3 = Math.Log(3);
        var result = await Measure(new
        {
            K = 2,
            d = 2,
            N = 4,
            features = new double[][] { [ln3, 0], [0, ln3], [ln3, 0], [0, ln3] },
            labels = new[] { 0, 1, 0, 0 },
            validation_features = new double[][] { [ln3, 0], [0, ln3] },
            validation_labels = new[] { 0, 1 },
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
        var result = await Measure(new { K = 3, d = 2, N = 3, features = new double[][] { [1, 0], [0, 1], [2, 1] }, labels = new[] { 0, 1, 1 } });
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
            K = 2,
            d = 2,
            N = 2,
            features = new double[][] { [1, 0], [0, 1] },
            labels = new[] { 0, 1 },
            validation_features = new double[][] { [1, 1] },
            validation_labels = new[] { 0 },
            classifier = new double[][] { [1, 0], [0, 1] },
            ood_features = other ?? [[1, 1]],
        };
        double Value(Ncctl result) => result.Json.GetProperty("metrics").GetProperty("ood_orthogonality").GetDouble();
        Assert.Equal(Math.Sqrt(0.5), Value(await Measure(Case(null))), 12);
        Assert.Equal(0.5, Value(await Measure(Case([[2, 0], [4, 0]]))), 12);
    }

    [Theory]
    [InlineData("K", "0", "\"K\" must be a positive integer, not 0")]
    [InlineData("labels", "[0, 2]", "Sample 1 has label 2; labels must be 0 to 1")]
    [InlineData("labels", "[0]", "\"labels\" must have N = 2 entries, not 1")]
    [InlineData("features", "[[1, 0], [0]]", "\"features\"[1] must have d = 2 numbers, not 1")]
    [InlineData("features", "[[1, 0], [0, \"x\"]]", "\"features\"[1][1] must be a finite number, not the text")]
    [InlineData("classifier", "[[1, 0]]", "\"classifier\" must have K = 2 rows, not 1")]
    public async Task Broken_cases_are_refused_with_their_place(string key, string value, string message)
    {
        var node = JsonNode.Parse("""{"K": 2, "d": 2, "N": 2, "features": [[1, 0], [0, 1]], "labels": [0, 1]}""")!.AsObject();
        node[key] = JsonNode.Parse(value);
        var result = await Ncctl.RunAsync("measure", "--input", _folder.Write("case.json", node.ToJsonString()), "--json");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Equal("", result.Output);
    }

    private Task<Ncctl> Measure(object content, params string[] options) =>
        Ncctl.RunAsync(["measure", "--input", _folder.Write("case.json", JsonSerializer.Serialize(content)), "--json", .. options]);

    private string Npy<T>(string name, string description, string shape, params T[] values)
        where T : unmanaged
    {
        var header = $"{{'descr': '{description}', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n";
        File.WriteAllBytes(_folder.File(name), [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header), .. MemoryMarshal.AsBytes<T>(values)]);
        return _folder.File(name);
    }
}
