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
    public static void AssertClose(string caseName, string metric, double expected, double? actual, FeaturePrecision precision) =>
        GoldenTolerance.AssertClose(caseName, metric, expected, actual, precision == FeaturePrecision.Float64);
}
