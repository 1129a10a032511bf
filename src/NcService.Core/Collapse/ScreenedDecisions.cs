using NcService.Core.Models.Kernels;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// Decisions on the CPU: scores of vectors rounded to bytes (<see cref="ByteVectors"/>) or to float32 (<see cref="FloatVectors"/>) leave the few classes that can
/// still be the best by a proven bound (<see cref="ScreenKernel"/>), and those are decided in float64 (<see cref="ExactScores"/>): every decision is the exact one.
/// Bytes need AVX-VNNI. Where they leave too many classes, as with a few entries far larger than the others, float32 takes over.
/// </summary>
internal sealed unsafe class ScreenedDecisions : IDisposable
{
    private readonly Tensor classifier;
    private readonly Tensor means;
    private readonly double[] globalMean;
    private readonly bool[] kept;
    private readonly bool allKept;
    private readonly DecisionOptions options;
    private readonly ExactScores exactScores;
    private readonly ScreenedRule linear;
    private readonly ScreenedRule linearOverKept;
    private readonly ScreenedRule nearestCentre;
    private ByteVectors? linearBytes;
    private ByteVectors? nearestBytes;
    private FloatVectors? linearFloats;
    private FloatVectors? nearestFloats;
    private bool bytesServeLinear;
    private bool bytesServeNearest;

    /// <summary>Screens for one classifier and one set of class means.</summary>
    /// <param name="classifier">W: [K, d] float64, contiguous on the CPU; must outlive this.</param>
    /// <param name="means">μ: [K, d] float64, contiguous on the CPU; must outlive this.</param>
    /// <param name="globalMean">μ̄: d numbers.</param>
    /// <param name="kept">Classes with enough samples.</param>
    /// <param name="options">Tiles; whether losses are wanted.</param>
    public ScreenedDecisions(Tensor classifier, Tensor means, double[] globalMean, bool[] kept, DecisionOptions options)
    {
        (this.classifier, this.means, this.globalMean, this.kept, this.options) = (classifier, means, globalMean, kept, options);
        allKept = Array.TrueForAll(kept, flag => flag);
        exactScores = new ExactScores(classifier, means);
        var never = Array.ConvertAll(kept, flag => flag ? 0.0 : double.PositiveInfinity);
        linear = new ScreenedRule(DecisionRule.Linear, new double[kept.Length]);
        linearOverKept = new ScreenedRule(DecisionRule.LinearOverKept, never);
        nearestCentre = new ScreenedRule(DecisionRule.NearestCentre, HalfSquares());
        bytesServeLinear = bytesServeNearest = options.Screen != ScreenFormat.Float32 && ByteVectors.Serves(kept.Length, globalMean.Length);
    }

    /// <summary>Decides samples [n, d], float32 or float64 on the CPU; the sum of losses is float32's for the former.</summary>
    public (Decisions Decisions, int DecidedAgain, double? LossSum) Decide(Tensor samples, Tensor exact, long[]? labels)
    {
        var wide = samples.dtype == ScalarType.Float64;
        var floatLosses = labels is not null && options.Loss && !wide ? new CrossEntropySums(labels) : null;
        var wideLoss = labels is not null && options.Loss && wide ? WideLoss(samples, labels) : (double?)null;
        if (wide) Screen(TensorMemory.Pointer<double>(samples), (int)samples.shape[0], floatLosses);
        else Screen(TensorMemory.Pointer<float>(samples), (int)samples.shape[0], floatLosses);
        var (decisions, again) = DecideCandidates(TensorMemory.Pointer<double>(exact), (int)exact.shape[0]);
        GC.KeepAlive(samples);
        GC.KeepAlive(exact);
        return (decisions, again, wideLoss ?? floatLosses?.Sum());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        linearFloats?.Dispose();
        nearestFloats?.Dispose();
    }

