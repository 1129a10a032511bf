namespace NcService.Core.Collapse;

/// <summary>Measurements as they are worked out, put into the catalog's order at the end.</summary>
internal sealed class MeasurementSet
{
    private readonly Dictionary<string, Measurement> measurements = new(StringComparer.Ordinal);

    public void Add(string name, double value) => Put(Measurement.Of(name, value));

    public void AddUndefined(string reason, params ReadOnlySpan<string> names)
    {
        foreach (var name in names) Put(Measurement.Undefined(name, reason));
    }

    /// <summary>Adds NAME_mean, NAME_std and NAME_cov, as far as the catalog has them.</summary>
    /// <param name="name">The common part of the names.</param>
    /// <param name="moments">Mean and spread.</param>
    /// <param name="scale">The natural size of the values where they have one (1 for cosines and logarithms): a mean that is zero beside it to rounding is zero.</param>
    public void AddMoments(string name, ShiftedMoments moments, double scale) => AddMoments(name, moments.Mean, moments.StandardDeviation, scale);

    /// <inheritdoc cref="AddMoments(string, ShiftedMoments, double)"/>
    public void AddMoments(string name, double mean, double standardDeviation, double scale)
    {
        Add(name + "_mean", mean);
        Add(name + "_std", standardDeviation);
        if (MeasurementCatalog.TryFind(name + "_cov") is null) return;
        if (Math.Abs(mean) <= PairClasses.RelativeCoincidence * scale)
            AddUndefined("the mean is zero, so the spread relative to it is undefined", name + "_cov");
        else
            Add(name + "_cov", standardDeviation / mean);
    }

    /// <summary>The measurements of a statistics block that are undefined together.</summary>
    public void AddUndefinedMoments(string reason, string name)
    {
        foreach (var suffix in (ReadOnlySpan<string>)["_mean", "_std", "_cov"])
        {
            if (MeasurementCatalog.TryFind(name + suffix) is not null) AddUndefined(reason, name + suffix);
        }
    }

    /// <summary>All measurements of the catalog that have been added, in its order.</summary>
    public IReadOnlyList<Measurement> InOrder() =>
        [.. MeasurementCatalog.All.Where(entry => measurements.ContainsKey(entry.Name)).Select(entry => measurements[entry.Name])];

    private void Put(Measurement measurement)
    {
        // A name outside the catalog, or one given twice, is a fault of this program.
        if (MeasurementCatalog.TryFind(measurement.Name) is null || !measurements.TryAdd(measurement.Name, measurement))
            throw new InvalidOperationException($"Measurement {measurement.Name} is unknown or was added twice.");
    }
}
