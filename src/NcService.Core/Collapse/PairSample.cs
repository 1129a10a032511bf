using NcService.Core.Models.Kernels;

namespace NcService.Core.Collapse;

/// <summary>
/// Pairs computed one by one from explicit differences: a few, to know roughly where the means of the pairwise values lie before the pass, or a
/// random sample in place of the pass.
/// </summary>
internal static class PairSample
{
    /// <summary>Parts of a random sample, from whose scatter its confidence intervals come.</summary>
    public const int Groups = 64;

    // Student's t for 95 % and one degree of freedom less than there are groups.
    private const double Quantile = 1.9983;
    private const int Pairs = 256;
    private const int PairsBetweenChecks = 4096;

    /// <summary>Draws pairs of different classes with replacement, every pair equally likely, in <see cref="Groups"/> equal parts; the same for the same seed.</summary>
    public static PairSums[] Draw(PairClasses classes, long count, int seed, double exponent, PairShifts shifts, CancellationToken cancellationToken)
    {
        var groups = new PairSums[Groups];
        CpuParallel.For(Groups, group =>
        {
            var random = new Random(unchecked((seed * 31_337) + (int)group));
            var sums = default(PairSums);
            for (var i = 0L; i < (count + Groups - 1) / Groups; i++)
            {
                if (i % PairsBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
                var a = random.Next(classes.Count);
                var b = random.Next(classes.Count - 1);
                PairTileKernel.AddExactly(a, b < a ? b : b + 1, classes, exponent, shifts, default, ref sums);
                sums.Pairs++;
                if (classes.Weights[a] * classes.Weights[b < a ? b : b + 1] != 0) sums.PairsWithVariance++;
            }
            groups[group] = sums;
        });
        return groups;
    }

    /// <summary>95 % intervals of numbers that follow from a sample, by leaving out one group after the other (the jackknife).</summary>
    public static Dictionary<string, ConfidenceInterval> Intervals(PairSums[] groups, Func<PairTotals, IReadOnlyDictionary<string, double>> measure)
    {
        var whole = measure(PairTotals.Of(groups));
        var without = Enumerable.Range(0, groups.Length).Select(left => measure(PairTotals.Of([.. groups.Where((_, group) => group != left)]))).ToArray();
        return whole.ToDictionary(entry => entry.Key, entry =>
        {
            var values = without.Select(part => part[entry.Key]).ToArray();
            var mean = values.Average();
            var error = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) * (groups.Length - 1) / groups.Length);
            return new ConfidenceInterval(entry.Value - (Quantile * error), entry.Value + (Quantile * error));
        });
    }

    /// <summary>The sample's mean values; any value would be correct, near ones lose no digits (see <see cref="ShiftedMoments"/>).</summary>
    public static PairShifts Shifts(PairClasses classes, double exponent)
    {
        var sums = default(PairSums);
        var (directions, uncentred) = (0L, 0L);
        var zero = default(PairShifts);
        for (var i = 0; i < Pairs; i++)
        {
            // Two strides without a common factor spread the pairs over all classes.
            var a = (int)(i * 7919L % classes.Count);
            var b = (int)(((i * 104729L) + (classes.Count / 2) + 1) % classes.Count);
            if (a == b) continue;
            var part = default(PairSums);
            PairTileKernel.AddExactly(a, b, classes, exponent, zero, default, ref part);
            if (part.EqualDirections == 0 && classes.Norms[a] != 0 && classes.Norms[b] != 0)
            {
                sums.LogDistance += part.LogDistance;
                sums.Riesz += part.Riesz;
                directions++;
            }
            if (part.EqualUncentredDirections == 0 && classes.UncentredNorms[a] != 0 && classes.UncentredNorms[b] != 0)
            {
                sums.LogDistanceUncentred += part.LogDistanceUncentred;
                uncentred++;
            }
        }

        // Rounded to float32, so that both kernels subtract the same.
        return new PairShifts(
            (float)(sums.LogDistance / Math.Max(1, directions)),
            (float)(sums.LogDistanceUncentred / Math.Max(1, uncentred)),
            sums.Riesz / Math.Max(1, directions) is var energy && Math.Abs(energy) < float.MaxValue ? (float)energy : energy);
    }
}
