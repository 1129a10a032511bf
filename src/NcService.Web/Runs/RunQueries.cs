using System.Linq.Expressions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using NcService.Web.Hosting;

namespace NcService.Web.Runs;

/// <summary>Which runs are wanted, in which order. Several values of one filter widen it; several filters narrow.</summary>
internal sealed class RunFilter : RunShape
{
    private static readonly Dictionary<string, Func<IQueryable<Run>, bool, IQueryable<Run>>> s_orders = new(StringComparer.OrdinalIgnoreCase)
    {
        ["id"] = By(run => run.Id),
        ["name"] = By(run => run.Name),
        ["width"] = By(run => run.Width),
        ["depth"] = By(run => run.Depth),
        ["epochs"] = By(run => run.Epochs),
        ["seed"] = By(run => run.Seed, run => run.Seed == null),
        ["parameterCount"] = By(run => run.ParameterCount),
        ["validationLoss"] = By(run => run.ValidationLoss, run => run.ValidationLoss == null),
        ["createdAt"] = By(run => run.CreatedAt),
    };

    /// <summary>Seeds.</summary>
    [FromQuery(Name = "seed")]
    public int[]? Seed { get; init; }

    /// <summary>States of the training.</summary>
    [FromQuery(Name = "state")]
    public EnumName<JobState>[]? State { get; init; }

    /// <summary>Tags; a run that has any of them.</summary>
    [FromQuery(Name = "tag")]
    public string[]? Tag { get; init; }

    /// <summary>id, name, width, depth, epochs, seed, parameterCount, validationLoss or createdAt; with a leading minus the largest first.</summary>
    [FromQuery(Name = "sort")]
    public string? Sort { get; init; }

    /// <summary>The wanted runs of <paramref name="runs"/>, in order.</summary>
    /// <exception cref="FieldException">Nothing can be sorted by that name.</exception>
    public IQueryable<Run> Apply(IQueryable<Run> runs)
    {
        runs = Shaped(runs);
        if (Seed is { Length: > 0 }) runs = runs.Where(run => run.Seed != null && Seed.Contains(run.Seed.Value));
        if (State.Values() is { Length: > 0 } states)
            runs = runs.Where(run => run.Job == null ? states.Contains(JobState.Succeeded) : states.Contains(run.Job.State));
        if (Needles(Tag) is { } needles) runs = runs.Where(run => needles.Any(needle => run.Tags.Contains(needle)));
        return Ordered(runs);
    }

    /// <summary>What to look for in the stored text of tags; null where none are wanted.</summary>
    /// <exception cref="FieldException">There are too many.</exception>
    public static string[]? Needles(string[]? tags) => tags switch
    {
        null or [] => null,
        { Length: > TagList.MaximumTags } => throw new FieldException("tag", $"At most {TagList.MaximumTags} tags."),
        _ => [.. tags.Select(TagList.Needle)],
    };

    private IQueryable<Run> Ordered(IQueryable<Run> runs)
    {
        if (string.IsNullOrEmpty(Sort)) return runs.OrderBy(run => run.Id);
        var name = Sort.TrimStart('-');
        if (!s_orders.TryGetValue(name, out var order))
            throw new FieldException("sort", $"Runs cannot be sorted by '{name}'; possible: {string.Join(", ", s_orders.Keys)}.");
        return order(runs, Sort.StartsWith('-'));
    }

    // Runs without a value come last in either direction, on either database.
    private static Func<IQueryable<Run>, bool, IQueryable<Run>> By<TKey>(Expression<Func<Run, TKey>> key, Expression<Func<Run, bool>>? missing = null) =>
        (runs, descending) =>
        {
            var first = missing is null ? runs.OrderBy(run => 0) : runs.OrderBy(missing);
            return (descending ? first.ThenByDescending(key) : first.ThenBy(key)).ThenBy(run => run.Id);
        };
}
