using System.Text.Json;
using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Models;

/// <summary>The reference model's checkpoint and numbers: transformers 4.28.1 on torch 1.13, float32.</summary>
internal static class GoldenGptNeo
{
    public static string Folder => SharedData.Path("golden/gptneo");

    public static JsonElement Parity { get; } = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "parity.json"))).RootElement;

    public static GptNeo Load() => ModelCheckpoint.Load(Folder, CPU);

    public static long[][] Ids(JsonElement testCase) => testCase.GetProperty("input_ids").Deserialize<long[][]>()!;

    public static Tensor IdsTensor(long[][] ids) => tensor(ids.SelectMany(row => row).ToArray(), [ids.Length, ids[0].Length]);

    public static TokenBatch Batch(long[][] ids) => TokenBatch.Of([.. ids.SelectMany(row => row)], ids.Length, ids[0].Length);

    public static float[] Flat(JsonElement numbers) => numbers.ValueKind == JsonValueKind.Array
        ? [.. numbers.EnumerateArray().SelectMany(Flat)]
        : [numbers.GetSingle()];

    /// <summary>Largest |actual − expected| over the largest |expected|.</summary>
    public static double RelativeError(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        double error = 0, size = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            error = Math.Max(error, Math.Abs((double)actual[i] - expected[i]));
            size = Math.Max(size, Math.Abs(expected[i]));
        }
        return double.IsNaN(actual.ToArray().Sum()) ? double.NaN : error / size;
    }

    public static void AssertClose(double expected, double actual, double relative, string what) =>
        Assert.True(Math.Abs(actual - expected) <= relative * Math.Abs(expected), $"{what}: expected {expected}, got {actual}.");
}
