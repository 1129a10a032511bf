using System.Globalization;
using NcService.Core.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Core.Training;

/// <summary>How much memory a training run takes on its device, in bytes, part by part.</summary>
/// <param name="Parameters">Weights, gradients and both moments, float32, and copies of weights in the products' type.</param>
/// <param name="ActivationsPerChunk">What the network keeps of one chunk between forward and backward pass.</param>
/// <param name="MicroBatch">Chunks that go through at once.</param>
/// <param name="Head">The slice of [tokens × vocabulary] that exists at a time, and its products' results.</param>
/// <param name="Process">.NET, libtorch and the rest of the process.</param>
public sealed record MemoryPlan(long Parameters, long ActivationsPerChunk, int MicroBatch, long Head, long Process)
{
    // Measured: a process that has loaded libtorch and taken a step of a model with next to no parameters.
    private const long ProcessBytes = 200L << 20;

    /// <summary>All of it.</summary>
    public long Total => Parameters + ActivationsPerChunk * MicroBatch + Head + Process;

    /// <summary>The plan of a run.</summary>
    /// <param name="configuration">The architecture.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="contextLength">T.</param>
    /// <param name="bFloat16Products">Whether bfloat16 operands are multiplied as such.</param>
    internal static MemoryPlan Of(GptNeoConfiguration configuration, TrainingOptions options, int contextLength, bool bFloat16Products)
    {
        long d = configuration.HiddenSize, inner = configuration.InnerSize, vocabulary = configuration.VocabSize, layers = configuration.NumLayers;
        var bFloat16 = options.Precision == Precision.BFloat16;
        var onCpu = device(options.Device).type == DeviceType.CPU;
        var inBFloat16 = bFloat16 && (bFloat16Products || !onCpu);
        var element = inBFloat16 ? 2 : 4;

        var parameters = configuration.ParameterCount * 4 * sizeof(float);
        if (inBFloat16) parameters += (configuration.ParameterCount + vocabulary * d) * sizeof(short);

        // CpuTrunkBuffers: float32 streams and, per block, operands of the products. Autograd elsewhere keeps about twice that, and the scores.
        var streams = (2 * layers + 4) * d * sizeof(float);
        var operands = (layers * (6 * d + 2 * inner) + 5 * d + inner) * element;
        var perToken = streams + operands + layers * (configuration.NumHeads + 4) * sizeof(float);
        if (!onCpu) perToken = 2 * perToken + layers * configuration.NumHeads * (long)contextLength * 2 * element;

        var rows = SlicedCrossEntropy.RowsFor(configuration.VocabSize);
        var head = rows * vocabulary * (bFloat16 ? 2 : 4)
            + (inBFloat16 ? vocabulary * d * 2 : TiledCrossEntropy.Bytes(configuration, rows));
        return new MemoryPlan(
            parameters, perToken * contextLength, Math.Min(options.MicroBatchSize ?? options.BatchSize, options.BatchSize), head, ProcessBytes);
    }

    /// <summary>Memory that a run may take here: what the machine has free, within the limit of the process's control group; null where that is not known.</summary>
    public static long? Available(Device device)
    {
        if (device.type != DeviceType.CPU || !OperatingSystem.IsLinux()) return null;
        var free = File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        if (free is null) return null;
        var bytes = long.Parse(free.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        // .NET's own limit is that of the control group where there is one, else the machine's memory.
        return Math.Min(bytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) + Environment.WorkingSet;
    }

    /// <summary>Throws where the run can't fit, saying what it takes and what to change.</summary>
    /// <exception cref="InputException">It takes more than <paramref name="available"/>.</exception>
    public void RequireFits(long? available)
    {
        if (available is not { } limit || Total <= limit) return;
        var fixedPart = Parameters + Head + Process;
        var most = (limit - fixedPart) / ActivationsPerChunk;
        var advice = most >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"Give MicroBatchSize {most}: the gradient stays the same.")
            : "Even one chunk at a time does not fit: take a smaller width, depth or vocabulary, a shorter context, or a machine with more memory.";
        throw new InputException($"The run needs {this}, and {Gigabytes(limit)} can be had. {advice}");
    }

    /// <summary>The plan in words.</summary>
    public override string ToString() =>
        $"about {Gigabytes(Total)} of memory ({Gigabytes(Parameters)} weights, gradients and moments, {Gigabytes(ActivationsPerChunk * MicroBatch)} activations of "
        + $"{MicroBatch.ToString(CultureInfo.InvariantCulture)} chunks, {Gigabytes(Head)} classifier slice, {Gigabytes(Process)} program)";

    private static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB");
}
