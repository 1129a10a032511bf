using Microsoft.AspNetCore.Mvc;
using NcService.Platform.Results;
using NcService.Platform.Store;

namespace NcService.Web.Runs;

/// <summary>Which runs are wanted, by what they are. Several values of one filter widen it; several filters narrow.</summary>
internal abstract class RunShape
{
    /// <summary>Widths d.</summary>
    [FromQuery(Name = "width")]
    public int[]? Width { get; init; }

    /// <summary>Depths L.</summary>
    [FromQuery(Name = "depth")]
    public int[]? Depth { get; init; }

    /// <summary>Numbers of epochs.</summary>
    [FromQuery(Name = "epochs")]
    public int[]? Epochs { get; init; }

    /// <summary>The runs of that shape.</summary>
    protected IQueryable<Run> Shaped(IQueryable<Run> runs)
    {
        if (Width is { Length: > 0 }) runs = runs.Where(run => Width.Contains(run.Width));
        if (Depth is { Length: > 0 }) runs = runs.Where(run => Depth.Contains(run.Depth));
        if (Epochs is { Length: > 0 }) runs = runs.Where(run => Epochs.Contains(run.Epochs));
        return runs;
    }

    /// <summary>The results of runs of that shape.</summary>
    protected IEnumerable<ResultRow> Shaped(IEnumerable<ResultRow> rows) =>
        rows.Where(row => Wanted(Width, row.Width) && Wanted(Depth, row.Depth) && Wanted(Epochs, row.Epochs));

    private static bool Wanted(int[]? values, int value) => values is not { Length: > 0 } || values.Contains(value);
}
