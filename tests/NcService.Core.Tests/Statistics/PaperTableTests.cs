using System.Text.Json;
using NcService.Core.Statistics;

namespace NcService.Core.Tests.Statistics;

/// <summary>The correlations and permutation tests of the study's two published tables, to the tolerances stated with the golden numbers.</summary>
public sealed class PaperTableTests
{
    private const string Seeds20 = "02x0768_01d[0-9][0-9]@0";

    private const double Tolerance = 1e-9;

    public static TheoryData<string> Files => ["lc-2024_05_18.csv", "lc-2024_10_24.csv"];

    [SharedTheory]
    [MemberData(nameof(Files))]
    public void Correlations_over_20_seeds_are_reproduced(string file) => CheckCorrelations(file, "seeds_20", [Seeds20], 20);

    [SharedTheory]
    [MemberData(nameof(Files))]
    public void Correlations_over_21_models_are_reproduced(string file) =>
        CheckCorrelations(file, "seeds_21", [Seeds20, "02x0768_01d@0"], 21);

    [SharedTheory]
    [MemberData(nameof(Files))]
    public void Correlations_over_all_230_models_are_reproduced(string file) => CheckCorrelations(file, "grid_230", [], 230);

    [SharedTheory]
    [MemberData(nameof(Files))]
    public void Permutation_tests_over_20_seeds_are_reproduced(string file) => CheckPermutationTests(file, "seeds_20", [Seeds20]);

    [SharedTheory]
    [MemberData(nameof(Files))]
    public void Permutation_tests_over_21_models_are_reproduced(string file) => CheckPermutationTests(file, "seeds_21", ["02x0768_01d*@0"]);

    [SharedTheory]
    [MemberData(nameof(Files))]
    public void One_family_of_tests_over_21_models_agrees_with_the_tests_one_by_one(string file)
    {
        const long permutations = 200_000;
        var table = DataTable.ReadCsv(SharedData.Path($"golden/paper/{file}")).WhereMatches(["02x0768_01d*@0"]);
        var golden = Golden("seeds_21", file);
        var results = PermutationTest.RunFamily(
            [.. golden.Select(one => new Variable(one.Name, table.Evaluate(Expression(one.Name, table))))], new Variable("val_loss", table.Evaluate("val_loss")),
            HeldFixed.Nothing, new PermutationTestOptions { Permutations = permutations });
        foreach (var ((name, expected), result) in golden.Zip(results))
        {
            WithinMonteCarloError(expected.GetProperty("p_two_sided").GetDouble(), result.PTwoSided, permutations, name);
            WithinMonteCarloError(expected.GetProperty("p_one_sided").GetDouble(), result.POneSided, permutations, name);
            Assert.True(result.PWestfallYoung >= result.PTwoSided);
        }
    }

    [SharedTheory]
    [MemberData(nameof(Files))]
    public void The_whole_grid_is_tested_at_once_with_scale_held_fixed(string file)
    {
        var table = DataTable.ReadCsv(SharedData.Path($"golden/paper/{file}"));
        var (distinct, repeats) = table.WithoutRepeats();
        Assert.Empty(repeats);
        var result = PermutationTest.RunFamily(
            [new Variable("agreement", distinct.Evaluate(Expression("agreement", table)))], new Variable("val_loss", distinct.Evaluate("val_loss")),
            new HeldFixed { Strata = [.. table.RowNames.Select(name => name[..7])] }, new PermutationTestOptions { Permutations = 9_999 })[0];
        Assert.Equal((230, 30), (result.Count, result.StrataCount));
        // Within an architecture longer training brings both the loss down and the agreement up.
        Assert.InRange(result.R!.Value, -1, -0.8);
        Assert.Equal(1e-4, result.PTwoSided!.Value, 12);
    }

    private static void CheckCorrelations(string file, string group, string[] rows, int count)
    {
        var table = DataTable.ReadCsv(SharedData.Path($"golden/paper/{file}")).WhereMatches(rows);
        Assert.Equal(count, table.RowCount);
        var loss = table.Evaluate("val_loss");
        foreach (var (name, expected) in Golden(group, file))
        {
            var expression = Expression(name, table);
            var result = Correlation.Compute(table.Evaluate(expression), loss);
            Assert.Null(result.UndefinedReason);
            Assert.Equal(count, result.Count);
            Close(expected.GetProperty("r").GetDouble(), result.R, name);
            Close(expected.GetProperty("R2").GetDouble(), result.R2, name);
            Close(expected.GetProperty("spearman").GetDouble(), result.Spearman, name);
            Assert.InRange(result.R!.Value, result.Interval95!.Value.Lower, result.Interval95.Value.Upper);
            if (expected.TryGetProperty("R2_log_measurement", out var logMeasurement))
            {
                var logarithm = table.Evaluate($"log(abs({expression}))");
                Close(logMeasurement.GetDouble(), Correlation.Compute(logarithm, loss).R2, name);
                var logLog = Correlation.Compute(logarithm, table.Evaluate("log(val_loss)")).R2;
                Close(expected.GetProperty("R2_log_log").GetDouble(), logLog, name);
            }
        }
    }

    private static void CheckPermutationTests(string file, string group, string[] rows)
    {
        const long permutations = 200_000;
        var table = DataTable.ReadCsv(SharedData.Path($"golden/paper/{file}")).WhereMatches(rows);
        var loss = table.Evaluate("val_loss");
        foreach (var (name, expected) in Golden(group, file))
        {
            var result = PermutationTest.Run(table.Evaluate(Expression(name, table)), loss, permutations, seed: 1);
            Assert.Equal(permutations, result.Permutations);
            Assert.False(result.Exact);
            Close(expected.GetProperty("r").GetDouble(), result.R, name);
            WithinMonteCarloError(expected.GetProperty("p_two_sided").GetDouble(), result.PTwoSided, permutations, name);
            WithinMonteCarloError(expected.GetProperty("p_one_sided").GetDouble(), result.POneSided, permutations, name);
        }
    }

    private static (string Name, JsonElement Expected)[] Golden(string group, string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedData.Path("golden/paper/table1.json")));
        var measurements = document.RootElement.GetProperty(group).GetProperty(file).EnumerateObject()
            .Select(property => (property.Name, property.Value.Clone())).ToArray();
        Assert.True(measurements.Length >= 17);
        return measurements;
    }

    /// <summary>The arithmetic over the file's columns that gives a measurement: May has standard deviations, October variances.</summary>
    private static string Expression(string measurement, DataTable table)
    {
        if (table.Columns.Contains(measurement)) return measurement;
        if (measurement == "agreement") return table.Columns.Contains("hits") ? "hits/(hits+misses)" : "matches/(matches+misses)";
        var stem = measurement[..measurement.LastIndexOf('_')];
        var deviation = table.Columns.Contains(stem + "_std") ? stem + "_std" : $"sqrt({stem}_var)";
        return measurement.EndsWith("_cov", StringComparison.Ordinal) ? $"{deviation}/{stem}_mean" : deviation;
    }

    private static void Close(double expected, double? actual, string name) =>
        Assert.True(Math.Abs(expected - actual!.Value) <= Tolerance, $"{name}: expected {expected:R}, got {actual:R}");

    private static void WithinMonteCarloError(double expected, double? actual, long permutations, string name)
    {
        var allowed = 4 * Math.Sqrt(expected * (1 - expected) * (1.0 / permutations + 1e-7)) + 1.0 / permutations;
        Assert.True(Math.Abs(expected - actual!.Value) <= allowed, $"{name}: expected {expected} ± {allowed}, got {actual}");
    }
}