    private void Screen<T>(T* samples, int rows, CrossEntropySums? losses)
        where T : unmanaged
    {
        ScreenedRule[] linearRules = allKept ? [linear] : [linear, linearOverKept];
        foreach (var rule in (ReadOnlySpan<ScreenedRule>)[.. linearRules, nearestCentre]) rule.Begin(rows);

        // Losses need the linear scores in float32 anyway.
        if (bytesServeLinear && losses is null) (linearBytes ??= new ByteVectors(classifier, centre: null)).Screen(samples, rows, linearRules);
        else (linearFloats ??= new FloatVectors(classifier, centre: null, options.ClassTile)).Screen(samples, rows, linearRules, losses);
        if (bytesServeNearest) (nearestBytes ??= new ByteVectors(means, globalMean)).Screen(samples, rows, [nearestCentre]);
        else (nearestFloats ??= new FloatVectors(means, globalMean, options.ClassTile)).Screen(samples, rows, [nearestCentre], losses: null);
    }

    private (Decisions Decisions, int DecidedAgain) DecideCandidates(double* samples, int rows)
    {
        var decisions = new Decisions(new long[rows], new long[rows], new long[rows]);
        var dimension = globalMean.Length;
        int again = 0;
        long linearLeft = 0, nearestLeft = 0;
        CpuParallel.For(rows, i =>
        {
            var sample = new ReadOnlySpan<double>(samples + (i * dimension), dimension);
            ReadOnlySpan<int> linearClasses = linear[i].Remaining(), nearestClasses = nearestCentre[i].Remaining();
            var overKept = allKept ? linearClasses : linearOverKept[i].Remaining();
            decisions.Linear[i] = Best(DecisionRule.Linear, sample, linearClasses);
            decisions.LinearOverKept[i] = allKept ? decisions.Linear[i] : Best(DecisionRule.LinearOverKept, sample, overKept);
            decisions.NearestCentre[i] = Best(DecisionRule.NearestCentre, sample, nearestClasses);
            if (linearClasses.Length > 1 || overKept.Length > 1 || nearestClasses.Length > 1) Interlocked.Increment(ref again);
            Interlocked.Add(ref linearLeft, linearClasses.Length);
            Interlocked.Add(ref nearestLeft, nearestClasses.Length);
        });

        // Deciding that many in float64 takes longer than scoring all in float32.
        var most = rows * Math.Max(64L, kept.Length / 32);
        bytesServeLinear &= linearLeft <= most || options.Screen == ScreenFormat.Bytes;
        bytesServeNearest &= nearestLeft <= most || options.Screen == ScreenFormat.Bytes;
        return (decisions, again);
    }

    private long Best(DecisionRule rule, ReadOnlySpan<double> sample, ReadOnlySpan<int> classes) =>
        classes.Length == 1 ? classes[0] : exactScores.Best(rule, sample, classes);

    /// <summary>‖μ_c − μ̄‖²/2, +∞ for classes that are not kept.</summary>
    private double[] HalfSquares()
    {
        var values = new double[kept.Length];
        var rows = TensorMemory.Pointer<double>(means);
        CpuParallel.For(values.Length, c =>
        {
            var distance = System.Numerics.Tensors.TensorPrimitives.Distance(new ReadOnlySpan<double>(rows + (c * globalMean.Length), globalMean.Length), globalMean);
            values[c] = kept[c] ? 0.5 * distance * distance : double.PositiveInfinity;
        });
        return values;
    }

    private double WideLoss(Tensor samples, long[] labels)
    {
        using var scope = NewDisposeScope();
        var loss = new RunningCrossEntropy(labels, CPU);
        for (var first = 0; first < kept.Length; first += options.ClassTile)
        {
            using var tileScope = NewDisposeScope();
            loss.Add(samples.mm(classifier.narrow(0, first, Math.Min(options.ClassTile, kept.Length - first)).t()), first);
        }
        return loss.Sum();
    }
}

/// <summary>The format in which the CPU screens classes.</summary>
internal enum ScreenFormat
{
    /// <summary>Bytes as long as they leave few classes, else float32.</summary>
    Automatic,

    /// <summary>Bytes whatever they leave, where the processor has AVX-VNNI.</summary>
    Bytes,

    /// <summary>float32.</summary>
    Float32,

    /// <summary>No screen: torch's operators, as on other devices.</summary>
    Composed,
}
