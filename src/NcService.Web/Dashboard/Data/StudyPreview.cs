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
public sealed record StudyPreview(
    int RunCount, IReadOnlyList<int> Widths, IReadOnlyList<int> Depths, IReadOnlyDictionary<(int Width, int Depth), (long Parameters, int Runs)> Cells, int LargestSeedGroup)
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
        var runs = definition.Grids.SelectMany(Product).Distinct().Where(run => run.Width > 0 && run.Depth > 0).ToList();
        var cells = runs.GroupBy(run => (run.Width, run.Depth))
            .ToDictionary(group => group.Key, group => (Parameters(group.Key.Width, group.Key.Depth, definition.Heads, vocabularySize, contextLength), group.Count()));
        return new StudyPreview(
            runs.Count, [.. runs.Select(run => run.Width).Distinct().Order()], [.. runs.Select(run => run.Depth).Distinct().Order()], cells,
            runs.GroupBy(run => run with { Seed = 0 }).Select(group => group.Count()).DefaultIfEmpty().Max());
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

    private static IEnumerable<Planned> Product(StudyGrid grid) =>
        from width in grid.Widths
        from depth in grid.Depths
        from epochs in grid.Epochs
        from decay in grid.WeightDecays
        from seed in grid.Seeds
        select new Planned(width, depth, epochs, decay, seed);

    private sealed record Planned(int Width, int Depth, int Epochs, double Decay, int Seed);
}
