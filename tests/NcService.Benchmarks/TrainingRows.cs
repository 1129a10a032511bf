using System.Diagnostics;
using NcService.Core.Models;
using NcService.Core.Models.Kernels;
using NcService.Core.Training;
using TorchSharp;

namespace NcService.Benchmarks;

/// <summary>
/// Training against Hugging Face's operators in PyTorch (bf16 autocast, logits of the whole batch), with malloc as shipped and with its thresholds raised:
/// three processes whose steps alternate.
/// </summary>
internal static class TrainingRows
{
    private const int Context = 512, Vocabulary = 50_257, Rounds = 5;

    private static readonly (int Depth, int Width, int Batch, double Goal)[] Rows = [(1, 64, 8, 9), (2, 128, 8, 7), (2, 256, 8, 5), (4, 256, 8, 4), (2, 768, 2, 3)];

    private static readonly Dictionary<string, string?> TunedMalloc = new()
    {
        ["MALLOC_TRIM_THRESHOLD_"] = "100000000000",
        ["MALLOC_MMAP_THRESHOLD_"] = "100000000000",
        ["MALLOC_TOP_PAD_"] = "67108864",
    };

    /// <summary>The rows.</summary>
    public static IReadOnlyList<BenchmarkRow> All =>
        [.. Rows.Select(row => new BenchmarkRow($"training {row.Depth}x{row.Width}", () => Run(row.Depth, row.Width, row.Batch, row.Goal), Long: true))];

    private static void Run(int depth, int width, int batch, double goal)
    {
        Console.WriteLine($"limit: GEMM 1024³ bf16 {GemmRate(torch.ScalarType.BFloat16):F0}, fp32 {GemmRate(torch.ScalarType.Float32):F0} GFLOP/s");
        var arguments = $"{depth} {width} {batch} {Context} {Vocabulary}";
        using var ours = Peer.Ourselves(TrainingServer.Argument, arguments);
        using var shipped = Peer.TryStart("train.py", arguments, out var reason);
        using var tuned = Peer.TryStart("train.py", arguments, out _, TunedMalloc);
        if (shipped is null || tuned is null) Console.WriteLine($"training: no peer ({reason}); it needs the Debian package python3-torch");
        Peer?[] sides = [ours, shipped, tuned];
        var rounds = sides.Select(_ => new List<Round>()).ToArray();
        // The first round of each warms up.
        for (var round = 0; round <= Rounds; round++)
        {
            for (var side = 0; side < sides.Length; side++)
            {
                if (sides[side]?.Run() is { } result && round > 0) rounds[side].Add(result);
            }
        }

        var tokens = batch * Context;
        var seconds = Median(rounds[0]);
        var operations = 3 * (2.0 * (12.0 * depth * width * width + (double)Vocabulary * width) + 4.0 * depth * Context * width);
        var plan = MemoryPlan.Of(
            GptNeoConfiguration.Create(width, depth, Vocabulary, Context), new TrainingOptions { BatchSize = batch, Precision = Precision.BFloat16 }, Context, CpuProducts.BFloat16IsFaster);
        Console.WriteLine(
            $"training {depth} x {width}, batch {batch}: {tokens / seconds:F0} tokens/s, {operations * tokens / seconds / 1e9:F0} GFLOP/s, peak {Peak(rounds[0]):F2} GB (planned {plan.Total / 1e9:F2})");
        if (shipped is null || tuned is null) return;
        Console.WriteLine(
            $"    peer {tokens / Median(rounds[1]):F0} tokens/s, peak {Peak(rounds[1]):F2} GB: {Median(rounds[1]) / seconds:F1} x (goal {goal} x), memory 1/{Peak(rounds[1]) / Peak(rounds[0]):F1}; "
            + $"with malloc tuned {tokens / Median(rounds[2]):F0} tokens/s, peak {Peak(rounds[2]):F2} GB: {Median(rounds[2]) / seconds:F1} x");
    }

    private static double Median(List<Round> rounds) => rounds.Select(round => round.Seconds).Order().ElementAt(rounds.Count / 2);

    private static double Peak(List<Round> rounds) => rounds.Max(round => round.PeakBytes) / 1e9;

    private static double GemmRate(torch.ScalarType type)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var (a, product) = (torch.randn(1024, 1024).to(type), torch.zeros(1024, 1024, dtype: type));
        var seconds = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            var start = Stopwatch.GetTimestamp();
            product.addmm_(a, a, beta: 0, alpha: 1);
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return 2 * Math.Pow(1024, 3) / seconds.Order().ElementAt(10) / 1e9;
    }
}
