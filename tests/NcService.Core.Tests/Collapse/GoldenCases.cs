using System.Text.Json;
using NcService.Core.Collapse;

namespace NcService.Core.Tests.Collapse;

/// <summary>The golden cases with their expected values and the tolerances that golden/README.md states.</summary>
internal static class GoldenCases
{
    public static readonly string[] Names =
        ["balanced", "zipf_missing_and_single", "more_classes_than_dimensions", "near_collapse_etf", "off_centre_small_norms"];

    public static IEnumerable<object[]> NamesAndPrecisions() =>
        from name in Names from precision in Enum.GetValues<FeaturePrecision>() select new object[] { name, precision };

    public static string Path(string name) => SharedData.Path($"golden/collapse/{name}.json");

    public static CollapseCase Read(string name) => CollapseCase.Read(Path(name));

    /// <summary>A part of <c>expected</c>: metrics or paper.</summary>
    public static JsonElement Expected(string name, string part)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path(name)));
        return document.RootElement.GetProperty("expected").GetProperty(part).Clone();
    }

    public static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(entry => entry.GetDouble())];

    public static double[][] Rows(JsonElement array) => [.. array.EnumerateArray().Select(Doubles)];

    public static long[] Longs(JsonElement array) => [.. array.EnumerateArray().Select(entry => entry.GetInt64())];

    /// <summary>Fails with the measurement, both values and the tolerance named.</summary>
    public static void AssertClose(string caseName, string metric, double expected, double? actual, FeaturePrecision precision)
    {
        Assert.True(actual is not null, $"{caseName}: {metric} is undefined, expected {expected}");
        var float64 = precision == FeaturePrecision.Float64;
        var (tolerance, absolute) = Tolerance(caseName, metric, float64);
        var difference = Math.Abs(actual.Value - expected) / (absolute ? 1 : Math.Abs(expected));
        Assert.True(difference <= tolerance, $"{caseName} in {precision}: {metric} is {actual:R}, expected {expected:R}; off by {difference:E2}, allowed {tolerance:E0}");
    }

    private static (double Tolerance, bool Absolute) Tolerance(string caseName, string metric, bool float64) => metric switch
    {
        "ncc_agreement" or "ncc_agreement_seen" or "linear_accuracy" or "ncc_accuracy" => (0, true),
        "vci" => (float64 ? 1e-10 : 5e-4, true),
        "nc1_pinv" or "etf_error" or "duality_error" => (float64 ? 1e-9 : 2e-4, false),
        "selfdual_std" or "selfdual_cov" when caseName == "near_collapse_etf" => (float64 ? 1e-7 : 0.1, false),
        _ when metric.EndsWith("_std", StringComparison.Ordinal) || metric.EndsWith("_cov", StringComparison.Ordinal) => (float64 ? 1e-9 : 5e-4, false),
        _ => (float64 ? 1e-10 : 1e-5, false),
    };
}
