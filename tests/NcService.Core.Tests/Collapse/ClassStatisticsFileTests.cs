using NcService.Core.Collapse;
using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

public sealed class ClassStatisticsFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ncservice-statistics-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Saved_statistics_measure_the_same_without_the_samples()
    {
        var (features, labels) = Samples.Random(8, 5, 3, 40);
        using var statistics = Samples.Statistics(features, labels, 5, 3, FeaturePrecision.Float32);
        var path = Path.Combine(folder, "a.safetensors");
        statistics.Save(path);
        using var loaded = ClassStatistics.Load(path);
        Assert.Equal(statistics.CountValues, loaded.CountValues);
        Assert.Equal(FeaturePrecision.Float32, loaded.Precision);
        Assert.Equal(CollapseMeasurements.Measure(statistics, null), CollapseMeasurements.Measure(loaded, null));
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void Saved_shards_merge_into_the_whole()
    {
        var (features, labels) = Samples.Random(9, 6, 4, 50);
        using var whole = Samples.Statistics(features, labels, 6, 4);
        using var accumulator = new ClassStatisticsAccumulator(6, 4);
        foreach (var (start, end) in new[] { (0, 17), (17, 50) })
        {
            using var shard = Samples.Statistics(features[(start * 4)..(end * 4)], labels[start..end], 6, 4);
            var path = Path.Combine(folder, $"{start}.safetensors");
            shard.Save(path);
            using var loaded = ClassStatistics.Load(path);
            accumulator.Merge(loaded);
        }
        using var merged = accumulator.Finish();
        foreach (var (expected, actual) in CollapseMeasurements.Measure(whole, null).Zip(CollapseMeasurements.Measure(merged, null)))
        {
            Assert.Equal(expected.Value.HasValue, actual.Value.HasValue);
            if (expected.Value is { } value) Assert.Equal(value, actual.Value!.Value, 1e-10 * (1 + Math.Abs(value)));
        }
    }

    [Fact]
    public void The_classes_of_the_scatter_matrix_are_kept()
    {
        using var accumulator = new ClassStatisticsAccumulator(3, 2, covarianceClasses: [true, false, true]);
        using var statistics = accumulator.Finish();
        var path = Path.Combine(folder, "b.safetensors");
        statistics.Save(path);
        using var loaded = ClassStatistics.Load(path);
        Assert.Equal([true, false, true], loaded.CovarianceClasses!);
    }

    [Fact]
    public void A_file_of_something_else_or_with_wrong_parts_is_refused()
    {
        var metadata = new Dictionary<string, string> { ["format"] = "ncservice-class-statistics", ["version"] = "1", ["precision"] = "Float32" };
        using var counts = tensor([1L, 2L]);
        using var negative = tensor([1L, -2L]);
        using var means = ones(2, 3, dtype: ScalarType.Float64);
        using var within = ones(2, dtype: ScalarType.Float64);
        using var covariance = ones(3, 3, dtype: ScalarType.Float64);
        using var small = ones(2, 2, dtype: ScalarType.Float64);
        using var broken = tensor([1, 2, double.NaN, 4, 5, 6], [2, 3]);

        string Refusal(Tensor c, Tensor m, Tensor s, Dictionary<string, string> about)
        {
            var path = Path.Combine(folder, "c.safetensors");
            SafeTensors.Write(path, [new("counts", c), new("means", m), new("within_sums", within), new("within_covariance_sum", s)], about);
            return Assert.Throws<InputException>(() => ClassStatistics.Load(path).Dispose()).Message;
        }
        Assert.Contains("no file of class statistics", Refusal(counts, means, covariance, new() { ["format"] = "pt" }));
        Assert.Contains("no precision", Refusal(counts, means, covariance, new(metadata) { ["precision"] = "7" }));
        Assert.Contains("within_covariance_sum must be Float64 [3, 3], not Float64 [2, 2]", Refusal(counts, means, small, metadata));
        Assert.Contains("count is negative", Refusal(negative, means, covariance, metadata));
        Assert.Contains("row 0, column 2", Refusal(counts, broken, covariance, metadata));
    }
}
