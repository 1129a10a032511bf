namespace NcService.Core.Collapse;

public static partial class CollapseMeasurements
{
    /// <summary>Takes every measurement, and what stands behind them: distributions, principal coordinates, the per-class table. One pass over the pairs.</summary>
    /// <param name="inputs">What was collected.</param>
    /// <param name="options">Conventions and tile sizes.</param>
    /// <param name="nearestClasses">How many nearest classes the table lists; 0 for none.</param>
    /// <param name="tokenText">The text of a token by its id, or null where no tokenizer is known.</param>
    /// <param name="cancellationToken">Looked at once per tile.</param>
    /// <exception cref="InputException">A number is not finite, or an option is out of range.</exception>
    public static (IReadOnlyList<Measurement> Measurements, CollapseDetails Details, ClassTable Classes) MeasureInDetail(
        CollapseInputs inputs, MeasurementOptions options, int nearestClasses, Func<int, string>? tokenText, CancellationToken cancellationToken)
    {
        // A sample of pairs, which is for vocabularies beyond waiting for, knows neither neighbours nor distributions.
        var pairs = new PairDetails { NearestClasses = options.PairSample is null ? nearestClasses : 0, Histograms = options.PairSample is null };
        using var geometry = Geometry(inputs.Statistics, inputs.Classifier, inputs.OutOfDistributionMean, options);
        var measurements = Measure(inputs, geometry, options, pairs, cancellationToken);
        var table = Table(inputs, geometry, options, pairs, tokenText);
        var details = new CollapseDetails
        {
            Distributions =
            [
                Distribution.OverClasses("norms", table.Norms),
                Distribution.OverClasses("lognorms", Array.ConvertAll(table.Norms, Math.Log)),
                Distribution.OverClasses("variance", table.Variances),
                Distribution.OverClasses("selfdual", table.SelfDuality),
                .. pairs.Distributions.Select(Distribution.OverPairs),
            ],
            PrincipalShares = table.Principal.Shares,
            Intervals = pairs.Intervals,
            Validation = inputs.Validation,
            Train = inputs.Train,
        };
        return (measurements, details, table);
    }

    private static ClassTable Table(CollapseInputs inputs, ClassGeometry geometry, MeasurementOptions options, PairDetails pairs, Func<int, string>? tokenText)
    {
        var ids = geometry.Ids;
        var decided = inputs.ValidationByClass;
        long[] Counts(long[]? ofAll) => Array.ConvertAll(ids, id => ofAll?[id] ?? 0);
        var samples = Counts(decided?.Samples);
        double[] Share(long[]? ofAll) => [.. Counts(ofAll).Zip(samples, (part, whole) => whole == 0 ? double.NaN : (double)part / whole)];
        IReadOnlyList<Neighbour[]> Lists(IReadOnlyList<Neighbour[]> found) => found.Count == ids.Length ? found : [.. ids.Select(_ => Array.Empty<Neighbour>())];
        return new ClassTable
        {
            Ids = ids,
            Texts = tokenText is null ? [] : Array.ConvertAll(ids, id => tokenText(id)),
            Counts = Counts(inputs.Statistics.CountValues),
            Norms = geometry.Norms,
            Variances = Variances(inputs.Statistics, ids, options.Unbiased),
            SelfDuality = !geometry.HasClassifier ? Array.ConvertAll(ids, _ => double.NaN) : geometry.SelfDuality,
            ValidationSamples = samples,
            Agreement = Share(decided?.Agreements),
            Accuracy = Share(decided?.LinearCorrect),
            NearestByDistance = Lists(pairs.NearestByDistance),
            NearestByCosine = Lists(pairs.NearestByCosine),
            Principal = PrincipalCoordinates.Of(geometry),
        };
    }
}
