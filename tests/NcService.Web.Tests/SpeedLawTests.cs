using NcService.Web.Dashboard.Data;

namespace NcService.Web.Tests;

public sealed class SpeedLawTests
{
    [Fact]
    public void A_law_is_found_again_from_runs_that_follow_it()
    {
        var law = SpeedLaw.Fit([.. new[] { 1e4, 1e5, 3e6, 2e7 }.Select(parameters => (parameters, 2e-5 + 3e-11 * parameters))])!;
        Assert.Equal(2e-5, law.PerToken, 1e-12);
        Assert.Equal(3e-11, law.PerParameter, 1e-17);
        Assert.Equal(4, law.Measured);
        Assert.Equal(1e6 * (2e-5 + 3e-11 * 5e6), law.Seconds(1e6, 5e6), 1e-6);
    }

    [Fact]
    public void One_size_alone_says_that_cost_grows_with_the_model() =>
        Assert.Equal(10 * 2e-4, SpeedLaw.Fit([(1e6, 2e-4), (1e6, 2e-4)])!.Seconds(1, 1e7), 1e-9);

    [Fact]
    public void Small_models_that_are_slower_than_large_ones_make_no_part_negative()
    {
        var law = SpeedLaw.Fit([(1e4, 3e-5), (1e6, 1e-5)])!;
        Assert.Equal((true, 0.0), (law.PerToken > 0, law.PerParameter));
        law = SpeedLaw.Fit([(1e4, 1e-7), (1e6, 3e-5)])!;
        Assert.Equal((0.0, true), (law.PerToken, law.PerParameter > 0));
    }

    [Fact]
    public void Nothing_measured_makes_no_law() => Assert.Null(SpeedLaw.Fit([(1e4, 0), (0, 1)]));
}
