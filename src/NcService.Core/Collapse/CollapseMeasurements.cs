using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>Neural-collapse measurements from class statistics, a classifier and decision counts: every definition of METRICS.md.</summary>
public static partial class CollapseMeasurements
{
    private const string WithoutDecisions = "no decisions on validation samples were collected";

    /// <summary>Takes every measurement of the catalog, in its order, from what was collected. Never a NaN: what is undefined says why.</summary>
    /// <exception cref="InputException">A number is not finite, or an option is out of range.</exception>
    public static IReadOnlyList<Measurement> Measure(CollapseInputs inputs, MeasurementOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MeasurementOptions();
        using var geometry = Geometry(inputs.Statistics, inputs.Classifier, inputs.OutOfDistributionMean, options);
        return Measure(inputs, geometry, options, new PairDetails(), cancellationToken);
    }

    private static IReadOnlyList<Measurement> Measure(
        CollapseInputs inputs, ClassGeometry geometry, MeasurementOptions options, PairDetails details, CancellationToken cancellationToken)
    {
        // Centres were compared over the classes kept then; losses do not depend on them.
        var otherClasses = inputs.Validation is { } decisions && decisions.KeptClasses != geometry.Count
            ? $"the decisions were taken over {decisions.KeptClasses} classes, the measurements over {geometry.Count}: collect with this minimum of samples per class"
            : null;
        return
        [
            .. Measure(
                inputs.Statistics, geometry, otherClasses is null ? inputs.Validation : null, options, details, otherClasses ?? WithoutDecisions, cancellationToken),
            .. DecisionMeasurements.Generalisation(inputs.Validation, inputs.Train),
        ];
    }

    /// <summary>Takes every geometric measurement of the catalog, in its order. Never a NaN: what is undefined says why.</summary>
    /// <param name="statistics">Class statistics of the training samples.</param>
    /// <param name="classifier">W: [K, d], or null where there is none (NC3 is undefined then).</param>
    /// <param name="decisions">Counts over validation samples with the same minimum of samples per class, or null (NC4 is undefined then).</param>
    /// <param name="outOfDistributionMean">μ_ood: [d], or null (NC5 is undefined then).</param>
    /// <param name="options">Conventions and tile sizes.</param>
    /// <param name="cancellationToken">Looked at once per tile.</param>
    /// <exception cref="InputException">A shape does not fit, a number is not finite, or an option is out of range.</exception>
    public static IReadOnlyList<Measurement> Measure(
        ClassStatistics statistics,
        Tensor? classifier,
        DecisionCounts? decisions = null,
        Tensor? outOfDistributionMean = null,
        MeasurementOptions? options = null,
        CancellationToken cancellationToken = default) =>
        Measure(statistics, classifier, decisions, outOfDistributionMean, options ?? new MeasurementOptions(), new PairDetails(), cancellationToken);

    /// <summary>Takes every geometric measurement of the catalog, in its order. Never a NaN: what is undefined says why.</summary>
    /// <param name="statistics">Class statistics of the training samples.</param>
    /// <param name="classifier">W: [K, d], or null where there is none (NC3 is undefined then).</param>
    /// <param name="decisions">Counts over validation samples with the same minimum of samples per class, or null (NC4 is undefined then).</param>
    /// <param name="outOfDistributionMean">μ_ood: [d], or null (NC5 is undefined then).</param>
    /// <param name="options">Conventions and tile sizes.</param>
    /// <param name="details">What else to find in the same pass over pairs, nearest classes and distributions; filled here.</param>
    /// <param name="cancellationToken">Looked at once per tile.</param>
    /// <exception cref="InputException">A shape does not fit, a number is not finite, or an option is out of range.</exception>
    public static IReadOnlyList<Measurement> Measure(
        ClassStatistics statistics,
        Tensor? classifier,
        DecisionCounts? decisions,
        Tensor? outOfDistributionMean,
        MeasurementOptions options,
        PairDetails details,
        CancellationToken cancellationToken)
    {
        using var geometry = Geometry(statistics, classifier, outOfDistributionMean, options);
        return Measure(statistics, geometry, decisions, options, details, WithoutDecisions, cancellationToken);
    }

