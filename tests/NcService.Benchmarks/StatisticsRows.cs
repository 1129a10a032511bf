using NcService.Core.Statistics;

namespace NcService.Benchmarks;

/// <summary>Permutation tests of several measurements at once.</summary>
internal static class StatisticsRows
{
    private const int Seeds = 21;
    private const int Tested = 7;
    private const int Permutations = 1_000_000;

    public static IReadOnlyList<BenchmarkRow> All =>
    [
        new("statistics permutation each", () => PermutationTests("each", "a call for each measurement")),
        new("statistics permutation together", () => PermutationTests("together", "one call, the largest of all measurements only")),
    ];

    private static void PermutationTests(string form, string words)
    {
        var random = new Random(0);
        var loss = new Variable("val_loss", Column());
        Variable[] measurements = [.. Enumerable.Range(0, Tested).Select(m => new Variable($"x{m}", [.. Column().Zip(loss.Values, (noise, value) => noise + value)]))];
        var test = new PermutationTestOptions { Permutations = Permutations, MaximumThreads = 2 };
        new Comparison($"permutation tests of {Tested} measurements, n = {Seeds}, B = {Permutations:N0}, 2 threads",
            () => PermutationTest.RunFamily(measurements, loss, HeldFixed.Nothing, test))
        {
            Peers = [new($"scipy.stats.permutation_test, vectorised, {words}", "permutation.py", $"{Seeds} {Tested} {Permutations} {form}")],
            Items = (Permutations, "permutations"),
        }.Run();

        double[] Column() => [.. Enumerable.Range(0, Seeds).Select(_ => random.NextDouble())];
    }
}
