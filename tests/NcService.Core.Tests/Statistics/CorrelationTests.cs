using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Statistics;

namespace NcService.Core.Tests.Statistics;

public sealed class CorrelationTests
{
    [Fact]
    public void Pearson_of_a_worked_example_is_right()
    {
        // x̄ = 3, ȳ = 4; Σ dx dy = 8, Σ dx² = 10, Σ dy² = 10.
        double[] x = [1, 2, 3, 4, 5];
        double[] y = [2, 4, 3, 5, 6];
        var result = Correlation.Compute(x, y);
        Assert.Equal(0.9, result.R!.Value, 14);
        Assert.Equal(0.81, result.R2!.Value, 14);
        Assert.Equal(0.9, result.Slope!.Value, 14);
        Assert.Equal(1.3, result.Intercept!.Value, 14);
    }

    [Fact]
    public void Spearman_gives_ties_their_mid_rank()
    {
        // Ranks of x: 1, 2.5, 2.5, 4; of y: 1, 2, 3, 4. Σ dx dy = 4.5, Σ dx² = 4.5, Σ dy² = 5.
        Assert.Equal([1, 2.5, 2.5, 4], Ranks.Of([10, 20, 20, 30]));
        Assert.Equal(4.5 / Math.Sqrt(22.5), Correlation.Spearman([10, 20, 20, 30], [1, 2, 3, 4])!.Value, 14);
    }

    [Fact]
    public void Spearman_sees_only_the_order()
    {
        double[] x = [0.1, 0.5, 2, 7, 9];
        Assert.Equal(1, Correlation.Spearman(x, Array.ConvertAll(x, Math.Exp))!.Value, 14);
    }

    [Theory]
    [InlineData(1e9, 1)]
    [InlineData(0, 1e-300)]
    [InlineData(0, 1e300)]
    [InlineData(-1e12, 1e3)]
    public void Offsets_and_scales_do_not_cost_digits(double offset, double scale)
    {
        double[] x = [1, 2, 3, 4, 5];
        double[] y = [2, 4, 3, 5, 6];
        Assert.Equal(0.9, Correlation.Pearson(Array.ConvertAll(x, value => offset + scale * value), y)!.Value, 12);
    }

    [Fact]
    public void Rows_with_missing_values_are_left_out_and_named()
    {
        var result = Correlation.Compute([1, double.NaN, 2, 3, 4, 5], [2, 9, 4, 3, double.PositiveInfinity, 6]);
        Assert.Equal(4, result.Count);
        Assert.Equal([new LeftOutRow(1, "x has no value"), new LeftOutRow(4, "y is infinite")], result.LeftOut);
        Assert.Equal([0, 2, 3, 5], result.Rows);
        Assert.Equal(Correlation.Pearson([1, 2, 3, 5], [2, 4, 3, 6]), result.R);
    }

    [Theory]
    [InlineData(new double[] { 1, 2 }, new double[] { 2, 1 }, "fewer than 3 rows")]
    [InlineData(new double[] { 0.1, 0.1, 0.1, 0.1 }, new double[] { 1, 2, 3, 4 }, "x is constant")]
    [InlineData(new double[] { 1, 2, 3, 4 }, new double[] { 0, 0, 0, 0 }, "y is constant")]
    [InlineData(new double[] { 1, 2, double.NaN, double.NaN }, new double[] { 1, 2, 3, 4 }, "fewer than 3 rows")]
    public void Degenerate_columns_say_why_nothing_is_defined(double[] x, double[] y, string reason)
    {
        var result = Correlation.Compute(x, y);
        Assert.Contains(reason, result.UndefinedReason, StringComparison.Ordinal);
        Assert.Null(result.R);
        Assert.Null(result.Spearman);
        Assert.Null(result.Interval95);
        Assert.Null(Correlation.Pearson(x, y));
        Assert.Null(Correlation.Spearman(x, y));
    }

    [Fact]
    public void Columns_of_different_length_are_refused() =>
        Assert.Throws<ArgumentException>(() => Correlation.Compute([1, 2, 3], [1, 2]));

    [Fact]
    public void Correlation_is_symmetric_and_unmoved_by_affine_maps() =>
        Prop.ForAll(Pairs(), Gen.Choose(-50, 50).ToArbitrary(), (pairs, scale) =>
        {
            var (x, y) = pairs;
            var r = Correlation.Pearson(x, y);
            if (r is null || scale == 0) return true;
            var mapped = Array.ConvertAll(x, value => scale * value + 17.25);
            return Math.Abs(r.Value - Correlation.Pearson(y, x)!.Value) < 1e-12
                && Math.Abs(Math.Sign(scale) * r.Value - Correlation.Pearson(mapped, y)!.Value) < 1e-12
                && Math.Abs(Math.Sign(scale) * Correlation.Spearman(x, y)!.Value - Correlation.Spearman(mapped, y)!.Value) < 1e-12
                && Math.Abs(r.Value) <= 1;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Fitted_line_leaves_residuals_without_mean_and_slope() =>
        Prop.ForAll(Pairs(), pairs =>
        {
            var (x, y) = pairs;
            if (LeastSquaresLine.Fit(x, y) is not { } line) return true;
            var residuals = x.Zip(y, (a, b) => b - line.At(a)).ToArray();
            return Math.Abs(residuals.Sum()) < 1e-6 && Math.Abs(residuals.Zip(x, (e, a) => e * a).Sum()) < 1e-4;
        }).QuickCheckThrowOnFailure();

    private static Arbitrary<(double[] X, double[] Y)> Pairs()
    {
        var column = Gen.Choose(-1000, 1000).Select(value => value / 8.0);
        return (from n in Gen.Choose(3, 30)
                from x in column.ArrayOf(n)
                from y in column.ArrayOf(n)
                select (x, y)).ToArbitrary();
    }
}
