using NcService.Core.Statistics;

namespace NcService.Core.Tests.Statistics;

public sealed class BenjaminiHochbergTests
{
    [Fact]
    public void Hand_worked_values_are_met_in_the_order_given()
    {
        // Sorted 0.01, 0.02, 0.03, 0.04, 0.5 times 5/rank: 0.05, 0.05, 0.05, 0.05, 0.5.
        Equal([0.05, 0.5, 0.05, 0.05, 0.05], BenjaminiHochberg.Adjust([0.04, 0.5, 0.01, 0.03, 0.02]));
        // 0.005·3 = 0.015; 0.9·3/2 = 1.35, cut by 0.95 from the right.
        Equal([0.95, 0.015, 0.95], BenjaminiHochberg.Adjust([0.95, 0.005, 0.9]));
    }

    [Fact]
    public void Tests_without_result_do_not_count() => Equal([0.02, double.NaN, 0.03], BenjaminiHochberg.Adjust([0.01, double.NaN, 0.03]));

    [Fact]
    public void Values_that_are_no_probability_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BenjaminiHochberg.Adjust([0.1, 1.5]));

    [Fact]
    public void No_tests_give_no_values() => Assert.Empty(BenjaminiHochberg.Adjust([]));

    private static void Equal(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-15);
    }
}
