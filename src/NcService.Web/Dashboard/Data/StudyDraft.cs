using NcService.Core.Text;
using NcService.Core.Training;
using NcService.Platform.Studies;

namespace NcService.Web.Dashboard.Data;

/// <summary>A grid while it is typed.</summary>
public sealed class GridDraft
{
    /// <summary>Dimensions d.</summary>
    public string Widths { get; set; } = "32, 64, 128";

    /// <summary>Blocks L.</summary>
    public string Depths { get; set; } = "1, 2, 4";

    /// <summary>Passes over the training split.</summary>
    public string Epochs { get; set; } = "1";

    /// <summary>Weight decays.</summary>
    public string WeightDecays { get; set; } = "0.0005";

    /// <summary>Seeds.</summary>
    public string Seeds { get; set; } = "0";

    /// <summary>A draft of a grid at hand.</summary>
    public static GridDraft Of(StudyGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        return new GridDraft
        {
            Widths = NumberList.Write(grid.Widths),
            Depths = NumberList.Write(grid.Depths),
            Epochs = NumberList.Write(grid.Epochs),
            WeightDecays = NumberList.Write(grid.WeightDecays),
            Seeds = NumberList.Write(grid.Seeds),
        };
    }

    /// <summary>The grid, with what can't be read noted under <paramref name="prefix"/>.</summary>
    public StudyGrid Read(string prefix, IDictionary<string, string> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        Note("widths", NumberList.Read(Widths, out IReadOnlyList<int> widths));
        Note("depths", NumberList.Read(Depths, out IReadOnlyList<int> depths));
        Note("epochs", NumberList.Read(Epochs, out IReadOnlyList<int> epochs));
        Note("weightDecays", NumberList.Read(WeightDecays, out IReadOnlyList<double> decays));
        Note("seeds", NumberList.Read(Seeds, out IReadOnlyList<int> seeds));
        return new StudyGrid { Widths = widths, Depths = depths, Epochs = epochs, WeightDecays = decays, Seeds = seeds };

        void Note(string field, string? fault)
        {
            if (fault is not null) faults.TryAdd(prefix + field, fault);
        }
    }
}

/// <summary>A study while it is typed.</summary>
public sealed class StudyDraft
{
    /// <summary>What cannot be typed here, kept from the preset.</summary>
    private StudyDefinition template = new() { Name = "", Grids = [] };

    /// <summary>Unique name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Free text.</summary>
    public string? Notes { get; set; }

    /// <summary>An existing dataset by name; empty makes a new one.</summary>
    public string? Dataset { get; set; }

    /// <summary>Kind of the corpus.</summary>
    public CorpusKind Corpus { get; set; } = CorpusKind.StateOfTheUnion;

    /// <summary>Its file or folder.</summary>
    public string? Path { get; set; }

    /// <summary>Kind of the tokenizer.</summary>
    public TokenizerKind Tokenizer { get; set; } = TokenizerKind.Trained;

    /// <summary>Size of a trained vocabulary.</summary>
    public int VocabularySize { get; set; } = 2048;

    /// <summary>T.</summary>
    public int ContextLength { get; set; } = 128;

    /// <summary>Chunks in a batch.</summary>
    public int BatchSize { get; set; } = 16;

    /// <summary>Learning rate.</summary>
    public double LearningRate { get; set; } = 1e-3;

    /// <summary>Arithmetic.</summary>
    public Precision Precision { get; set; }

    /// <summary>Steps of each run at most.</summary>
    public long? MaximumSteps { get; set; }

    /// <summary>Measure the output of every block.</summary>
    public bool AnalyseLayers { get; set; }

    /// <summary>Steps between two measurements while training; 0 for none.</summary>
    public int ProbeInterval { get; set; }

    /// <summary>Permutations of the test.</summary>
    public long Permutations { get; set; } = 10_000;

    /// <summary>Grids.</summary>
    public List<GridDraft> Grids { get; } = [new GridDraft()];

    /// <summary>A draft of a definition at hand.</summary>
    public static StudyDraft Of(StudyDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        var draft = new StudyDraft
        {
            template = definition,
            Name = definition.Name,
            Notes = definition.Notes,
            Dataset = definition.Dataset,
            Corpus = definition.Corpus.Kind,
            Path = definition.Corpus.Path,
            Tokenizer = definition.Tokenizer.Kind,
            VocabularySize = definition.Tokenizer.VocabularySize,
            ContextLength = definition.ContextLength,
            BatchSize = definition.BatchSize,
            LearningRate = definition.LearningRate,
            Precision = definition.Precision,
            MaximumSteps = definition.MaximumSteps,
            AnalyseLayers = definition.AnalyseLayers,
            ProbeInterval = definition.ProbeInterval,
            Permutations = definition.Permutations,
        };
        draft.Grids.Clear();
        draft.Grids.AddRange(definition.Grids.Select(GridDraft.Of));
        return draft;
    }

    /// <summary>The definition, with what can't be read noted by field.</summary>
    public StudyDefinition Read(IDictionary<string, string> faults) => template with
    {
        Name = Name.Trim(),
        Notes = string.IsNullOrWhiteSpace(Notes) ? null : Notes.Trim(),
        Dataset = string.IsNullOrEmpty(Dataset) ? null : Dataset,
        Corpus = template.Corpus with { Kind = Corpus, Path = Corpus == CorpusKind.StateOfTheUnion || string.IsNullOrWhiteSpace(Path) ? null : Path.Trim() },
        Tokenizer = Tokenizer == TokenizerKind.Gpt2 ? new TokenizerSpecification() : new TokenizerSpecification { Kind = Tokenizer, VocabularySize = VocabularySize },
        ContextLength = ContextLength,
        Grids = [.. Grids.Select((grid, index) => grid.Read($"grids[{index}].", faults))],
        BatchSize = BatchSize,
        LearningRate = LearningRate,
        Precision = Precision,
        MaximumSteps = MaximumSteps,
        AnalyseLayers = AnalyseLayers,
        ProbeInterval = ProbeInterval,
        Permutations = Permutations,
    };
}