    private static IReadOnlyList<Measurement> Measure(
        ClassStatistics statistics, ClassGeometry geometry, DecisionCounts? decisions, MeasurementOptions options, PairDetails details, string withoutDecisions,
        CancellationToken cancellationToken)
    {
        if (decisions is not null && decisions.KeptClasses != geometry.Count)
        {
            throw new InputException(
                $"The decisions were taken over {decisions.KeptClasses} classes, the measurements over {geometry.Count}: use the same minimum of samples per class.");
        }
        var set = new MeasurementSet();
        if (geometry.Count == 0)
        {
            var reason = $"no class has at least {options.MinimumSamples} training sample{(options.MinimumSamples == 1 ? "" : "s")}";
            foreach (var entry in MeasurementCatalog.All.Where(entry => entry.Property is not ("generalisation" or "NC4"))) set.AddUndefined(reason, entry.Name);
        }
        else
        {
            PairMeasurements.Add(set, statistics, geometry, options, details, cancellationToken);
            SpectrumMeasurements.Add(set, statistics, geometry);
            ClassMeasurements.Add(set, geometry);
        }
        DecisionMeasurements.Add(set, decisions, withoutDecisions);
        return set.InOrder();
    }

    /// <summary>The per-class table over the kept classes.</summary>
    /// <param name="statistics">Class statistics of the training samples.</param>
    /// <param name="classifier">W: [K, d], or null where there is none.</param>
    /// <param name="options">Conventions.</param>
    /// <exception cref="InputException">A shape does not fit, a number is not finite, or an option is out of range.</exception>
    public static IReadOnlyList<ClassRow> PerClass(ClassStatistics statistics, Tensor? classifier, MeasurementOptions? options = null)
    {
        options ??= new MeasurementOptions();
        using var geometry = Geometry(statistics, classifier, outOfDistributionMean: null, options);
        var variances = Variances(statistics, geometry.Ids, options.Unbiased);
        return [.. geometry.Ids.Select((id, i) => new ClassRow(
            id, statistics.CountValues[id], geometry.Norms[i], Defined(variances[i]), classifier is null ? null : Defined(geometry.SelfDuality[i])))];
    }

    /// <summary>s²_c of the given classes; NaN where the unbiased form has but one sample.</summary>
    internal static double[] Variances(ClassStatistics statistics, int[] ids, bool unbiased)
    {
        var sums = TensorMemory.ToDoubles(statistics.WithinSums);
        return Array.ConvertAll(ids, id =>
        {
            var divisor = statistics.CountValues[id] - (unbiased ? 1 : 0);
            return divisor == 0 ? double.NaN : sums[id] / divisor;
        });
    }

    /// <summary>The geometry of the classes that the options keep, once all that it is taken from is checked.</summary>
    private static ClassGeometry Geometry(
        ClassStatistics statistics, Tensor? classifier, Tensor? outOfDistributionMean, MeasurementOptions options)
    {
        CheckInputs(statistics, classifier, outOfDistributionMean, options);
        var ids = Enumerable.Range(0, statistics.ClassCount).Where(c => statistics.CountValues[c] >= options.MinimumSamples).ToArray();
        var tileType = (options.TilePrecision ?? statistics.Precision) == FeaturePrecision.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        return ClassGeometry.Compute(statistics, ids, classifier, outOfDistributionMean, tileType);
    }

    private static void CheckInputs(ClassStatistics statistics, Tensor? classifier, Tensor? outOfDistributionMean, MeasurementOptions options)
    {
        options.Validate();
        if (classifier is not null) BatchChecks.Classifier(classifier, statistics.ClassCount, statistics.Dimension);
        if (outOfDistributionMean is null) return;
        if (outOfDistributionMean.dim() != 1 || outOfDistributionMean.shape[0] != statistics.Dimension)
        {
            throw new InputException(
                $"The out-of-distribution mean must be [{statistics.Dimension}], not [{string.Join(", ", outOfDistributionMean.shape)}].");
        }
        using var asRow = outOfDistributionMean.unsqueeze(0);
        BatchChecks.Finite(asRow, "numbers of the out-of-distribution mean");
    }

    private static double? Defined(double value) => double.IsNaN(value) ? null : value;
}

/// <summary>One class in the per-class table.</summary>
/// <param name="Id">Class (token) id.</param>
/// <param name="Count">n_c.</param>
/// <param name="Norm">‖m_c‖.</param>
/// <param name="Variance">s²_c; null where the unbiased form is undefined.</param>
/// <param name="SelfDuality">cos(w_c, m_c); null where undefined or without a classifier.</param>
public sealed record ClassRow(int Id, long Count, double Norm, double? Variance, double? SelfDuality);
