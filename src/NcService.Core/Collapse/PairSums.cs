using System.Runtime.InteropServices;

namespace NcService.Core.Collapse;

/// <summary>What one sweep over pairs of classes adds up. Sums of values are about the shifts of <see cref="PairShifts"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct PairSums
{
    public double Cdnv;
    public double CdnvDistance4;
    public double LogDistance;
    public double LogDistanceSquared;
    public double LogDistanceUncentred;
    public double LogDistanceUncentredSquared;
    public double Riesz;
    public double RieszSquared;

    /// <summary>Pairs whose class means are equal (to rounding), so that their CDNV is infinite.</summary>
    public long EqualMeans;

    /// <summary>Pairs whose centred means have the same direction, so that their log distance is infinite.</summary>
    public long EqualDirections;

    /// <summary>The same for uncentred means.</summary>
    public long EqualUncentredDirections;

    /// <summary>Pairs that were recomputed from explicit differences in float64.</summary>
    public long Recomputed;

    /// <summary>Pairs added; 0 where the caller knows how many there are.</summary>
    public long Pairs;

    /// <summary>Of those, pairs of classes that both have a variance.</summary>
    public long PairsWithVariance;
}

/// <summary>Values near the means of the summed quantities (see <see cref="ShiftedMoments"/>).</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PairShifts(double LogDistance, double LogDistanceUncentred, double Riesz);

/// <summary>Totals of <see cref="PairSums"/> over any number of tiles, compensated.</summary>
internal sealed class PairTotals
{
    private readonly CompensatedSum[] sums = new CompensatedSum[8];

    public long EqualMeans { get; private set; }

    public long EqualDirections { get; private set; }

    public long EqualUncentredDirections { get; private set; }

    public long Recomputed { get; private set; }

    /// <summary>Pairs in the sums.</summary>
    public long Pairs { get; set; }

    /// <summary>Of those, pairs of classes that both have a variance.</summary>
    public long PairsWithVariance { get; set; }

    public double Cdnv => sums[0].Value;

    public double CdnvDistance4 => sums[1].Value;

    /// <summary>The totals of some parts.</summary>
    public static PairTotals Of(IEnumerable<PairSums> parts)
    {
        var totals = new PairTotals();
        foreach (var part in parts) totals.Add(part);
        return totals;
    }

    public void Add(PairSums part)
    {
        sums[0].Add(part.Cdnv);
        sums[1].Add(part.CdnvDistance4);
        sums[2].Add(part.LogDistance);
        sums[3].Add(part.LogDistanceSquared);
        sums[4].Add(part.LogDistanceUncentred);
        sums[5].Add(part.LogDistanceUncentredSquared);
        sums[6].Add(part.Riesz);
        sums[7].Add(part.RieszSquared);
        EqualMeans += part.EqualMeans;
        EqualDirections += part.EqualDirections;
        EqualUncentredDirections += part.EqualUncentredDirections;
        Recomputed += part.Recomputed;
        Pairs += part.Pairs;
        PairsWithVariance += part.PairsWithVariance;
    }

    public ShiftedMoments LogDistance(in PairShifts shifts) => new(shifts.LogDistance, sums[2].Value, sums[3].Value, Pairs);

    public ShiftedMoments LogDistanceUncentred(in PairShifts shifts) => new(shifts.LogDistanceUncentred, sums[4].Value, sums[5].Value, Pairs);

    public ShiftedMoments Riesz(in PairShifts shifts) => new(shifts.Riesz, sums[6].Value, sums[7].Value, Pairs);
}
