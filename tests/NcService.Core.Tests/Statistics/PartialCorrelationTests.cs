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
        Assert.Equal(expected, PartialCorrelation.Compute(x, y, z).R!.Value, 12);
    }

    [Fact]
    public void Two_covariates_agree_with_the_recursion_of_partial_correlations()
    {
        var random = new Random(5);
        var (x, z) = Simulated.Pair(random, 60, 0.4);
        var (y, w) = Simulated.Pair(random, 60, -0.6);
        for (var i = 0; i < y.Length; i++) y[i] += 0.3 * x[i] + z[i];
        double Given(double[] a, double[] b) => PartialCorrelation.Compute(a, b, z).R!.Value;
        var expected = (Given(x, y) - Given(x, w) * Given(y, w)) / Math.Sqrt((1 - Given(x, w) * Given(x, w)) * (1 - Given(y, w) * Given(y, w)));
        Assert.Equal(expected, PartialCorrelation.Compute(x, y, z, w).R!.Value, 11);
    }

    [Fact]
    public void Constant_and_repeated_covariates_change_nothing()
    {
        var random = new Random(6);
        var (x, z) = Simulated.Pair(random, 30, 0.5);
        var (y, _) = Simulated.Pair(random, 30, 0);
        var constant = Enumerable.Repeat(768.0, 30).ToArray();
        var twice = Array.ConvertAll(z, value => 2 * value + 1);
        Assert.Equal(PartialCorrelation.Compute(x, y, z).R!.Value, PartialCorrelation.Compute(x, y, constant, z, twice).R!.Value, 12);
        Assert.Equal(Correlation.Pearson(x, y)!.Value, PartialCorrelation.Compute(x, y, constant).R!.Value, 12);
    }

    [Fact]
    public void A_column_that_the_covariates_explain_has_no_partial_correlation()
    {
        double[] z = [1, 2, 3, 4, 5, 6];
        var result = PartialCorrelation.Compute(Array.ConvertAll(z, value => 3 - value), [2, 1, 4, 3, 6, 5], z);
        Assert.Null(result.R);
        Assert.Equal("the covariates explain x wholly", result.UndefinedReason);
    }

    [Fact]
    public void Too_few_rows_for_the_covariates_are_refused_in_words()
    {
        var result = PartialCorrelation.Compute([1, 2, 4, double.NaN], [2, 1, 4, 3], [1, 4, 9, 16]);
        Assert.Equal("3 rows are too few for 1 covariates (3 more rows than covariates are needed)", result.UndefinedReason);
        Assert.Equal([3], result.LeftOut);
    }
}
