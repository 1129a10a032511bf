namespace NcService.Core.Tests.Statistics;

/// <summary>Data with a known correlation.</summary>
internal static class Simulated
{
    /// <summary>n rows of a bivariate normal with correlation <paramref name="rho"/>.</summary>
    public static (double[] X, double[] Y) Pair(Random random, int n, double rho)
    {
        var x = new double[n];
        var y = new double[n];
        for (var i = 0; i < n; i++)
        {
            x[i] = Normal(random);
            y[i] = rho * x[i] + Math.Sqrt(1 - rho * rho) * Normal(random);
        }
        return (x, y);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
