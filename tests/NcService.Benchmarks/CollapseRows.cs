using NcService.Core.Collapse;
using NcService.Core.Models;
using NcService.Core.Training;
using static TorchSharp.torch;

namespace NcService.Benchmarks;

/// <summary>Collection and measurement at the study's scale, against the reference library's algorithms in torch.</summary>
internal static class CollapseRows
{
    private const int StudyClasses = 29_233, Vocabulary = 50_257, Width = 768;
    private const int PeerTile = 1024;

    public static IReadOnlyList<BenchmarkRow> All =>
    [
        new("collapse pairwise 8000x256", () => Pairwise(8000, 256, peerClasses: 2 * PeerTile)),
        new("collapse pairwise 4000x768", () => Pairwise(4000, Width, peerClasses: PeerTile)),
        new("collapse pairwise 29233x768", () => Pairwise(StudyClasses, Width, peerClasses: null)),
        new("collapse details 29233x768", () => Pairwise(StudyClasses, Width, peerClasses: null, rounds: 3, nearest: 10, histograms: true)),
        new("collapse scaling 64000x512", () => Pairwise(64_000, 512, peerClasses: null, rounds: 1), Long: true),
        new("collapse scaling 128000x512", () => Pairwise(128_000, 512, peerClasses: null, rounds: 1), Long: true),
        new("collapse scaling 256000x512", () => Pairwise(256_000, 512, peerClasses: null, rounds: 1), Long: true),
        new("collapse accumulate means", () => Accumulate(covariance: false)),
        new("collapse accumulate covariance", () => Accumulate(covariance: true)),
        new("collapse forward", Forward),
        new("collapse decisions", () => Decisions(loss: false)),
        new("collapse losses", () => Decisions(loss: true)),
    ];

    private static void Pairwise(int classes, int dimension, int? peerClasses, int rounds = 5, int nearest = 0, bool histograms = false)
    {
        using var statistics = RandomStatistics(classes, dimension);
        var pairs = classes * (classes - 1.0) / 2;
        var beside = nearest > 0 ? $" with {nearest} nearest classes and distributions" : "";
        new Comparison(
            $"every measurement but NC4{beside}, K = {classes:N0}, d = {dimension}",
            () => CollapseMeasurements.Measure(
                statistics, null, null, null, new MeasurementOptions(), new PairDetails { NearestClasses = nearest, Histograms = histograms }, CancellationToken.None))
        {
            Rounds = rounds,
            WarmUp = rounds > 1,
            Items = (pairs, "pairs"),
            Product = (2 * pairs * dimension, dimension),
            Peers = peerClasses is null ? [] : [.. new[] { "float64", "float32" }.Select(type =>
                new NamedPeer($"tiles of explicit differences in {type} (CDNV and log distances only)", "pairwise.py", $"{peerClasses} {dimension} {type}"))],
            PeerRounds = 1,
            PeerScale = Math.Pow(classes / (double)(peerClasses ?? classes), 2),
        }.Run();
    }

    private static void Accumulate(bool covariance)
    {
        const int samples = 65_536, peerSamples = 512;
        using var features = randn(samples, Width);
        using var labels = randint(0, Vocabulary, [samples], dtype: ScalarType.Int64);
        using var accumulator = new ClassStatisticsAccumulator(Vocabulary, Width, covarianceClasses: covariance ? null : new bool[Vocabulary]);
        var what = covariance ? "means, variances and within-class covariance" : "means and variances";
        new Comparison($"accumulating {what}, K = {Vocabulary:N0}, d = {Width}, labels spread evenly", () => accumulator.Add(features, labels))
        {
            Items = (samples, "samples"),
            Peers = NamedPeer.BothWays("one-hot products, means and variances in two passes", "accumulate.py", $"{Vocabulary} {Width} {peerSamples}"),
            PeerRounds = 3,
            PeerScale = samples / (double)peerSamples,
            Product = covariance ? (2.0 * samples * Width * Width, Width) : null,
        }.Run();
    }

