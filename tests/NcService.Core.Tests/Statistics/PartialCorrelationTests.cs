using NcService.Core.Statistics;

namespace NcService.Core.Tests.Statistics;

public sealed class PartialCorrelationTests
{
    [Fact]
    public void One_covariate_agrees_with_the_closed_form()
    {
        var random = new Random(3);
        var (x, z) = Simulated.Pair(random, 50, 0.7);
        var (y, _) = Simulated.Pair(random, 50, 0);
        for (var i = 0; i < y.Length; i++) y[i] += 0.5 * x[i] - z[i];
        var (xy, xz, yz) = (Correlation.Pearson(x, y)!.Value, Correlation.Pearson(x, z)!.Value, Correlation.Pearson(y, z)!.Value);
        var expected = (xy - xz * yz) / Math.Sqrt((1 - xz * xz) * (1 - yz * yz));
        Assert.Equal(expected, Partial(x, y, z).R!.Value, 12);
    }

    [Fact]
    public void Two_covariates_agree_with_the_recursion_of_partial_correlations()
    {
        var random = new Random(5);
        var (x, z) = Simulated.Pair(random, 60, 0.4);
        var (y, w) = Simulated.Pair(random, 60, -0.6);
        for (var i = 0; i < y.Length; i++) y[i] += 0.3 * x[i] + z[i];
        double Given(double[] a, double[] b) => Partial(a, b, z).R!.Value;
        var expected = (Given(x, y) - Given(x, w) * Given(y, w)) / Math.Sqrt((1 - Given(x, w) * Given(x, w)) * (1 - Given(y, w) * Given(y, w)));
        Assert.Equal(expected, Partial(x, y, z, w).R!.Value, 11);
    }

    [Fact]
    public void Constant_and_repeated_covariates_change_nothing()
    {
        var random = new Random(6);
        var (x, z) = Simulated.Pair(random, 30, 0.5);
        var (y, _) = Simulated.Pair(random, 30, 0);
        var constant = Enumerable.Repeat(768.0, 30).ToArray();
        var twice = Array.ConvertAll(z, value => 2 * value + 1);
        Assert.Equal(Partial(x, y, z).R!.Value, Partial(x, y, constant, z, twice).R!.Value, 12);
        Assert.Equal(Correlation.Pearson(x, y)!.Value, Partial(x, y, constant).R!.Value, 12);
    }

    [Fact]
    public void A_column_that_the_covariates_explain_has_no_partial_correlation()
    {
        double[] z = [1, 2, 3, 4, 5, 6];
        var result = Partial(Array.ConvertAll(z, value => 3 - value), [2, 1, 4, 3, 6, 5], z);
        Assert.Null(result.R);
        Assert.Equal("the covariates explain x wholly", result.UndefinedReason);
    }

    [Fact]
    public void Too_few_rows_for_the_covariates_are_refused_in_words()
    {
        var result = Partial([1, 2, 4, double.NaN], [2, 1, 4, 3], [1, 4, 9, 16]);
        Assert.Equal("3 rows are too few for 1 covariates (3 more rows than covariates are needed)", result.UndefinedReason);
        Assert.Equal([new LeftOutRow(3, "x has no value")], result.LeftOut);
    }

    [Fact]
    public void Strata_are_dummy_covariates()
    {
        var random = new Random(8);
        var (x, y) = Simulated.Pair(random, 30, 0.5);
        string[] strata = [.. Enumerable.Range(0, 30).Select(i => $"s{i % 4}")];
        for (var i = 0; i < y.Length; i++) y[i] += 3 * (i % 4);
        double[] Dummy(int stratum) => [.. Enumerable.Range(0, 30).Select(i => i % 4 == stratum ? 1.0 : 0)];
        var within = Correlation.Partial(new Variable("x", x), new Variable("y", y), new HeldFixed { Strata = strata });
        var dummies = Partial(x, y, Dummy(1), Dummy(2), Dummy(3));
        Assert.Equal(dummies.R!.Value, within.R!.Value, 12);
        Assert.Equal(dummies.FisherInterval95!.Value.Lower, within.FisherInterval95!.Value.Lower, 12);
        Assert.Equal(4, within.StrataCount);
    }

    [Fact]
    public void Rows_alone_in_their_stratum_or_without_one_are_left_out_and_say_so()
    {
        var result = Correlation.Partial(
            new Variable("cdnv", [1, 2, 3, 5, 4, 6]), new Variable("val_loss", [1, 3, 2, 4, 7, 5]), new HeldFixed { Strata = ["a", "a", "a", "a", "b", null] });
        Assert.Equal([new LeftOutRow(4, "it is the only row of its stratum 'b'"), new LeftOutRow(5, "its stratum is unknown")], result.LeftOut);
        Assert.Equal([0, 1, 2, 3], result.Rows);
        Assert.Equal(Correlation.Pearson([1, 2, 3, 5], [1, 3, 2, 4])!.Value, result.R!.Value, 14);
    }

    private static CorrelationResult Partial(double[] x, double[] y, params double[][] covariates) =>
        Correlation.Partial(new Variable("x", x), new Variable("y", y), new HeldFixed { Covariates = [.. covariates.Select((values, i) => new Variable($"z{i}", values))] });
}
