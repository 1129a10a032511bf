using System.Diagnostics;
using TorchSharp;

namespace NcService.Benchmarks;

/// <summary>What is measured: one round of our work, its size, the peer that does the same, and the matrix product that bounds both.</summary>
/// <param name="Title">What is done, with sizes.</param>
/// <param name="Round">One round of ours.</param>
internal sealed record Comparison(string Title, Action Round)
{
    private const int OuterSize = 2048;

    /// <summary>Rounds of ours.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>Whether a round goes before those that count; not where one takes minutes.</summary>
    public bool WarmUp { get; init; } = true;

    /// <summary>Things done in a round, and what they are called.</summary>
    public (double Count, string Name)? Items { get; init; }

    /// <summary>Floating-point operations of a round that a matrix product must do, and d, the length of its sums.</summary>
    public (double Operations, int Dimension)? Product { get; init; }

    /// <summary>Those who are compared with; none where nobody can do it.</summary>
    public IReadOnlyList<NamedPeer> Peers { get; init; } = [];

    /// <summary>Rounds of each peer, at most as many as ours.</summary>
    public int PeerRounds { get; init; } = 5;

    /// <summary>How many times a peer's round our round is: what a peer's time is multiplied by.</summary>
    public double PeerScale { get; init; } = 1;

    /// <summary>Measures and prints; returns our median in seconds.</summary>
    public double Run()
    {
        var peers = Peers.Select(named => (Named: named, Peer: Start(named), Rounds: new List<Round>())).ToList();
        try
        {
            var products = new List<double>();
            if (Product is not null) products.Add(ProductRate());
            using var memory = new MemoryWatch();
            if (WarmUp) Round();
            var ours = new List<double>();
            for (var i = 0; i < Rounds; i++)
            {
                ours.Add(Seconds(Round));
                if (i == 0) memory.Stop();
                if (Product is not null) products.Add(ProductRate());
                if (i >= PeerRounds) continue;
                foreach (var (_, peer, rounds) in peers)
                {
                    if (peer is not null) rounds.Add(peer.Run());
                }
            }
            var seconds = Median(ours);
            PrintOurs(seconds, memory.PeakBytes, products);
            foreach (var (named, _, rounds) in peers.Where(peer => peer.Rounds.Count > 0)) PrintPeer(named, rounds, seconds);
            return seconds;
        }
        finally
        {
            foreach (var (_, peer, _) in peers) peer?.Dispose();
        }
    }

    /// <summary>The middle one.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    /// <summary>How long something takes.</summary>
    public static double Seconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private Peer? Start(NamedPeer named)
    {
        var peer = Peer.TryStart(named, out var reason);
        if (peer is null) Console.WriteLine($"{Title}: no peer ({reason}); it needs the Debian packages python3-torch and python3-scipy");
        return peer;
    }

    private void PrintOurs(double seconds, long peakBytes, List<double> products)
    {
        var rate = Items is { } items ? $", {items.Count / seconds:N0} {items.Name}/s" : "";
        Console.WriteLine($"{Title}: {seconds:G3} s{rate}, peak {peakBytes / 1e6:N0} MB");
        if (Product is not { } product) return;
        var (reached, limit) = (product.Operations / seconds / 1e9, Median(products));
        Console.WriteLine($"    limit: float32 product of {OuterSize} × {product.Dimension} × {OuterSize} at {limit:F0} GFLOP/s; this is {reached:F0} GFLOP/s, {reached / limit:P0}");
    }

    private void PrintPeer(NamedPeer named, List<Round> rounds, double seconds)
    {
        var peerSeconds = Median(rounds.Select(round => round.Seconds)) * PeerScale;
        var extrapolated = PeerScale == 1 ? "" : $" (measured over 1/{PeerScale:G4} of the work: {named.Arguments})";
        Console.WriteLine($"    {named.Name}: {peerSeconds:G3} s{extrapolated}, peak {rounds.Max(round => round.PeakBytes) / 1e6:N0} MB; {peerSeconds / seconds:N2} x");
    }

    private double ProductRate()
    {
        var dimension = Product!.Value.Dimension;
        using var left = torch.randn(OuterSize, dimension);
        using var right = torch.randn(OuterSize, dimension);
        using var transposed = right.t();
        left.mm(transposed).Dispose();
        return 2.0 * OuterSize * OuterSize * dimension / Seconds(() => left.mm(transposed).Dispose()) / 1e9;
    }
}
