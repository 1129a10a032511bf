using NcService.Cli.Gates;
using NcService.Core;

namespace NcService.Cli.Tests;

public sealed class GateReportTests
{
    private static readonly MeasuredRun s_main = Run("main", 1, ("val_loss", 2.0), ("val_accuracy", 0.5), ("cdnv", 4.0));

    [Theory]
    [InlineData("val_loss=1%", 2.02, true)]
    [InlineData("val_loss=1%", 2.0201, false)]
    [InlineData("val_loss=0%", 2.0, true)]
    [InlineData("val_loss=1%", 1.0, true)]
    [InlineData("val_loss=1%", double.NaN, false)]
    public void A_loss_may_rise_by_its_share_of_the_baseline_and_fall_as_it_likes(string asked, double now, bool met) =>
        Assert.Equal(met, Regression.Parse(asked).Check(Run("pr", 2, ("val_loss", now)), s_main).Met);

    [Theory]
    [InlineData(0.495, true)]
    [InlineData(0.49, false)]
    [InlineData(0.9, true)]
    public void An_accuracy_may_fall_by_its_share(double now, bool met) =>
        Assert.Equal(met, Regression.Parse("val_accuracy=1%").Check(Run("pr", 2, ("val_accuracy", now)), s_main).Met);

    [Theory]
    [InlineData("val_loss", "MEASUREMENT=PERCENT%")]
    [InlineData("val_loss=1", "MEASUREMENT=PERCENT%")]
    [InlineData("val_loss=-1%", "MEASUREMENT=PERCENT%")]
    [InlineData("val_loss=NaN%", "MEASUREMENT=PERCENT%")]
    [InlineData("cdnv=1%", "higher or a lower 'cdnv'")]
    public void A_limit_that_means_nothing_is_refused(string asked, string says) =>
        Assert.Contains(says, Assert.Throws<InputException>(() => Regression.Parse(asked)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_summary_has_the_verdict_and_every_measurement_beside_the_baselines()
    {
        var run = Run("a|b<script>", 2, ("val_loss", 2.5), ("cdnv", 4.0));
        var text = new GateReport(run, s_main, [Regression.Parse("val_loss=1%").Check(run, s_main)]).Markdown();
        Assert.Contains("FAILED", text, StringComparison.Ordinal);
        Assert.Contains("| val_loss | 2.5 | 2 | +25.00 % |", text, StringComparison.Ordinal);
        Assert.Contains("| cdnv | 4 | 4 | 0 % |", text, StringComparison.Ordinal);
        // What people name things neither ends a cell nor becomes a tag.
        Assert.Contains(@"a\|b&lt;script>", text, StringComparison.Ordinal);
    }

    [Fact]
    public void JUnit_has_a_case_for_each_condition_and_says_what_failed()
    {
        var report = new GateReport(s_main, null, [new GateResult("val_loss <= 1\u0007", 2, 1, false), new GateResult("cdnv > 1", 4, 1, true)]);
        var suite = report.JUnit().Root!.Element("testsuite")!;
        Assert.Equal(("2", "1"), (suite.Attribute("tests")!.Value, suite.Attribute("failures")!.Value));
        Assert.Equal("2 against 1", suite.Elements("testcase").First().Element("failure")!.Attribute("message")!.Value);
        Assert.Empty(suite.Elements("testcase").Last().Elements());
    }

    private static MeasuredRun Run(string name, long id, params ReadOnlySpan<(string Name, double Value)> values)
    {
        var measured = new Dictionary<string, double>();
        foreach (var (measurement, value) in values) measured[measurement] = value;
        return new MeasuredRun(name, id, measured);
    }
}
