using NcService.Core.Text;
using NcService.Platform.Studies;
using NcService.Web.Dashboard.Data;

namespace NcService.Web.Tests;

public sealed class StudyEstimateTests
{
    private const int Vocabulary = 1000;
    private const int Context = 64;
    private static readonly Throughput s_throughput = new(new SpeedLaw(0, 1e-9, 3), new SpeedLaw(1e-4, 0, 3), 1);

    [Fact]
    public void Tokens_are_those_of_all_epochs_up_to_the_limit_of_steps()
    {
        Assert.Equal(2 * 50_000 + 2 * 150_000, Estimate(Study(null), 50_000).Tokens);
        // 500 steps of 4 chunks of 64 tokens.
        Assert.Equal(2 * 50_000 + 2 * 128_000, Estimate(Study(500), 50_000).Tokens);
    }

    [Fact]
    public void Text_that_is_not_tokenised_yet_is_bounded_by_the_limit_or_unknown()
    {
        var bounded = Estimate(Study(500), null);
        Assert.Equal((4 * 128_000.0, true), (bounded.Tokens, bounded.TokensAtMost));
        Assert.Null(Estimate(Study(null), null).Tokens);
        Assert.Null(Estimate(Study(null), null).Time);
    }

    [Fact]
    public void More_workers_take_less_time_and_no_speed_says_no_time()
    {
        var one = Estimate(Study(null), 50_000).Time!.Value;
        var two = Estimate(Study(null), 50_000, s_throughput with { Workers = 2 }).Time!.Value;
        Assert.Equal(one.TotalSeconds / 2, two.TotalSeconds, 1e-6);
        // No more workers than runs are of use.
        Assert.Equal(one.TotalSeconds / 4, Estimate(Study(null), 50_000, s_throughput with { Workers = 9 }).Time!.Value.TotalSeconds, 1e-6);
        Assert.Null(Estimate(Study(null), 50_000, s_throughput with { Training = null }).Time);
    }

    [Fact]
    public void Disk_holds_a_checkpoint_and_class_statistics_of_each_run()
    {
        var study = Study(null);
        var parameters = StudyPreview.Of(study, Vocabulary, Context)!.Cells[(16, 1)].Parameters;
        Assert.Equal(4 * (4.0 * parameters + 8.0 * 16 * (Vocabulary + 16)), Estimate(study, 50_000).Bytes);
    }

    private static StudyEstimate Estimate(StudyDefinition study, double? tokens, Throughput? throughput = null) =>
        StudyEstimate.Of(study, StudyPreview.Of(study, Vocabulary, Context)!, tokens, Vocabulary, Context, throughput ?? s_throughput);

    private static StudyDefinition Study(long? steps) => new()
    {
        Name = "estimated",
        Corpus = new CorpusSpecification { Kind = CorpusKind.TextFile, Path = "text" },
        Grids = [new StudyGrid { Widths = [16], Depths = [1], Epochs = [1, 3], Seeds = [0, 1] }],
        Heads = 4,
        BatchSize = 4,
        MaximumSteps = steps,
    };
}
