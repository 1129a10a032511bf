using NcService.Core;
using NcService.Core.Models;
using NcService.Platform.Studies;

namespace NcService.Web.Dashboard.Data;

/// <summary>What a definition would start: how many runs of which sizes.</summary>
/// <param name="RunCount">Distinct configurations and seeds.</param>
/// <param name="Widths">Widths, ascending.</param>
/// <param name="Depths">Depths, ascending.</param>
/// <param name="Cells">By width and depth: parameters of the model and runs of it.</param>
/// <param name="LargestSeedGroup">Most seeds of one configuration.</param>
/// <param name="Runs">The runs.</param>
public sealed record StudyPreview(
    int RunCount, IReadOnlyList<int> Widths, IReadOnlyList<int> Depths, IReadOnlyDictionary<(int Width, int Depth), (long Parameters, int Runs)> Cells, int LargestSeedGroup,
    IReadOnlyList<RunName> Runs)
{
    // Beyond this nobody reads the plan, and the limits of a study refuse it anyway.
    private const long Most = 20_000;

    /// <summary>Counts the runs of a definition; null where it is too large to look at.</summary>
    /// <param name="definition">The definition; it need not be valid.</param>
    /// <param name="vocabularySize">K of the dataset that it will use.</param>
    /// <param name="contextLength">T of that dataset.</param>
    public static StudyPreview? Of(StudyDefinition definition, int vocabularySize, int contextLength)
    {
        ArgumentNullException.ThrowIfNull(definition);
        if (definition.Grids.Sum(Size) > Most) return null;
        var runs = StudyPlan.Runs(definition).Where(run => run is { Width: > 0, Depth: > 0 }).ToList();
        var cells = runs.GroupBy(run => (run.Width, run.Depth))
            .ToDictionary(group => group.Key, group => (Parameters(group.Key.Width, group.Key.Depth, definition.Heads, vocabularySize, contextLength), group.Count()));
        return new StudyPreview(
            runs.Count, [.. runs.Select(run => run.Width).Distinct().Order()], [.. runs.Select(run => run.Depth).Distinct().Order()], cells,
            runs.GroupBy(run => run with { Seed = 0 }).Select(group => group.Count()).DefaultIfEmpty().Max(), runs);
    }

    private static long Parameters(int width, int depth, int? heads, int vocabularySize, int contextLength)
    {
        try
        {
            return GptNeoConfiguration.Create(width, depth, vocabularySize, contextLength, heads).ParameterCount;
        }
        catch (InputException)
        {
            // A size is out of range; the form says so beside the field.
            return 0;
        }
    }

    private static double Size(StudyGrid grid) => (double)grid.Widths.Count * grid.Depths.Count * grid.Epochs.Count * grid.WeightDecays.Count * grid.Seeds.Count;
}
