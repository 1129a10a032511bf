using NcService.Core.Collapse;

namespace NcService.Core.Tests.Collapse;

public sealed class PlantedGeometryTests
{
    private const double Radius = 3;
    private const double Noise = 0.25;

    /// <summary>Two samples per class at mean ± noise along the first axis: s² = noise² exactly, whatever the means.</summary>
    private static Dictionary<string, Measurement> Measure(double[][] means, double[][] classifier, double offset = 0)
    {
        var dimension = means[0].Length;
        var features = means.SelectMany(mean => new[] { Noise, -Noise }.SelectMany(sign => mean.Select((value, k) => value + offset + (k == 0 ? sign : 0)))).ToArray();
        var labels = Enumerable.Range(0, 2 * means.Length).Select(i => (long)(i / 2)).ToArray();
        using var statistics = Samples.Statistics(features, labels, means.Length, dimension);
        using var weights = Samples.Matrix([.. classifier.SelectMany(row => row)], dimension);
        return CollapseMeasurements.Measure(statistics, weights).ToDictionary(entry => entry.Name, entry => entry);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10_000)]
    public void A_perfect_simplex_has_the_values_of_its_closed_form(double offset)
    {
        // Vertices e_c − 1/C, scaled: norms equal, all cosines −1/(C−1).
        const int count = 8;
        var length = Math.Sqrt(1 - (1.0 / count));
        var means = Enumerable.Range(0, count).Select(c => Enumerable.Range(0, count).Select(k => Radius / length * ((k == c ? 1 : 0) - (1.0 / count))).ToArray()).ToArray();
        var measured = Measure(means, [.. means.Select(mean => mean.Select(value => 0.1 * value).ToArray())], offset);

        var squaredDistance = 2 * Radius * Radius * count / (count - 1.0);
        Near(Noise * Noise / squaredDistance, measured["cdnv"], 1e-9);
        Near(Noise * Noise / squaredDistance / squaredDistance, measured["cdnv_dist4"], 1e-9);
        Near(Radius, measured["norms_mean"], 1e-9);
        Near(0, measured["norms_cov"], 1e-9);
        Near(Math.Log(Radius), measured["lognorms_mean"], 1e-9);
        Near(-1.0 / (count - 1), measured["interference_mean"], 1e-9);
        Near(0, measured["interference_std"], 1e-7);
        Near(-0.5 * Math.Log(2.0 * count / (count - 1)), measured["logdist_mean"], 1e-9);
        Near(0, measured["logdist_std"], 1e-9);
        Near(0, measured["logdist_cov"], 1e-9);
        Near(1 / Math.Sqrt(2.0 * count / (count - 1)), measured["riesz_mean"], 1e-9);
        Near(0, measured["etf_error"], 1e-9);
        Near(0, measured["duality_error"], 1e-7);
        Near(1, measured["selfdual_mean"], 1e-9);
        Near(0, measured["selfdual_std"], 1e-9);
        Near(0, measured["duality_distance_mean"], 1e-9);
        Near(count - 1, measured["effective_rank"], 1e-9);
        Near(count - 1, measured["stable_rank"], 1e-9);
        Near(Noise * Noise / (Radius * Radius), measured["nc1_quotient"], 1e-9);

        // Σ_B is R²/(C−1) on the complement of 1 and the noise e₁ has the share 1 − 1/C there.
        Near(Noise * Noise * (1 - (1.0 / count)) * (count - 1) / (Radius * Radius) / count, measured["nc1_pinv"], 1e-9);
    }

    [Fact]
    public void A_perfect_orthoplex_has_the_values_of_its_closed_form()
    {
        // ± unit axes: d antipodal pairs among d(2d−1), all others at right angles.
        const int dimension = 5, count = 2 * dimension;
        var means = Enumerable.Range(0, count).Select(c => Enumerable.Range(0, dimension).Select(k => k == c / 2 ? Radius * (c % 2 == 0 ? 1 : -1) : 0.0).ToArray()).ToArray();
        var measured = Measure(means, [.. means.Select(mean => mean.Select(value => -value).ToArray())]);

        const double antipodal = 1.0 / (count - 1), orthogonal = 1 - antipodal;
        Near(-antipodal, measured["interference_mean"], 1e-12);
        Near(Math.Sqrt(antipodal - (antipodal * antipodal)), measured["interference_std"], 1e-12);
        var (near, far) = (-0.5 * Math.Log(2), -Math.Log(2));
        Near((orthogonal * near) + (antipodal * far), measured["logdist_mean"], 1e-12);
        Near(Math.Abs(near - far) * Math.Sqrt(antipodal * orthogonal), measured["logdist_std"], 1e-12);
        Near((orthogonal / Math.Sqrt(2)) + (antipodal / 2), measured["riesz_mean"], 1e-12);
        Near(Noise * Noise * ((orthogonal / 2) + (antipodal / 4)) / (Radius * Radius), measured["cdnv"], 1e-12);
        Near(-1, measured["selfdual_mean"], 1e-12);
        Near(2, measured["duality_distance_mean"], 1e-12);
        Near(dimension, measured["effective_rank"], 1e-12);

        // d of the C − 1 directions have 1/√d, the ideal all 1/√(C−1): 2 − 2·√(d/(C−1)).
        Near(Math.Sqrt(2 - (2 * Math.Sqrt(dimension / (count - 1.0)))), measured["etf_error"], 1e-12);
        Near(Math.Sqrt(2 + (2 * Math.Sqrt(dimension / (count - 1.0)))), measured["duality_error"], 1e-12);
        Near(Noise * Noise * dimension / (Radius * Radius) / count, measured["nc1_pinv"], 1e-12);
    }

    [Theory]
    [InlineData(8, 0)]
    [InlineData(33, 0)]
    [InlineData(8, 100)]
    public void Embeddings_in_a_hyperplane_measure_in_float32_as_their_coordinates_within_it(int dimension, double offset)
    {
        // What a layer norm makes: the entries of every embedding sum to the same. Across the plane there is only rounding to float32.
        const int classes = 60, samples = 600;
        var (within, labels) = Samples.Random(5, classes, dimension - 1, samples);
        var plane = HelmertBasis(dimension);
        var embedded = new double[samples * dimension];
        for (var i = 0; i < samples; i++)
        {
            for (var k = 0; k < dimension; k++)
                embedded[(i * dimension) + k] = offset + Enumerable.Range(0, dimension - 1).Sum(j => within[(i * (dimension - 1)) + j] * plane[j][k]);
        }
        using var inside = Samples.Statistics(within, labels, classes, dimension - 1);
        using var across = Samples.Statistics(embedded, labels, classes, dimension, FeaturePrecision.Float32, batch: 100);
        var expected = CollapseMeasurements.Measure(inside, null).ToDictionary(entry => entry.Name, entry => entry);
        var measured = CollapseMeasurements.Measure(across, null).ToDictionary(entry => entry.Name, entry => entry);
        foreach (var name in new[] { "nc1_pinv", "nc1_quotient", "vci", "etf_error", "effective_rank", "stable_rank" })
            Near(expected[name].Value!.Value, measured[name], 2e-4 * Math.Abs(expected[name].Value!.Value));
    }

    /// <summary>d − 1 orthonormal rows, each orthogonal to (1, …, 1).</summary>
    private static double[][] HelmertBasis(int dimension) =>
        [.. Enumerable.Range(1, dimension - 1).Select(j => Enumerable.Range(0, dimension)
            .Select(k => k < j ? 1 / Math.Sqrt(j * (j + 1.0)) : k == j ? -j / Math.Sqrt(j * (j + 1.0)) : 0).ToArray())];

    private static void Near(double expected, Measurement measured, double tolerance)
    {
        Assert.True(measured.Value is not null, $"{measured.Name} is undefined: {measured.UndefinedReason}");
        Assert.True(Math.Abs(measured.Value.Value - expected) <= tolerance, $"{measured.Name}: expected {expected:R}, measured {measured.Value:R}");
    }
}
