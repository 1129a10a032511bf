using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using NcService.Core.Models;
using NcService.Core.Statistics;
using NcService.Core.Text;
using NcService.Core.Training;
using Spectre.Console;
using static TorchSharp.torch;

namespace NcService.Cli.Verbs;

/// <summary>ncctl bench: how fast this machine is at what NcService does, in half a minute.</summary>
internal static class BenchVerb
{
    private const int MatrixSize = 1024;

    private const int Vocabulary = 2048;

    private static readonly TimeSpan s_perProduct = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var deviceName = DeviceOption.Create();
        var command = new Command("bench", "Time matrix products, training of a small model and a permutation test here") { deviceName };
        return command.Runs((verb, ct) =>
        {
            var name = DeviceOption.Resolve(verb.Require(deviceName));
            var report = ProgressDisplay.Show(verb, display => Run(display, name, ct));
            verb.Print(Json(report), () => People(report));
            return ExitCode.Done;
        });
    }

    private static Report Run(ProgressDisplay display, string deviceName, CancellationToken ct)
    {
        display.Report("matrix products", null, "float32");
        var float32 = ProductRate(ScalarType.Float32, deviceName, ct);
        display.Report("matrix products", null, "bfloat16");
        var bfloat16 = ProductRate(ScalarType.BFloat16, deviceName, ct);
        display.Report("training", null, "2 layers, d = 128");
        var training = (TrainingRate(Precision.Float32, deviceName, ct), TrainingRate(Precision.BFloat16, deviceName, ct));
        display.Report("permutation test", null, "n = 21");
        return new Report(deviceName, Machine.Processor(), get_num_threads(), Machine.Blas(), float32, bfloat16, training.Item1, training.Item2, PermutationRate(ct));
    }

    /// <summary>GFLOP/s of square products, 2 n³ operations each.</summary>
    private static double ProductRate(ScalarType type, string deviceName, CancellationToken ct)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var target = device(deviceName);
        var a = randn(MatrixSize, MatrixSize, device: target).to(type);
        var b = randn(MatrixSize, MatrixSize, device: target).to(type);
        void Product()
        {
            ct.ThrowIfCancellationRequested();
            using var product = a.matmul(b);
            // Reading a number waits for the device.
            using var corner = product[0, 0].to(ScalarType.Float32);
            _ = corner.item<float>();
        }
        Product();
        var (products, watch) = (0, Stopwatch.StartNew());
        for (; watch.Elapsed < s_perProduct; products++) Product();
        return 2.0 * MatrixSize * MatrixSize * MatrixSize * products / watch.Elapsed.TotalSeconds / 1e9;
    }

    /// <summary>Tokens per second through forward, backward and optimiser.</summary>
    private static double TrainingRate(Precision precision, string deviceName, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("ncctl-bench-");
        try
        {
            var corpus = Path.Combine(folder.FullName, "corpus.txt");
            File.WriteAllText(corpus, MadeUpText());
            var specification = new DatasetSpecification
            {
                Corpus = new CorpusSpecification { Kind = CorpusKind.TextFile, Path = corpus },
                Tokenizer = new TokenizerSpecification { Kind = TokenizerKind.Trained, VocabularySize = Vocabulary },
                ContextLength = 256,
                ValidationFraction = 0.02,
            };
            var datasetFolder = Path.Combine(folder.FullName, "dataset");
            DatasetPreparation.PrepareAsync(specification, datasetFolder, null, ct).GetAwaiter().GetResult();
            using var dataset = TokenDataset.Open(datasetFolder);
            using var model = new GptNeo(GptNeoConfiguration.Create(128, 2, dataset.Manifest.VocabularySize, 256), device(deviceName));
            var options = new TrainingOptions
            {
                BatchSize = 8, MaximumSteps = 20, Epochs = 100, LogInterval = 5, TrainSampleChunks = 1, CheckpointInterval = 0, Precision = precision, Device = deviceName,
            };
            var rate = 0.0;
            new Trainer(model, dataset, options, Path.Combine(folder.FullName, "run")).Run(new ReportTo<TrainingProgress>(progress => rate = progress.TokensPerSecond), ct);
            return rate;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Text over some 5,000 made-up words with Zipf's frequencies, the same on every machine.</summary>
    private static string MadeUpText()
    {
        var random = new Random(1);
        var words = Enumerable.Range(0, 5000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 9)).Select(_ => (char)('a' + random.Next(26))))).ToArray();
        string Word() => words[Math.Min((int)Math.Exp(random.NextDouble() * Math.Log(words.Length)), words.Length - 1)];
        return string.Join("\n\n", Enumerable.Range(0, 100).Select(_ => string.Join(' ', Enumerable.Range(0, 300).Select(_ => Word()))));
    }

    /// <summary>Permutations per second, n = 21, all cores.</summary>
    private static double PermutationRate(CancellationToken ct)
    {
        const long permutations = 10_000_000;
        double[] x = [.. Enumerable.Range(0, 21).Select(i => (double)(i * i % 23))];
        double[] y = [.. Enumerable.Range(0, 21).Select(i => (double)(i * 7 % 19))];
        PermutationTest.Run(x, y, permutations / 10, seed: 0, ct);
        var watch = Stopwatch.StartNew();
        PermutationTest.Run(x, y, permutations, seed: 0, ct);
        return permutations / watch.Elapsed.TotalSeconds;
    }

    private static JsonObject Json(Report report) => new()
    {
        ["device"] = report.Device,
        ["processor"] = report.Processor,
        ["threads"] = report.Threads,
        ["blas"] = report.Blas,
        ["gemm_float32_gflops"] = Numbers.Json(report.Float32),
        ["gemm_bfloat16_gflops"] = Numbers.Json(report.BFloat16),
        ["training_float32_tokens_per_second"] = Numbers.Json(report.TrainingFloat32),
        ["training_bfloat16_tokens_per_second"] = Numbers.Json(report.TrainingBFloat16),
        ["permutations_per_second"] = Numbers.Json(report.Permutations),
    };

    private static Table People(Report report)
    {
        var table = new Table().AddColumns("what", "how much");
        table.AddRow("device", Markup.Escape(report.Device));
        table.AddRow("processor", Markup.Escape(report.Processor));
        table.AddRow("libtorch threads", $"{report.Threads}");
        table.AddRow("BLAS", Markup.Escape(report.Blas));
        table.AddRow($"float32 product, {MatrixSize} × {MatrixSize}", $"{report.Float32:N0} GFLOP/s");
        table.AddRow($"bfloat16 product, {MatrixSize} × {MatrixSize}", $"{report.BFloat16:N0} GFLOP/s");
        table.AddRow($"training, 2 layers, d = 128, T = 256, K = {Vocabulary:N0}, float32", $"{report.TrainingFloat32:N0} tokens/s");
        table.AddRow("the same, bfloat16", $"{report.TrainingBFloat16:N0} tokens/s");
        table.AddRow("permutation test, n = 21", $"{report.Permutations:N0} permutations/s");
        return table;
    }

    private sealed record Report(
        string Device, string Processor, int Threads, string Blas, double Float32, double BFloat16, double TrainingFloat32, double TrainingBFloat16, double Permutations);
}
