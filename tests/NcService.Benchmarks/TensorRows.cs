using TorchSharp;

namespace NcService.Benchmarks;

/// <summary>The tensor engine against PyTorch in Python: what a call costs, and what a matrix product reaches.</summary>
internal static class TensorRows
{
    private const int Calls = 100_000;
    private const int Repeats = 20;
    private const int Size = 1024;

    private const string PeerName = "the same in Python's torch";

    /// <summary>Runs the rows by <paramref name="compare"/>: work, peer, script, its arguments, and our round.</summary>
    public static void Run(Action<string, string, string, string, Action> compare)
    {
        Additions(compare);
        Products(compare, torch.ScalarType.Float32);
        Products(compare, torch.ScalarType.BFloat16);
    }

    private static void Additions(Action<string, string, string, string, Action> compare)
    {
        using var left = torch.randn(8);
        using var right = torch.randn(8);
        compare($"add of two 8-element tensors, {Calls} times", PeerName, "tensor.py", $"add {Calls} 8", () =>
        {
            for (var i = 0; i < Calls; i++) left.add(right).Dispose();
        });
        compare("the same, in a dispose scope for each ten", PeerName, "tensor.py", $"add {Calls} 8", () =>
        {
            for (var i = 0; i < Calls / 10; i++)
            {
                using var scope = torch.NewDisposeScope();
                for (var j = 0; j < 10; j++) _ = left + right;
            }
        });
    }

    private static void Products(Action<string, string, string, string, Action> compare, torch.ScalarType type)
    {
        using var left = torch.randn(Size, Size, type);
        using var right = torch.randn(Size, Size, type);
        compare($"{Repeats} products of {Size}² matrices in {type}, {2e-9 * Repeats * Size * Size * Size:F1} GFLOP", PeerName, "tensor.py", $"product {Repeats} {Size} {type}", () =>
        {
            for (var i = 0; i < Repeats; i++) left.mm(right).Dispose();
        });
    }
}
