using NcService.Core.Text;
using NcService.Core.Training;

namespace NcService.Platform.Studies;

/// <summary>Studies that are ready to be started.</summary>
public static class StudyPresets
{
    /// <summary>All presets by name: <c>demo</c>, <c>paper-grid</c>, <c>paper-seeds</c>.</summary>
    public static IReadOnlyDictionary<string, StudyDefinition> All { get; } = new Dictionary<string, StudyDefinition>
    {
        ["demo"] = Demo(),
        ["paper-grid"] = PaperGrid(),
        ["paper-seeds"] = PaperSeeds(),
    };

    /// <summary>
    /// The whole way in a few minutes on two cores: twelve architectures over width and depth, and seven more seeds of one of them, on real
    /// English with a small vocabulary of its own. Small enough that the loss falls visibly; the learning rate is higher than the study's for that.
    /// </summary>
    private static StudyDefinition Demo() => new()
    {
        Name = "demo",
        Notes = "Twelve small GPT-Neo models over width and depth, and eight seeds of one architecture, on 80 State of the Union addresses.",
        Corpus = new CorpusSpecification { Kind = CorpusKind.StateOfTheUnion, MaximumDocuments = 80 },
        Tokenizer = new TokenizerSpecification { Kind = TokenizerKind.Trained, VocabularySize = 2048 },
        ContextLength = 128,
        Grids =
        [
            new StudyGrid { Widths = [16, 32, 64, 96], Depths = [1, 2, 4] },
            new StudyGrid { Widths = [32], Depths = [2], Seeds = [1, 2, 3, 4, 5, 6, 7, 8] },
        ],
        Heads = 4,
        BatchSize = 8,
        LearningRate = 3e-3,
        MaximumSteps = 240,
        EvaluationInterval = 60,
        AnalysisChunks = 400,
        Permutations = 10_000,
    };

    /// <summary>
    /// The study's main grid, 30 architectures by depth and width, one epoch of TinyStories with GPT-2's tokenizer at T = 2048. Days of one GPU; put
    /// the text's path in before starting it elsewhere than where TinyStories is.
    /// </summary>
    private static StudyDefinition PaperGrid() => Paper("paper-grid", "The main grid of Wu and Papyan (2024): 30 architectures, one epoch, the default weight decay.") with
    {
        Grids = [new StudyGrid { Widths = [64, 128, 256, 512, 768, 1024], Depths = [1, 2, 4, 8, 12] }],
    };

    /// <summary>The study's question with scale held fixed: 20 seeds of 2 layers at d = 768.</summary>
    private static StudyDefinition PaperSeeds() => Paper("paper-seeds", "Twenty seeds of one architecture (2 layers, d = 768), as the permutation test of Wu and Papyan (2024) takes them.") with
    {
        Grids = [new StudyGrid { Widths = [768], Depths = [2], Seeds = [.. Enumerable.Range(0, 20)] }],
    };

    private static StudyDefinition Paper(string name, string notes) => new()
    {
        Name = name,
        Notes = notes,
        Corpus = new CorpusSpecification { Kind = CorpusKind.TinyStories },
        Tokenizer = new TokenizerSpecification { Kind = TokenizerKind.Gpt2 },
        ContextLength = 2048,
        Grids = [],
        BatchSize = 16,
        LearningRate = 5e-5,
        Precision = Precision.BFloat16,
        EvaluationInterval = 500,
    };
}
