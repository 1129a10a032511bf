namespace NcService.Core.Collapse;

/// <summary>Measurements over classes: norms, duality with the classifier, orthogonality to out-of-distribution text.</summary>
internal static class ClassMeasurements
{
    public static void Add(MeasurementSet set, ClassGeometry geometry)
    {
        var missing = MissingDirections(geometry.Norms, geometry.Ids, "the global mean");
        set.AddMoments("norms", ShiftedMoments.Of(geometry.Norms), scale: 0);
        if (missing is not null) set.AddUndefinedMoments(missing, "lognorms");
        else set.AddMoments("lognorms", ShiftedMoments.Of(Array.ConvertAll(geometry.Norms, Math.Log)), scale: 1);
        AddDuality(set, geometry, missing);
        AddOutOfDistribution(set, geometry);
    }

    /// <summary>Why directions are undefined, where a vector is zero; else null.</summary>
    public static string? MissingDirections(double[] norms, int[] ids, string equalTo)
    {
        var missing = norms.Count(norm => norm == 0);
        if (missing == 0) return null;
        return $"{missing} of {norms.Length} classes {(missing == 1 ? "has a mean" : "have means")} equal to {equalTo}, "
            + $"so that the direction is undefined (the first is class {ids[Array.IndexOf(norms, 0)]})";
    }

    private static void AddDuality(MeasurementSet set, ClassGeometry geometry, string? missing)
    {
        var reason = !geometry.HasClassifier ? "there is no classifier"
            : geometry.ZeroWeights > 0 ? $"{geometry.ZeroWeights} of {geometry.Count} classes have a row of zeros in the classifier"
            : missing;
        if (reason is not null)
        {
            set.AddUndefinedMoments(reason, "selfdual");
            set.AddUndefinedMoments(reason, "duality_distance");
        }
        else
        {
            set.AddMoments("selfdual", ShiftedMoments.Of(geometry.SelfDuality), scale: 1);
            set.AddMoments("duality_distance", ShiftedMoments.Of(geometry.DualityDistance), scale: 1);
        }
        AddDualityError(set, geometry);
    }

    /// <summary>
    /// ‖A/‖A‖_F − (I − 11ᵀ/C)/√(C−1)‖_F for A = W Mᵀ, as √(2 − 2⟨·,·⟩): ‖A‖_F² = ⟨WᵀW, MᵀM⟩, and 1ᵀM = 0 makes the product with I − 11ᵀ/C
    /// the trace of A. (Near zero the subtraction leaves an absolute error of some 10⁻⁸.)
    /// </summary>
    private static void AddDualityError(MeasurementSet set, ClassGeometry geometry)
    {
        if (!geometry.HasClassifier) set.AddUndefined("there is no classifier", "duality_error");
        else if (geometry.Count == 1) set.AddUndefined("there is one class only, so there is no simplex", "duality_error");
        else if (!(geometry.SquaredDualityNorm > 0)) set.AddUndefined("W Mᵀ is zero", "duality_error");
        else
        {
            var cosine = geometry.DualityTrace / Math.Sqrt((geometry.Count - 1) * geometry.SquaredDualityNorm);
            set.Add("duality_error", Math.Sqrt(Math.Max(0, 2 - (2 * cosine))));
        }
    }

    private static void AddOutOfDistribution(MeasurementSet set, ClassGeometry geometry)
    {
        var reason = !geometry.HasOutOfDistributionMean ? "there is no out-of-distribution mean"
            : geometry.ZeroOutOfDistributionMean ? "the out-of-distribution mean is zero, so that its direction is undefined"
            : MissingDirections(geometry.UncentredNorms, geometry.Ids, "zero");
        if (reason is not null) set.AddUndefined(reason, "ood_orthogonality");
        else set.Add("ood_orthogonality", ShiftedMoments.Of(geometry.OutOfDistributionCosine).Mean);
    }
}
