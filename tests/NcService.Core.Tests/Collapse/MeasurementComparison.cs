using NcService.Core.Collapse;

namespace NcService.Core.Tests.Collapse;

/// <summary>Compares measurements of the same statistics that were worked out twice.</summary>
internal static class MeasurementComparison
{
    /// <summary>
    /// The same values to rounding of the last steps (the linear algebra's sums depend on where in memory a matrix lies), the same reasons where undefined.
    /// </summary>
    public static void AssertSame(IReadOnlyList<Measurement> expected, IReadOnlyList<Measurement> actual, double tolerance = 1e-9)
    {
        Assert.Equal(expected.Select(entry => (entry.Name, entry.UndefinedReason)), actual.Select(entry => (entry.Name, entry.UndefinedReason)));
        foreach (var (one, other) in expected.Zip(actual).Where(pair => pair.First.Value is not null))
            Assert.True(Math.Abs(one.Value!.Value - other.Value!.Value) <= tolerance * (1e-3 + Math.Abs(one.Value.Value)), $"{one} and {other}");
    }
}
