using NcService.Core.Statistics;
using NcService.Web.Dashboard.Components;

namespace NcService.Web.Tests;

/// <summary>Numbers as people read them.</summary>
public sealed class FormatTests
{
    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(127.1264, "127.13")]
    [InlineData(-5.90702, "−5.9070")]
    [InlineData(0.088541, "0.08854")]
    [InlineData(0.0010444, "0.001044")]
    [InlineData(-0.00064224, "−6.422 × 10⁻⁴")]
    [InlineData(290195.2, "2.902 × 10⁵")]
    public void A_value_has_four_digits_that_count(double value, string text) => Assert.Equal(text, Format.Value(value));

    [Theory]
    [InlineData(1.83191, 0.26143, "1.8319 ± 0.2614")]
    [InlineData(0.0010444, 0.0004639, "0.001044 ± 0.000464")]
    [InlineData(0.00045291, 0.00020023, "(4.529 ± 2.002) × 10⁻⁴")]
    [InlineData(-117.0944, 3.40184, "−117.09 ± 3.40")]
    [InlineData(0.0, 0.0, "0 ± 0")]
    public void A_mean_and_its_spread_have_the_same_decimals(double mean, double deviation, string text) =>
        Assert.Equal(text, Format.Spread(new MeanAndSpread { Count = 3, Missing = 0, Mean = mean, StandardDeviation = deviation }));

    [Fact]
    public void A_sentence_has_true_minus_signs_and_thin_spaces_but_names_stay() =>
        Assert.Equal("r from −0.02 to 0.71 over 10\u202F000 runs, 1,5 of x-2 and 02x0768-1 (−3), 92\u202F% of all", Format.Prose("r from -0.02 to 0.71 over 10,000 runs, 1,5 of x-2 and 02x0768-1 (-3), 92 % of all"));
}
