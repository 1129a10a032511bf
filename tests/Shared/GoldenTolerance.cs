namespace NcService.Tests;

/// <summary>How far a measurement of a golden case may be off: the table of golden/README.md.</summary>
internal static class GoldenTolerance
{
    /// <summary>The tolerance, relative to the expected value or absolute.</summary>
    public static (double Tolerance, bool Absolute) Of(string caseName, string metric, bool float64) => metric switch
    {
        "ncc_agreement" or "ncc_agreement_seen" or "linear_accuracy" or "ncc_accuracy" => (0, true),
        "vci" => (float64 ? 1e-10 : 5e-4, true),
        "nc1_pinv" or "etf_error" or "duality_error" => (float64 ? 1e-9 : 2e-4, false),
        "selfdual_std" or "selfdual_cov" when caseName == "near_collapse_etf" => (float64 ? 1e-7 : 0.1, false),
        _ when metric.EndsWith("_std", StringComparison.Ordinal) || metric.EndsWith("_cov", StringComparison.Ordinal) => (float64 ? 1e-9 : 5e-4, false),
        _ => (float64 ? 1e-10 : 1e-5, false),
    };

    /// <summary>Fails with the measurement, both values and the tolerance named.</summary>
    public static void AssertClose(string caseName, string metric, double expected, double? actual, bool float64)
    {
        Assert.True(actual is not null, $"{caseName}: {metric} is undefined, expected {expected}");
        var (tolerance, absolute) = Of(caseName, metric, float64);
        var difference = Math.Abs(actual.Value - expected) / (absolute ? 1 : Math.Abs(expected));
        Assert.True(difference <= tolerance, $"{caseName} in {(float64 ? "float64" : "float32")}: {metric} is {actual:R}, expected {expected:R}; off by {difference:E2}, allowed {tolerance:E0}");
    }
}
