using NcService.Core.Models;
using NcService.Core.Training;

namespace NcService.Platform.Studies;

/// <summary>The runs that a definition makes.</summary>
public static class StudyPlan
{
    /// <summary>Steps between two saved states of a run: what a crash costs at most.</summary>
    private const int CheckpointInterval = 200;

    /// <summary>The union of the grids' products, each configuration once, small models first: their results are there soon.</summary>
    public static IReadOnlyList<RunName> Runs(StudyDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        var runs =
            from grid in definition.Grids
            from width in grid.Widths
            from depth in grid.Depths
            from epochs in grid.Epochs
            from decay in grid.WeightDecays
            from seed in grid.Seeds
            select new RunName { Width = width, Depth = depth, Epochs = epochs, WeightDecay = decay, Seed = seed };
        return [.. runs.Distinct().OrderBy(run => (long)run.Epochs * run.Depth * run.Width * run.Width)];
    }

    /// <summary>The training settings of one run.</summary>
    public static TrainingOptions Options(StudyDefinition definition, RunName run)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(run);
        return new TrainingOptions
        {
            Epochs = run.Epochs,
            BatchSize = definition.BatchSize,
            LearningRate = definition.LearningRate,
            WeightDecay = run.WeightDecay,
            Seed = run.Seed ?? 0,
            Precision = definition.Precision,
            EvaluationInterval = definition.EvaluationInterval,
            CheckpointInterval = CheckpointInterval,
            MaximumSteps = definition.MaximumSteps,
        };
    }

    /// <summary>The architecture of one run.</summary>
    public static GptNeoConfiguration Architecture(int width, int depth, int? heads, int vocabularySize, int contextLength) =>
        GptNeoConfiguration.Create(width, depth, vocabularySize, contextLength, heads);
}
