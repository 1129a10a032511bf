using NcService.Web.Dashboard.Explorer;

namespace NcService.Web.Tests;

/// <summary>Geometry that is known beforehand, and comparison with the plain way.</summary>
public sealed class ClassTableTests
{
    [Fact]
    public void A_shifted_simplex_has_equal_norms_and_cosines_and_no_axis_that_stands_out()
    {
        // The corners of a tetrahedron, moved away from the origin; class 2 never occurs and its mean is no number.
        double[][] corners = [[1, 1, 1], [1, -1, -1], [double.NaN, 0, 0], [-1, 1, -1], [-1, -1, 1]];
        double[] means = [.. corners.SelectMany(corner => corner.Select(value => value + 7))];
        var table = new ClassTable([4, 1, 0, 2, 8], means, [8, 0, 0, 1, 4], [.. corners.SelectMany(corner => corner.Select(value => 3 * value))], 3);
        Assert.Equal([0, 1, 3, 4], table.Ids);
        Assert.Equal([4L, 1, 2, 8], table.Counts);
        Assert.Equal([2, 0, 0.5, 0.5], table.Variances);
        Assert.All(table.Norms, norm => Assert.Equal(Math.Sqrt(3), norm, 1e-12));
        Assert.All(table.SelfDuality!, cosine => Assert.Equal(1, cosine, 1e-12));
        var cosines = table.PairCosines(100);
        Assert.Equal(6, cosines.Length);
        Assert.All(cosines, cosine => Assert.Equal(-1.0 / 3, cosine, 1e-6));
        Assert.All(PrincipalAxes.Of(table, 3).Shares, share => Assert.Equal(1.0 / 3, share, 1e-6));
    }

    [Fact]
    public void Principal_coordinates_follow_the_directions_that_were_planted()
    {
        var random = new Random(3);
        const int n = 400, d = 12;
        // Spread 5 along axis 4, spread 2 along axis 9, 0.1 elsewhere.
        var means = new double[n * d];
        for (var row = 0; row < n; row++)
        {
            for (var i = 0; i < d; i++) means[row * d + i] = (i == 4 ? 5 : i == 9 ? 2 : 0.1) * Normal(random);
        }
        var table = new ClassTable([.. Enumerable.Repeat(1.0, n)], means, new double[n], null, d);
        var (coordinates, shares) = PrincipalAxes.Of(table, 2);
        Assert.True(shares[0] > shares[1] && shares[0] + shares[1] > 0.99, string.Join(' ', shares));
        var centre = Enumerable.Range(0, d).Select(i => Enumerable.Range(0, n).Average(row => means[row * d + i])).ToArray();
        foreach (var (component, axis) in new[] { (0, 4), (1, 9) })
        {
            var planted = Enumerable.Range(0, n).Select(row => means[row * d + axis] - centre[axis]).ToArray();
            var found = Enumerable.Range(0, n).Select(row => coordinates[row][component]).ToArray();
            var sign = Math.Sign(planted.Zip(found, (a, b) => a * b).Sum());
            Assert.True(planted.Zip(found, (a, b) => Math.Abs(a - sign * b)).Max() < 0.8);
        }
    }

    [Fact]
    public void Nearest_classes_and_interfering_pairs_are_those_that_comparing_all_finds()
    {
        var random = new Random(5);
        const int n = 60, d = 8;
        double[] means = [.. Enumerable.Range(0, n * d).Select(_ => Normal(random))];
        double[] counts = [.. Enumerable.Range(0, n).Select(row => 1.0 + (7 * row) % n)];
        var table = new ClassTable(counts, means, new double[n], null, d);
        var all = Enumerable.Range(0, n).Where(other => other != 11).OrderByDescending(other => table.Cosine(11, other)).Take(5).ToList();
        Assert.Equal(all, table.Nearest(11, 5).Select(found => found.Row));

        var frequent = Enumerable.Range(0, n).OrderByDescending(row => counts[row]).Take(20).ToHashSet();
        Assert.Equal(frequent, table.Frequent(20).ToHashSet());
        var pairs = frequent.SelectMany(row => frequent.Where(other => other > row).Select(other => (row, other))).OrderByDescending(pair => Math.Abs(table.Cosine(pair.row, pair.other))).Take(7);
        Assert.Equal(pairs, table.Interfering(7, 20, CancellationToken.None).Select(pair => (Math.Min(pair.Row, pair.Other), Math.Max(pair.Row, pair.Other))));
    }

    [Fact]
    public void Agreement_is_a_share_of_the_validation_samples_of_a_class_that_has_some()
    {
        var decisions = new ClassDecisionTable([4, 0, 5], [1, 0, 5], [2, 0, 0], [0, 0, 1]);
        Assert.Equal(0.25, decisions.Agreement(0)!.Value);
        Assert.Null(decisions.Agreement(1));
        Assert.Equal(1, decisions.Agreement(2)!.Value);
        Assert.Equal(0.5, decisions.Share(decisions.Right, 0)!.Value);
    }

    [Fact]
    public void Cosines_that_are_drawn_have_the_mean_of_all()
    {
        var random = new Random(6);
        double[] means = [.. Enumerable.Range(0, 200 * 4).Select(_ => Normal(random))];
        var table = new ClassTable([.. Enumerable.Repeat(1.0, 200)], means, new double[200], null, 4);
        var all = table.PairCosines(int.MaxValue);
        Assert.Equal(200 * 199 / 2, all.Length);
        var drawn = table.PairCosines(10_000);
        Assert.Equal(10_000, drawn.Length);
        // The spread of a cosine in four dimensions is 0.5: the mean of 10,000 lies within 0.02, four times its own spread.
        Assert.Equal(all.Average(), drawn.Average(), 0.02);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
