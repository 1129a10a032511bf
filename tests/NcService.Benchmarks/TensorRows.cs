using TorchSharp;

namespace NcService.Benchmarks;

/// <summary>The tensor engine against PyTorch in Python: what a call costs, and what a matrix product reaches.</summary>
internal static class TensorRows
{
    private const int Calls = 100_000;
    private const int Repeats = 20;
    private const int Size = 1024;

    private const string PeerName = "the same in Python's torch";

    public static IReadOnlyList<BenchmarkRow> All =>
    [
        new("tensor add", Addition),
        new("tensor add scope", AdditionInScopes),
        new("tensor product float32", () => Product(torch.ScalarType.Float32)),
        new("tensor product bfloat16", () => Product(torch.ScalarType.BFloat16)),
    ];

    private static void Addition()
    {
        using var left = torch.randn(8);
        using var right = torch.randn(8);
        RunAdditions("add of two 8-element tensors", () =>
        {
            for (var i = 0; i < Calls; i++) left.add(right).Dispose();
        });
    }

    private static void AdditionInScopes()
    {
        using var left = torch.randn(8);
        using var right = torch.randn(8);
        RunAdditions("add of two 8-element tensors, a dispose scope for each ten", () =>
        {
            for (var i = 0; i < Calls / 10; i++)
            {
                using var scope = torch.NewDisposeScope();
                for (var j = 0; j < 10; j++) _ = left + right;
            }
        });
    }

    private static void RunAdditions(string title, Action round) => new Comparison(title, round)
    {
        Peers = [new(PeerName, "tensor.py", $"add {Calls} 8")],
        Items = (Calls, "additions"),
    }.Run();

    private static void Product(torch.ScalarType type)
    {
        using var left = torch.randn(Size, Size, type);
        using var right = torch.randn(Size, Size, type);
        new Comparison($"{Repeats} products of {Size}² matrices in {type}", () =>
        {
            for (var i = 0; i < Repeats; i++) left.mm(right).Dispose();
        })
        {
            Peers = NamedPeer.BothWays(PeerName, "tensor.py", $"product {Repeats} {Size} {type}"),
            Rounds = 15,
            PeerRounds = 15,
            Items = (2e-9 * Repeats * Size * Size * Size, "GFLOP"),
        }.Run();
    }
}
