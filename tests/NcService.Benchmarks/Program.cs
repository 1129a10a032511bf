// Measures against named peers: ours and the peer's rounds alternate in the same run, and medians are compared.
using System.Diagnostics;
using NcService.Benchmarks;
using NcService.Core.Collapse;
using NcService.Core.Statistics;
using TorchSharp;

const int Rounds = 5;
torch.set_num_threads(Environment.ProcessorCount);
Console.WriteLine($"{Environment.ProcessorCount} threads, {Rounds} rounds each, medians");
Console.WriteLine($"limit: fp32 GEMM {GemmRate():F0} GFLOP/s (1024³)");

TensorRows.Run(Compare);

var random = new Random(0);
var x = Enumerable.Range(0, 21).Select(_ => random.NextDouble()).ToArray();
var y = Array.ConvertAll(x, value => value + random.NextDouble());
Compare("permutation test, n = 21, B = 10^6", "scipy.stats.permutation_test", "permutation.py", "21 1000000", () => PermutationTest.Run(x, y, 1_000_000, 0));

const int Classes = 2000, Dimension = 256;
using var statistics = RandomStatistics(Classes, Dimension);
var options = new MeasurementOptions { TilePrecision = FeaturePrecision.Float32 };
Compare($"pairwise measurements, K = {Classes}, d = {Dimension}", "tiles of explicit differences in torch (CDNV and log distances only)", "pairwise.py",
    $"{Classes} {Dimension}", () => CollapseMeasurements.Measure(statistics, null, options: options));

const int Tokens = 50_257, Width = 256, Batch = 2048;
using var features = torch.randn(Batch, Width);
using var labels = torch.randint(0, Tokens, [Batch], dtype: torch.ScalarType.Int64);
using var accumulator = new ClassStatisticsAccumulator(Tokens, Width);
Compare($"accumulating class statistics, K = {Tokens}, d = {Width}, {Batch} samples", "one-hot product in torch (means only)", "accumulate.py",
    $"{Tokens} {Width} {Batch}", () => accumulator.Add(features, labels));

static void Compare(string work, string peerName, string script, string arguments, Action ours)
{
    using var peer = Peer.TryStart(script, arguments, out var reason);
    if (peer is null) Console.WriteLine($"{work}: no peer ({reason}); it needs the Debian packages python3-torch and python3-scipy");
    ours();
    peer?.Run();
    var (mine, theirs) = (new List<double>(), new List<Round>());
    for (var i = 0; i < Rounds; i++)
    {
        mine.Add(Time(ours));
        if (peer is not null) theirs.Add(peer.Run());
    }
    var seconds = Median(mine);
    using var process = Process.GetCurrentProcess();
    Console.WriteLine($"{work}: {seconds:G3} s, process peak {process.PeakWorkingSet64 / 1e6:F0} MB");
    if (peer is null) return;
    var peerSeconds = Median(theirs.ConvertAll(round => round.Seconds));
    Console.WriteLine($"    {peerName}: {peerSeconds:G3} s, peak {theirs.Max(round => round.PeakBytes) / 1e6:F0} MB; {peerSeconds / seconds:F1} x");
}

static double GemmRate()
{
    using var a = torch.randn(1024, 1024);
    return 2 * Math.Pow(1024, 3) / Median([.. Enumerable.Range(0, 20).Select(_ => Time(() => a.mm(a).Dispose()))]) / 1e9;
}

static double Time(Action action)
{
    var start = Stopwatch.GetTimestamp();
    action();
    return Stopwatch.GetElapsedTime(start).TotalSeconds;
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

static ClassStatistics RandomStatistics(int classes, int dimension)
{
    using var accumulator = new ClassStatisticsAccumulator(classes, dimension);
    using var features = torch.randn(4 * classes, dimension);
    using var labels = torch.arange(0, 4 * classes, dtype: torch.ScalarType.Int64).remainder(classes);
    accumulator.Add(features, labels);
    return accumulator.Finish();
}
