namespace NcService.Core.Tests.Collapse;

/// <summary>The definitions of METRICS.md written as plain loops over samples and pairs: slow, obvious, float64. NaN or ∞ where undefined.</summary>
internal sealed class ReferenceMeasurements
{
    private readonly double[][] means;
    private readonly double[][] centred;
    private readonly double[] variances;
    private readonly double[][]? weights;

    public ReferenceMeasurements(double[] features, long[] labels, int classes, int dimension, double[]? classifier, int minimumSamples = 1, bool unbiased = false)
    {
        var kept = Enumerable.Range(0, classes).Where(c => labels.Count(label => label == c) >= minimumSamples).ToArray();
        var rows = labels.Select((label, i) => (Label: label, Row: features[(i * dimension)..((i + 1) * dimension)])).ToArray();
        means = [.. kept.Select(c => MeanOf(rows.Where(row => row.Label == c).Select(row => row.Row), dimension))];
        variances = [.. kept.Select((c, i) =>
        {
            var own = rows.Where(row => row.Label == c).ToArray();
            return own.Sum(row => SquaredDistance(row.Row, means[i])) / (own.Length - (unbiased ? 1 : 0));
        })];
        var global = MeanOf(means, dimension);
        centred = [.. means.Select(mean => mean.Zip(global, (a, b) => a - b).ToArray())];
        weights = classifier is null ? null : [.. kept.Select(c => classifier[(c * dimension)..((c + 1) * dimension)])];
    }

    public Dictionary<string, double> Compute(double rieszExponent = 1)
    {
        var result = new Dictionary<string, double>();
        var units = centred.Select(Unit).ToArray();
        var uncentredUnits = means.Select(Unit).ToArray();
        result["cdnv"] = Pairs((a, b) => (variances[a] + variances[b]) / (2 * SquaredDistance(means[a], means[b]))).Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
        result["cdnv_dist4"] = Pairs((a, b) => (variances[a] + variances[b]) / (2 * Math.Pow(SquaredDistance(means[a], means[b]), 2))).Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
        AddMoments(result, "norms", centred.Select(Norm));
        AddMoments(result, "lognorms", centred.Select(row => Math.Log(Norm(row))));
        AddMoments(result, "interference", Pairs((a, b) => Dot(units[a], units[b])));
        AddMoments(result, "logdist", Pairs((a, b) => -0.5 * Math.Log(SquaredDistance(units[a], units[b]))));
        AddMoments(result, "logdist_uncentred", Pairs((a, b) => -0.5 * Math.Log(SquaredDistance(uncentredUnits[a], uncentredUnits[b]))));
        AddMoments(result, "riesz", Pairs((a, b) => (rieszExponent < 0 ? -1 : 1) * Math.Pow(SquaredDistance(units[a], units[b]), -rieszExponent / 2)));
        result["etf_error"] = SimplexError(centred);
        if (weights is null) return result;
        AddMoments(result, "selfdual", weights.Zip(centred, (w, m) => Dot(w, m) / Norm(w) / Norm(m)));
        AddMoments(result, "duality_distance", weights.Zip(units, (w, u) => Math.Sqrt(SquaredDistance(Unit(w), u))));
        result["duality_error"] = SimplexError(weights);
        return result;
    }

    /// <summary>The class × class matrix, written out.</summary>
    private double SimplexError(double[][] left)
    {
        var count = centred.Length;
        var norm = Math.Sqrt((from a in left from b in centred select Math.Pow(Dot(a, b), 2)).Sum());
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                var ideal = ((i == j ? 1 : 0) - (1.0 / count)) / Math.Sqrt(count - 1);
                sum += Math.Pow((Dot(left[i], centred[j]) / norm) - ideal, 2);
            }
        }
        return Math.Sqrt(sum);
    }

    private IEnumerable<double> Pairs(Func<int, int, double> value)
    {
        for (var a = 0; a < means.Length; a++)
        {
            for (var b = a + 1; b < means.Length; b++) yield return value(a, b);
        }
    }

    private static void AddMoments(Dictionary<string, double> result, string name, IEnumerable<double> sequence)
    {
        var values = sequence.ToArray();
        var mean = values.DefaultIfEmpty(double.NaN).Average();
        var deviation = Math.Sqrt(values.DefaultIfEmpty(double.NaN).Average(value => Math.Pow(value - mean, 2)));
        result[name + "_mean"] = mean;
        result[name + "_std"] = deviation;
        if (name != "riesz" && name != "duality_distance") result[name + "_cov"] = Math.Abs(mean) < 1e-12 ? double.NaN : deviation / mean;
    }

    private static double[] MeanOf(IEnumerable<double[]> rows, int dimension)
    {
        var all = rows.ToArray();
        return [.. Enumerable.Range(0, dimension).Select(k => all.Sum(row => row[k]) / all.Length)];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double Norm(double[] row) => Math.Sqrt(Dot(row, row));

    private static double[] Unit(double[] row)
    {
        var norm = Norm(row);
        return [.. row.Select(value => value / norm)];
    }

    private static double SquaredDistance(double[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();
}
