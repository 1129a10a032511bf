using NcService.Core.Collapse;
using NcService.Core.Text;
using NcService.Platform.Studies;

namespace NcService.Platform.Tests.Studies;

public sealed class StudyValidationTests
{
    private static readonly StudyDefinition Good = new()
    {
        Name = "good",
        Tokenizer = new TokenizerSpecification { Kind = TokenizerKind.Trained, VocabularySize = 512 },
        Grids = [new StudyGrid { Widths = [16], Depths = [1] }],
    };

    private static readonly StudyGrid Grid = Good.Grids[0];

    public static readonly TheoryData<string, string> Faults = new()
    {
        { "empty name", "Name" }, { "long name", "Name" }, { "control character", "Name" }, { "no grid", "Grids" },
        { "no width", "Grids[0].Widths" }, { "width 0", "Grids[0].Widths" }, { "huge width", "Grids[0].Widths" }, { "heads", "Grids[0].Widths" },
        { "depth 0", "Grids[0].Depths" }, { "epochs 0", "Grids[0].Epochs" }, { "no seed", "Grids[0].Seeds" }, { "negative seed", "Grids[0].Seeds" },
        { "decay", "Grids[0].WeightDecays" }, { "NaN decay", "Grids[0].WeightDecays" }, { "too many runs", "Grids" }, { "overflowing runs", "Grids" },
        { "context", "ContextLength" }, { "context 1", "ContextLength" }, { "batch", "BatchSize" }, { "rate", "LearningRate" }, { "NaN rate", "LearningRate" },
        { "steps", "MaximumSteps" }, { "chunks", "AnalysisChunks" }, { "permutations", "Permutations" }, { "vocabulary", "Tokenizer" }, { "small vocabulary", "Tokenizer" },
        { "shard", "ShardChunks" }, { "embedding", "LayerEmbedding" }, { "probe", "ProbeInterval" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_named_by_its_field(string fault, string field) => Assert.Contains(field, StudyValidation.Check(Spoil(fault)).Select(found => found.Field));

    [Fact]
    public void A_passed_limit_is_named()
    {
        var (_, message) = Assert.Single(StudyValidation.Check(Spoil("too many runs")));
        Assert.Contains(nameof(StudyLimits.MaximumRuns), message, StringComparison.Ordinal);
        Assert.Contains("1,001", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_good_definition_and_every_preset_have_no_fault()
    {
        Assert.Empty(StudyValidation.Check(Good));
        Assert.All(StudyPresets.All.Values, preset => Assert.Empty(StudyValidation.Check(preset)));
    }

    [Fact]
    public void The_presets_are_the_studies_they_claim_to_be()
    {
        Assert.Equal(20, StudyPlan.Runs(StudyPresets.All["demo"]).Count);
        Assert.Equal(30, StudyPlan.Runs(StudyPresets.All["paper-grid"]).Count);
        Assert.Equal(20, StudyPlan.Runs(StudyPresets.All["paper-seeds"]).Count);
        Assert.Equal(9, StudyPlan.Runs(StudyPresets.All["demo"]).Count(run => run is { Width: 32, Depth: 2 }));
    }

    private static StudyDefinition Spoil(string fault) => fault switch
    {
        "empty name" => Good with { Name = " " },
        "long name" => Good with { Name = new string('x', 101) },
        "control character" => Good with { Name = "a\nb" },
        "no grid" => Good with { Grids = [] },
        "no width" => Good with { Grids = [Grid with { Widths = [] }] },
        "width 0" => Good with { Grids = [Grid with { Widths = [0] }] },
        "huge width" => Good with { Grids = [Grid with { Widths = [1 << 20] }] },
        "heads" => Good with { Heads = 3 },
        "depth 0" => Good with { Grids = [Grid with { Depths = [0] }] },
        "epochs 0" => Good with { Grids = [Grid with { Epochs = [0] }] },
        "no seed" => Good with { Grids = [Grid with { Seeds = [] }] },
        "negative seed" => Good with { Grids = [Grid with { Seeds = [-1] }] },
        "decay" => Good with { Grids = [Grid with { WeightDecays = [-0.1] }] },
        "NaN decay" => Good with { Grids = [Grid with { WeightDecays = [double.NaN] }] },
        "too many runs" => Good with { Grids = [Grid with { Seeds = [.. Enumerable.Range(0, 1001)] }] },
        "overflowing runs" => Good with { Grids = [Grid with { Seeds = [.. Enumerable.Range(0, 70_000)], WeightDecays = [.. Enumerable.Repeat(0.1, 70_000)] }] },
        "context" => Good with { ContextLength = 4096 },
        "context 1" => Good with { ContextLength = 1 },
        "batch" => Good with { BatchSize = 0 },
        "rate" => Good with { LearningRate = 0 },
        "NaN rate" => Good with { LearningRate = double.NaN },
        "steps" => Good with { MaximumSteps = 0 },
        "chunks" => Good with { AnalysisChunks = 0 },
        "shard" => Good with { ShardChunks = 0 },
        "embedding" => Good with { LayerEmbedding = (LayerEmbedding)2 },
        "probe" => Good with { ProbeInterval = -1 },
        "permutations" => Good with { Permutations = -1 },
        "vocabulary" => Good with { Tokenizer = Good.Tokenizer with { VocabularySize = 100_000 } },
        "small vocabulary" => Good with { Tokenizer = Good.Tokenizer with { VocabularySize = 100 } },
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };
}
