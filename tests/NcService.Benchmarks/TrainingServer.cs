using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using NcService.Core.Models;
using NcService.Core.Training;
using TorchSharp;

namespace NcService.Benchmarks;

/// <summary>Our side of a training row in a process of its own, speaking the peers' protocol, so that its peak memory is its own too.</summary>
internal static class TrainingServer
{
    public const string Argument = "serve-training";

    /// <summary>Arguments: depth, d, batch, context, K.</summary>
    public static void Run(ReadOnlySpan<string> arguments)
    {
        var sizes = new int[arguments.Length];
        for (var i = 0; i < sizes.Length; i++) sizes[i] = int.Parse(arguments[i], CultureInfo.InvariantCulture);
        if (sizes is not [var depth, var width, var batch, var context, var vocabulary]) throw new ArgumentException("Depth, d, batch, context and K are needed.", nameof(arguments));
        torch.set_num_threads(Environment.ProcessorCount);
        using var model = new GptNeo(GptNeoConfiguration.Create(width, depth, vocabulary, context), torch.CPU) { Precision = Precision.BFloat16 };
        using var optimizer = new AdamW(model, 0.1);
        using var head = new SlicedCrossEntropy(model);
        using var step = new TrainingStep(model, new TrainingOptions { WeightDecay = 0.1 }, head, optimizer);
        var random = new Random(0);
        var tokens = TokenBatch.Of([.. Enumerable.Range(0, batch * context).Select(_ => (long)random.Next(vocabulary))], batch, context);
        Console.WriteLine("""{"ready": true}""");
        for (var number = 0L; Console.ReadLine() is not null; number++)
        {
            var start = Stopwatch.GetTimestamp();
            var (loss, _) = step.Run(number, tokens, 5e-5);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            using var process = Process.GetCurrentProcess();
            Console.WriteLine(JsonSerializer.Serialize(new { seconds, peak_bytes = process.PeakWorkingSet64, value = loss }));
        }
    }
}
