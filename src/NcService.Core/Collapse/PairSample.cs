namespace NcService.Core.Collapse;

/// <summary>A few pairs computed exactly, to know roughly where the means of the pairwise values lie before the pass.</summary>
internal static class PairSample
{
    private const int Pairs = 256;

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
            PairTileKernel.AddExactly(a, b, classes, exponent, zero, ref part);
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
        return new PairShifts(
            sums.LogDistance / Math.Max(1, directions), sums.LogDistanceUncentred / Math.Max(1, uncentred), sums.Riesz / Math.Max(1, directions));
    }
}
