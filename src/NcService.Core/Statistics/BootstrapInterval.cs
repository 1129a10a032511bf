using MathNet.Numerics.Distributions;

namespace NcService.Core.Statistics;

/// <summary>
/// 95 % interval of Pearson's r by resampling rows: bias-corrected and accelerated (BCa; Efron 1987, J. Am. Stat. Assoc. 82, 171), or the plain
/// percentiles where its corrections are undefined (every resample on one side of r, or a jackknife without spread).
/// </summary>
internal sealed record BootstrapInterval(Interval Ends, string Method)
{
    public const int Resamples = 4999;

    private const int FewestRows = 4;

    /// <summary>The interval from centred columns x and y of length one, [n]; null below 4 rows.</summary>
    public static BootstrapInterval? OfPearson(double[] x, double[] y, double r, ulong seed)
    {
        if (x.Length < FewestRows) return null;
        var replicates = Replicates(x, y, seed);
        if (replicates.Length < Resamples / 2) return null;
        var corrections = Corrections(x, y, r, replicates);
        double Level(double alpha)
        {
            if (corrections is not var (bias, acceleration)) return alpha;
            var z = bias + Normal.InvCDF(0, 1, alpha);
            return Normal.CDF(0, 1, bias + z / (1 - acceleration * z));
        }
        var ends = new Interval(Quantile(replicates, Level(0.025)), Quantile(replicates, Level(0.975)));
        return new BootstrapInterval(ends, corrections is null ? "percentile bootstrap" : "BCa bootstrap");
    }

    /// <summary>Sorted correlations of the resamples; those that drew a constant column have none and are left out.</summary>
    private static double[] Replicates(double[] x, double[] y, ulong seed)
    {
        var random = new RandomStream(seed, stream: ulong.MaxValue);
        var replicates = new List<double>(Resamples);
        for (var b = 0; b < Resamples; b++)
        {
            var moments = default(Moments);
            for (var i = 0; i < x.Length; i++)
            {
                var row = random.Next(x.Length);
                moments.Add(x[row], y[row]);
            }
            if (moments.Correlation() is { } replicate) replicates.Add(replicate);
        }
        replicates.Sort();
        return [.. replicates];
    }

    private static (double Bias, double Acceleration)? Corrections(double[] x, double[] y, double r, double[] replicates)
    {
        var below = replicates.Count(value => value < r) + 0.5 * replicates.Count(value => value == r);
        if (below <= 0 || below >= replicates.Length) return null;
        var bias = Normal.InvCDF(0, 1, below / replicates.Length);

        var all = default(Moments);
        for (var i = 0; i < x.Length; i++) all.Add(x[i], y[i]);
        var jackknife = new double[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            if (all.Without(x[i], y[i]).Correlation() is not { } value) return null;
            jackknife[i] = value;
        }
        var mean = jackknife.Average();
        var cubes = jackknife.Sum(value => Math.Pow(mean - value, 3));
        var squares = jackknife.Sum(value => (mean - value) * (mean - value));
        return squares <= 1e-24 ? null : (bias, cubes / (6 * Math.Pow(squares, 1.5)));
    }

    private static double Quantile(double[] sorted, double level)
    {
        var position = Math.Clamp(level * (sorted.Length + 1) - 1, 0, sorted.Length - 1);
        var lower = (int)position;
        var upper = Math.Min(lower + 1, sorted.Length - 1);
        return sorted[lower] + (position - lower) * (sorted[upper] - sorted[lower]);
    }

    /// <summary>Sums over rows of columns already centred and of length one, where the one-pass form loses nothing that matters.</summary>
    private struct Moments
    {
        private int _n;
        private double _x;
        private double _y;
        private double _xx;
        private double _yy;
        private double _xy;

        public void Add(double x, double y)
        {
            _n++;
            _x += x;
            _y += y;
            _xx += x * x;
            _yy += y * y;
            _xy += x * y;
        }

        public readonly Moments Without(double x, double y) => new()
        {
            _n = _n - 1,
            _x = _x - x,
            _y = _y - y,
            _xx = _xx - x * x,
            _yy = _yy - y * y,
            _xy = _xy - x * y,
        };

        public readonly double? Correlation()
        {
            var varianceX = _xx - _x * _x / _n;
            var varianceY = _yy - _y * _y / _n;
            if (varianceX <= 1e-12 * _xx || varianceY <= 1e-12 * _yy) return null;
            return Math.Clamp((_xy - _x * _y / _n) / Math.Sqrt(varianceX * varianceY), -1, 1);
        }
    }
}
