using System.Diagnostics;
using NcService.Core;
using NcService.Core.Text;

namespace NcService.Benchmarks;

/// <summary>Tokenizing and training of a tokenizer on the State-of-the-Union addresses, 10.7 MB.</summary>
internal static class TextRows
{
    private const int Rounds = 3;

    public static IReadOnlyList<BenchmarkRow> All => [new("text tokenizing", Run)];

    private static void Run()
    {
        if (AssetFolder.TryFind("sotu") is not { } folder)
        {
            Console.WriteLine("text: the State-of-the-Union addresses are not here; run `make setup`");
            return;
        }
        var texts = Directory.GetFiles(folder, "*.txt").Order(StringComparer.Ordinal).Select(File.ReadAllText).ToArray();
        var megabytes = texts.Sum(text => (double)System.Text.Encoding.UTF8.GetByteCount(text)) / 1e6;
        var tokenizer = ByteLevelTokenizer.LoadGpt2();
        var package = AssetFolder.TryFind("tiktoken") ?? "tiktoken";
        using var peer = Peer.TryStart("tokenize.cjs", $"{package} {folder}", out var reason);
        if (peer is null) Console.WriteLine($"tokenizing: no peer ({reason}); it needs node and the npm package tiktoken unpacked in assets/tiktoken");

        var (mine, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var seconds = Time(() => Parallel.ForEach(texts, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, text => tokenizer.Encode(text)));
            var result = peer?.Run();
            if (round == 0) continue;
            mine.Add(seconds);
            if (result is { } value) theirs.Add(value.Seconds);
        }
        Console.WriteLine($"tokenizing {megabytes:F1} MB, {Environment.ProcessorCount} threads: {megabytes / Median(mine):F1} MB/s");
        if (peer is not null) Console.WriteLine($"    npm tiktoken (WASM): {megabytes / Median(theirs):F1} MB/s; {Median(theirs) / Median(mine):F1} x (goal 4 x)");
        Console.WriteLine($"training a BPE of 4,096 tokens on {megabytes:F1} MB: {Time(() => TokenizerTrainer.Train(texts, 4096, default)):F1} s (goal 10 s)");
    }

    private static double Time(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