    /// <summary>What collection adds to the forward pass of the study's 2-layer model of width 768.</summary>
    private static void Forward()
    {
        const int batch = 2, length = 2048, samples = batch * length;
        using var model = new GptNeo(GptNeoConfiguration.Create(Width, 2, Vocabulary, length), CPU) { Precision = Precision.BFloat16 };
        using var labels = randint(0, Vocabulary, [samples], dtype: ScalarType.Int64);
        using var tokens = labels.view(batch, length);
        using var accumulator = new ClassStatisticsAccumulator(Vocabulary, Width);
        List<double> forward = [], collection = [];
        for (var round = 0; round < 6; round++)
        {
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            Tensor hidden = null!;
            var forwardSeconds = Comparison.Seconds(() => hidden = model.forward(tokens));
            var collectionSeconds = Comparison.Seconds(() => accumulator.Add(hidden.view(samples, Width), labels));
            if (round == 0) continue;
            forward.Add(forwardSeconds);
            collection.Add(collectionSeconds);
        }
        double modelTime = Comparison.Median(forward), addedTime = Comparison.Median(collection);
        Console.WriteLine(
            $"collecting beside the forward pass, 2 layers, d = {Width}, bf16, K = {Vocabulary:N0}: forward {samples / modelTime:N0} tokens/s, all statistics add {addedTime / modelTime:P1}");
    }

    private static void Decisions(bool loss)
    {
        const int samples = 4096, peerSamples = 512;
        using var statistics = RandomStatistics(StudyClasses, Width);
        using var classifier = randn(StudyClasses, Width);
        using var features = randn(samples, Width);
        using var labels = randint(0, StudyClasses, [samples], dtype: ScalarType.Int64);
        using var accumulator = new DecisionAccumulator(statistics, classifier, new DecisionOptions { Loss = loss });
        new Comparison($"NC4 decisions{(loss ? " and losses" : "")}, K = {StudyClasses:N0}, d = {Width}", () => accumulator.Add(features, labels))
        {
            Items = (samples, "samples"),
            Product = (4.0 * samples * StudyClasses * Width, Width),
            Peers = NamedPeer.BothWays("score matrices in float32", "decisions.py", $"{StudyClasses} {Width} {peerSamples}"),
            PeerScale = samples / (double)peerSamples,
        }.Run();
        var counts = accumulator.Finish();
        Console.WriteLine($"    {(double)counts.DecidedAgain / counts.Samples:P0} of the samples had more than one class left for float64");
        CompareWithFloat32(statistics, classifier, features, accumulator.Decide(features));
    }

    private static void CompareWithFloat32(ClassStatistics statistics, Tensor classifier, Tensor features, Decisions decisions)
    {
        using var scope = NewDisposeScope();
        var means = statistics.Means.to(ScalarType.Float32);
        var halfSquares = statistics.Means.square().sum(1).mul(0.5).to(ScalarType.Float32);
        var differing = 0L;
        for (var first = 0; first < decisions.Linear.Length; first += PeerTile)
        {
            using var tileScope = NewDisposeScope();
            var h = features.narrow(0, first, Math.Min(PeerTile, decisions.Linear.Length - first));
            var linear = h.mm(classifier.t()).argmax(1).data<long>().ToArray();
            var nearest = h.mm(means.t()).sub_(halfSquares).argmax(1).data<long>().ToArray();
            for (var i = 0; i < linear.Length; i++)
            {
                if (linear[i] != decisions.Linear[first + i]) differing++;
                if (nearest[i] != decisions.NearestCentre[first + i]) differing++;
            }
        }
        Console.WriteLine($"    {differing} of {2 * decisions.Linear.Length} decisions differ from float32 score matrices'");
    }

    /// <summary>Statistics of random classes of four samples each, blockwise, so that little memory is left behind.</summary>
    private static ClassStatistics RandomStatistics(int classes, int dimension)
    {
        random.manual_seed(0);
        using var accumulator = new ClassStatisticsAccumulator(classes, dimension, covarianceClasses: classes > StudyClasses ? new bool[classes] : null);
        const int rows = 8192;
        for (var first = 0; first < 4 * classes; first += rows)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(rows, (4 * classes) - first);
            accumulator.Add(randn(count, dimension), arange(first, first + count, dtype: ScalarType.Int64).remainder(classes));
        }
        return accumulator.Finish();
    }
}
