using System.Text.Json;
using NcService.Core.Statistics;

namespace NcService.Core.Tests.Statistics;

/// <summary>Every estimator beside scipy's, on the columns that Reference/scipy_cases.py made.</summary>
public sealed class ScipyCaseTests
{
    private const double Tolerance = 1e-9;

    public static TheoryData<string> Names => [.. Cases.Keys];

    private static Dictionary<string, JsonElement> Cases { get; } = JsonSerializer
        .Deserialize<JsonElement>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Statistics", "Reference", "scipy_cases.json")))
        .GetProperty("cases").EnumerateArray().ToDictionary(one => one.GetProperty("name").GetString()!);

    [Theory]
    [MemberData(nameof(Names))]
    public void Correlations_intervals_and_influence_agree(string name)
    {
        var (one, x, y) = Read(name);
        var result = Correlation.Compute(x, y);
        Close(one, "pearson", result.R);
        Close(one, "spearman", result.Spearman);
        Close(one, "kendall", result.Kendall);
        Close(one, "slope", result.Slope);
        Close(one, "intercept", result.Intercept);
        Close(one.GetProperty("fisher_interval"), result.FisherInterval95!.Value, Tolerance);
        var influence = Correlation.LeaveOneOut(x, y, HeldFixed.Nothing);
        var without = Array(one, "r_without");
        Assert.Equal(without.Length, influence.Count);
        Assert.All(influence, row => Assert.Equal(without[row.Row], row.RWithout!.Value, Tolerance));
        Assert.Equal(influence.Max(row => Math.Abs(row.Change!.Value)), Math.Abs(influence[0].Change!.Value));
        // scipy resamples with other numbers; both have a Monte-Carlo error.
        if (one.TryGetProperty("bca_interval", out var bca) && name != "outlier") Close(bca, result.Interval95!.Value, 0.03);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Mean_and_spread_agree(string name)
    {
        var (one, x, _) = Read(name);
        var spread = MeanAndSpread.Of(x.Values);
        Close(one, "mean", spread.Mean);
        Close(one, "std", spread.StandardDeviation);
        Close(one.GetProperty("mean_interval"), spread.MeanInterval95!.Value, Tolerance * Math.Max(1, spread.StandardDeviation!.Value));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Partial_correlation_and_regression_agree(string name)
    {
        var (one, x, y) = Read(name);
        if (!one.TryGetProperty("partial", out _)) return;
        Variable[] z = [.. one.GetProperty("z").EnumerateArray().Select((column, i) => new Variable($"z{i}", column.Deserialize<double[]>()!))];
        Close(one, "partial", Correlation.Partial(x, y, new HeldFixed { Covariates = z }).R);
        var model = Regression.Fit([x, .. z], y, HeldFixed.Nothing);
        Close(one, "r2", model.R2);
        Close(one, "r2_leave_one_out", model.LeaveOneOutR2, name == "outlier" ? 1e-5 : Tolerance);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Difference_of_means_agrees(string name)
    {
        var (one, _, y) = Read(name);
        var expected = one.GetProperty("difference");
        var first = expected.GetProperty("first").GetInt32();
        string[] groups = [.. Enumerable.Range(0, y.Values.Length).Select(i => i < first ? "a" : "b")];
        foreach (var (alternative, p) in new[] { (Alternative.Greater, "p_greater"), (Alternative.Less, "p_less") })
        {
            var result = DifferenceOfMeans.RunFamily(
                [y], groups, "a", "b", HeldFixed.Nothing, new PermutationTestOptions { Permutations = 400_000, Alternative = alternative })[0];
            Close(expected, "difference", result.Difference);
            Close(expected, "rank_biserial", result.RankBiserial);
            // Both enumerate all labellings up to n = 21; beyond that both sample.
            Assert.Equal(y.Values.Length <= 21, result.Test.Exact);
            Close(expected, p, result.Test.P, result.Test.Exact ? 1e-12 : 0.006);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Exact_permutation_tests_agree(string name)
    {
        var (one, x, y) = Read(name);
        if (!one.TryGetProperty("p_greater", out _)) return;
        var result = PermutationTest.Run(x.Values, y.Values, 1000, 0);
        Assert.True(result.Exact);
        Close(one, "p_greater", result.PGreater, 1e-12);
        Close(one, "p_less", result.PLess, 1e-12);
        // scipy's two-sided p is twice the smaller one-sided; ours counts |r*| ≥ |r|, and they agree where the distribution is symmetric only.
        Assert.InRange(result.PTwoSided!.Value, Math.Min(result.PGreater!.Value, result.PLess!.Value), 1);
    }

    private static (JsonElement Case, Variable X, Variable Y) Read(string name) =>
        (Cases[name], new Variable("x", Array(Cases[name], "x")), new Variable("y", Array(Cases[name], "y")));

    private static double[] Array(JsonElement one, string property) => one.GetProperty(property).Deserialize<double[]>()!;

    private static void Close(JsonElement one, string property, double? actual, double tolerance = Tolerance)
    {
        var expected = one.GetProperty(property).GetDouble();
        Assert.True(Math.Abs(expected - actual!.Value) <= tolerance * Math.Max(1, Math.Abs(expected)), $"{property}: scipy {expected:R}, here {actual:R}");
    }

    private static void Close(JsonElement ends, Interval actual, double tolerance)
    {
        Assert.Equal(ends[0].GetDouble(), actual.Lower, tolerance);
        Assert.Equal(ends[1].GetDouble(), actual.Upper, tolerance);
    }
}
