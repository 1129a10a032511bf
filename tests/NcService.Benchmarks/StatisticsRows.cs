using NcService.Core.Statistics;

namespace NcService.Benchmarks;

/// <summary>Correlation and permutation tests.</summary>
internal static class StatisticsRows
{
    public static IReadOnlyList<BenchmarkRow> All => [new("statistics permutation", Permutation)];

    private static void Permutation()
    {
        const int samples = 21, permutations = 1_000_000;
        var random = new Random(0);
        var x = Enumerable.Range(0, samples).Select(_ => random.NextDouble()).ToArray();
        var y = Array.ConvertAll(x, value => value + random.NextDouble());
        new Comparison($"permutation test, n = {samples}, B = {permutations:N0}", () => PermutationTest.Run(x, y, permutations, 0))
        {
            Peer = ("scipy.stats.permutation_test", "permutation.py", $"{samples} {permutations}"),
            Items = (permutations, "permutations"),
        }.Run();
    }
}
