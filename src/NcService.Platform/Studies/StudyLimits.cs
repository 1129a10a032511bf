namespace NcService.Platform.Studies;

/// <summary>What a request may ask for at most. A message about a limit names it.</summary>
public static class StudyLimits
{
    /// <summary>Runs in a study.</summary>
    public const int MaximumRuns = 1_000;

    /// <summary>Grids in a study.</summary>
    public const int MaximumGrids = 100;

    /// <summary>Characters in a name.</summary>
    public const int MaximumNameLength = 100;

    /// <summary>Characters in notes.</summary>
    public const int MaximumNotesLength = 10_000;

    /// <summary>Dimension d.</summary>
    public const int MaximumWidth = 4_096;

    /// <summary>Blocks L.</summary>
    public const int MaximumDepth = 48;

    /// <summary>Passes over the training split.</summary>
    public const int MaximumEpochs = 100;

    /// <summary>Tokens in a chunk, T: GPT-Neo's largest.</summary>
    public const int MaximumContextLength = 2_048;

    /// <summary>Tokens in a trained vocabulary.</summary>
    public const int MaximumVocabularySize = 65_536;

    /// <summary>Chunks in a batch.</summary>
    public const int MaximumBatchSize = 1_024;

    /// <summary>Permutations of a test.</summary>
    public const long MaximumPermutations = 1_000_000_000;

    /// <summary>Rows of an imported table.</summary>
    public const int MaximumImportedRows = 100_000;
}
