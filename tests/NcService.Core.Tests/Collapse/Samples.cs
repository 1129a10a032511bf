using NcService.Core.Collapse;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

/// <summary>Tensors and random samples for tests.</summary>
internal static class Samples
{
    public static Tensor Matrix(double[] values, int columns, FeaturePrecision precision = FeaturePrecision.Float64)
    {
        using var matrix = tensor(values, [values.Length / columns, columns]);
        return matrix.to(precision == FeaturePrecision.Float64 ? ScalarType.Float64 : ScalarType.Float32, copy: true);
    }

    /// <summary>N samples of K classes around random centres; every class has at least one.</summary>
    public static (double[] Features, long[] Labels) Random(int seed, int classes, int dimension, int samples, double offset = 0)
    {
        var random = new Random(seed);
        var centres = Gaussian(random, classes * dimension);
        var features = new double[samples * dimension];
        var labels = new long[samples];
        for (var i = 0; i < samples; i++)
        {
            labels[i] = i < classes ? i : random.Next(classes);
            for (var k = 0; k < dimension; k++)
                features[(i * dimension) + k] = offset + centres[((int)labels[i] * dimension) + k] + (0.3 * Gaussian(random));
        }
        return (features, labels);
    }

    public static double[] Gaussian(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => Gaussian(random))];

    public static ClassStatistics Statistics(
        double[] features, long[] labels, int classes, int dimension, FeaturePrecision precision = FeaturePrecision.Float64, int batch = int.MaxValue)
    {
        using var accumulator = new ClassStatisticsAccumulator(classes, dimension);
        using var all = Matrix(features, dimension, precision);
        for (var start = 0; start < labels.Length; start += Math.Min(batch, labels.Length - start))
        {
            var rows = Math.Min(batch, labels.Length - start);
            using var part = all.narrow(0, start, rows);
            using var ids = tensor(labels[start..(start + rows)]);
            accumulator.Add(part, ids);
        }
        return accumulator.Finish();
    }

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
