namespace NcService.Core.Collapse;

/// <summary>Measurements over pairs of classes: CDNV, log distances and Riesz energies from the pass of tiles; interference in closed form.</summary>
internal static class PairMeasurements
{
    public static void Add(
        MeasurementSet set, ClassStatistics statistics, ClassGeometry geometry, MeasurementOptions options, PairDetails details, CancellationToken cancellationToken)
    {
        details.Classes = geometry.Ids;
        if (geometry.Count == 1)
        {
            set.AddUndefined("there is one class only, so there are no pairs", "cdnv", "cdnv_dist4");
            foreach (var block in (ReadOnlySpan<string>)["interference", "logdist", "logdist_uncentred", "riesz"])
                set.AddUndefinedMoments("there is one class only, so there are no pairs", block);
            return;
        }
        var variances = CollapseMeasurements.Variances(statistics, geometry.Ids, options.Unbiased);
        var classes = new PairClasses(
            geometry.Means, geometry.GlobalMean, geometry.Norms, geometry.UncentredNorms, geometry.Projections, variances, geometry.MeanScale);
        var shifts = PairSample.Shifts(classes, options.RieszExponent);
        var totals = options.PairSample is { } sample && sample < Pairs(geometry.Count)
            ? Sample(classes, geometry, options, sample, shifts, details, cancellationToken)
            : All(classes, geometry, options, variances, shifts, details, cancellationToken);
        AddInterference(set, geometry);
        Add(set, geometry, totals, shifts, options);
    }

    private static void Add(MeasurementSet set, ClassGeometry geometry, PairTotals totals, PairShifts shifts, MeasurementOptions options)
    {
        AddCdnv(set, totals);
        AddDistances(set, geometry, totals, shifts, options.RieszExponent);
        AddUncentredDistances(set, geometry, totals, shifts);
    }

    private static PairTotals All(
        PairClasses classes, ClassGeometry geometry, MeasurementOptions options, double[] variances, PairShifts shifts, PairDetails details, CancellationToken cancellationToken)
    {
        var totals = PairwisePass.Run(classes, geometry.Directions, options, shifts, details, cancellationToken);
        totals.Pairs = Pairs(geometry.Count);
        totals.PairsWithVariance = Pairs(variances.Count(variance => !double.IsNaN(variance)));
        foreach (var list in details.NearestByDistance.Concat(details.NearestByCosine))
        {
            for (var i = 0; i < list.Length; i++) list[i] = list[i] with { Class = geometry.Ids[list[i].Class] };
        }
        return totals;
    }

    private static PairTotals Sample(
        PairClasses classes, ClassGeometry geometry, MeasurementOptions options, long sample, PairShifts shifts, PairDetails details, CancellationToken cancellationToken)
    {
        if (details.NearestClasses > 0 || details.Histograms) throw new InputException("Nearest classes and distributions need all pairs: leave the sample of pairs out.");
        var groups = PairSample.Draw(classes, sample, options.PairSampleSeed, options.RieszExponent, shifts, cancellationToken);
        details.Intervals = PairSample.Intervals(groups, part =>
        {
            var values = new MeasurementSet();
            Add(values, geometry, part, shifts, options);
            return values.InOrder().Where(measurement => measurement.Value is not null).ToDictionary(measurement => measurement.Name, measurement => measurement.Value!.Value);
        });
        return PairTotals.Of(groups);
    }

    private static void AddCdnv(MeasurementSet set, PairTotals totals)
    {
        var pairs = totals.PairsWithVariance;
        if (pairs == 0)
        {
            set.AddUndefined("fewer than two classes have the two samples that an unbiased variance needs", "cdnv", "cdnv_dist4");
        }
        else if (totals.EqualMeans > 0)
        {
            set.AddUndefined($"{Count(totals.EqualMeans, "pair")} of classes {Have(totals.EqualMeans)} equal means, so that the distance in the denominator is zero", "cdnv", "cdnv_dist4");
        }
        else
        {
            set.Add("cdnv", totals.Cdnv / pairs);
            set.Add("cdnv_dist4", totals.CdnvDistance4 / pairs);
        }
    }

    /// <summary>
    /// Σ over ordered pairs of u·u′ is ‖Σ u‖² − C, and of its square ‖UᵀU‖_F² − C. (Both subtractions leave the spread of a perfect simplex,
    /// which is zero, with an absolute error of some 10⁻⁸.)
    /// </summary>
    private static void AddInterference(MeasurementSet set, ClassGeometry geometry)
    {
        if (ClassMeasurements.MissingDirections(geometry.Norms, geometry.Ids, "the global mean") is { } reason)
        {
            set.AddUndefinedMoments(reason, "interference");
            return;
        }
        double count = geometry.Count, orderedPairs = count * (count - 1);
        var mean = (geometry.SquaredNormOfDirectionSum - count) / orderedPairs;
        using var squares = geometry.DirectionMoment.square();
        using var sum = squares.sum();
        var meanSquare = (sum.item<double>() - count) / orderedPairs;
        set.AddMoments("interference", mean, Math.Sqrt(Math.Max(0, meanSquare - (mean * mean))), scale: 1);
    }

    private static void AddDistances(MeasurementSet set, ClassGeometry geometry, PairTotals totals, PairShifts shifts, double exponent)
    {
        var missing = ClassMeasurements.MissingDirections(geometry.Norms, geometry.Ids, "the global mean");
        var coincident = Coincident(totals.EqualDirections, "centred means");
        if ((missing ?? coincident) is { } noLogarithm) set.AddUndefinedMoments(noLogarithm, "logdist");
        else set.AddMoments("logdist", totals.LogDistance(shifts), scale: 1);

        // For s ≤ 0 the kernel is finite at distance zero.
        if ((missing ?? (exponent > 0 ? coincident : null)) is { } noEnergy) set.AddUndefinedMoments(noEnergy, "riesz");
        else set.AddMoments("riesz", totals.Riesz(shifts), scale: 0);
    }

    private static void AddUncentredDistances(MeasurementSet set, ClassGeometry geometry, PairTotals totals, PairShifts shifts)
    {
        var reason = ClassMeasurements.MissingDirections(geometry.UncentredNorms, geometry.Ids, "zero")
            ?? Coincident(totals.EqualUncentredDirections, "means");
        if (reason is not null) set.AddUndefinedMoments(reason, "logdist_uncentred");
        else set.AddMoments("logdist_uncentred", totals.LogDistanceUncentred(shifts), scale: 1);
    }

    private static string? Coincident(long pairs, string what) =>
        pairs == 0 ? null : $"the {what} of {Count(pairs, "pair")} of classes have the same direction, so that their distance on the sphere is zero";

    private static long Pairs(long classes) => classes * (classes - 1) / 2;

    private static string Count(long count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    private static string Have(long count) => count == 1 ? "has" : "have";
}
