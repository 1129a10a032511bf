namespace NcService.Core.Collapse;

/// <summary>Measurements from the d × d covariances: NC1 by traces, the variability collapse index, the distance from a simplex, ranks.</summary>
internal static class SpectrumMeasurements
{
    public static void Add(MeasurementSet set, ClassStatistics statistics, ClassGeometry geometry)
    {
        if (geometry.Norms.All(norm => norm == 0))
        {
            var reason = geometry.Count == 1
                ? "there is one class only, so that the between-class covariance is zero"
                : "all class means are equal, so that the between-class covariance is zero";
            set.AddUndefined(reason, "nc1_pinv", "nc1_quotient", "vci", "etf_error", "effective_rank", "stable_rank");
            return;
        }
        var rounding = statistics.Precision == FeaturePrecision.Float64 ? 0 : Math.ScaleB(1, -23) * geometry.MeanScale;
        var spectrum = new BetweenClassSpectrum(geometry, rounding);
        set.Add("etf_error", spectrum.SimplexError());
        set.Add("effective_rank", spectrum.EffectiveRank);
        set.Add("stable_rank", spectrum.StableRank);
        AddVariability(set, statistics, geometry, spectrum);
    }

    private static void AddVariability(MeasurementSet set, ClassStatistics statistics, ClassGeometry geometry, BetweenClassSpectrum spectrum)
    {
        var samples = geometry.Ids.Sum(id => statistics.CountValues[id]);
        var sums = TensorMemory.ToDoubles(statistics.WithinSums);
        var trace = ShiftedMoments.Of(Array.ConvertAll(geometry.Ids, id => sums[id])).Mean * geometry.Count / samples;
        set.Add("nc1_quotient", trace / spectrum.Trace);
        if (!CovarianceCovers(statistics, geometry.Ids))
        {
            set.AddUndefined(
                statistics.CovarianceClasses is { } included && !Array.Exists(included, flag => flag)
                    ? "the within-class covariance was not collected"
                    : "the within-class covariance was collected over other classes than those kept: collect with this minimum of samples per class",
                "nc1_pinv", "vci");
            return;
        }
        using var within = statistics.WithinCovarianceSum.div(samples);
        set.Add("nc1_pinv", spectrum.TraceWithPseudoInverse(within) / geometry.Count);
        set.Add("vci", spectrum.VariabilityCollapseIndex(within));
    }

    /// <summary>Whether the scatter matrix holds exactly the kept classes; a class of one sample adds nothing to it, so that it may be either.</summary>
    private static bool CovarianceCovers(ClassStatistics statistics, int[] ids)
    {
        var kept = new bool[statistics.ClassCount];
        foreach (var id in ids) kept[id] = true;
        return Enumerable.Range(0, statistics.ClassCount)
            .All(c => statistics.CountValues[c] < 2 || kept[c] == (statistics.CovarianceClasses?[c] ?? true));
    }
}
