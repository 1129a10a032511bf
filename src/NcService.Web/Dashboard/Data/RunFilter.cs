using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Web.Dashboard.Data;

/// <summary>Which runs of a study a table shows, and in which order. Every part of it is in the page's address.</summary>
public sealed record RunFilter
{
    /// <summary>The order where none is asked for.</summary>
    public const string DefaultSort = "size";

    private static readonly Dictionary<string, Expression<Func<Run, object?>>> s_orders = new(StringComparer.Ordinal)
    {
        ["name"] = run => run.Name,
        ["state"] = run => run.Job!.State,
        ["width"] = run => run.Width,
        ["depth"] = run => run.Depth,
        ["epochs"] = run => run.Epochs,
        ["decay"] = run => run.WeightDecay,
        ["seed"] = run => run.Seed,
        ["parameters"] = run => run.ParameterCount,
        ["loss"] = run => run.ValidationLoss,
        ["accuracy"] = run => run.ValidationAccuracy,
        ["trainloss"] = run => run.TrainLoss,
        ["seconds"] = run => run.TrainingSeconds,
        ["tags"] = run => run.Tags,
    };

    /// <summary>Every order, up and down; that of a measurement stands for all of them.</summary>
    internal static IEnumerable<string> Sorts { get; } = [.. s_orders.Keys.Append(NcService.Core.Collapse.MeasurementCatalog.All[0].Name).SelectMany(name => new[] { name, "-" + name })];

    /// <summary>Part of the name or notes.</summary>
    public string? Search { get; init; }

    /// <summary>Where the runs stand.</summary>
    public Stage? Stage { get; init; }

    /// <summary>Dimension d.</summary>
    public int? Width { get; init; }

    /// <summary>Blocks L.</summary>
    public int? Depth { get; init; }

    /// <summary>Passes over the training split.</summary>
    public int? Epochs { get; init; }

    /// <summary>A tag.</summary>
    public string? Tag { get; init; }

    /// <summary>A column of the table, or a measurement's name; a minus before it turns the order round.</summary>
    public string? Sort { get; init; }

    /// <summary>True where every run is shown.</summary>
    public bool IsEmpty => string.IsNullOrWhiteSpace(Search) && Stage is null && Width is null && Depth is null && Epochs is null && string.IsNullOrWhiteSpace(Tag);

    /// <summary>The runs that the filter lets through.</summary>
    internal IQueryable<Run> Apply(IQueryable<Run> runs)
    {
        if (!string.IsNullOrWhiteSpace(Search))
        {
            var pattern = $"%{Search.Trim().ToLowerInvariant().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
            runs = runs.Where(run => EF.Functions.Like(run.Name.ToLower(), pattern, "\\") || EF.Functions.Like(run.Notes!.ToLower(), pattern, "\\"));
        }
        if (Width is { } width) runs = runs.Where(run => run.Width == width);
        if (Depth is { } depth) runs = runs.Where(run => run.Depth == depth);
        if (Epochs is { } epochs) runs = runs.Where(run => run.Epochs == epochs);
        if (!string.IsNullOrWhiteSpace(Tag))
        {
            var needle = TagList.Needle(Tag);
            runs = runs.Where(run => run.Tags.Contains(needle));
        }
        if (Stage is not { } stage) return runs;
        var state = Stages.StateOf(stage);
        // As Stages.Of has it: the latest analysis decides where there is no training or it has succeeded.
        return runs.Select(run => new { Run = run, Training = (JobState?)run.Job!.State, Analysis = run.Analyses.OrderByDescending(one => one.Id).Select(one => (JobState?)one.Job!.State).FirstOrDefault() })
            .Where(row => row.Analysis != null && (row.Training == null || row.Training == JobState.Succeeded) ? row.Analysis == state
                : row.Training != null ? row.Training == state
                : state == JobState.Succeeded)
            .Select(row => row.Run);
    }

    /// <summary>The runs in order; those without a value come last either way.</summary>
    internal IQueryable<Run> Order(IQueryable<Run> runs, IQueryable<MeasurementRow> measurements)
    {
        var name = Sort?.TrimStart('-') ?? DefaultSort;
        var descending = Sort is ['-', ..];
        if (name == DefaultSort) return runs.OrderBy(run => run.Width).ThenBy(run => run.Depth).ThenBy(run => run.Name);
        if (!s_orders.TryGetValue(name, out var key))
            key = run => measurements.Where(value => value.Name == name && value.AnalysisId == run.Analyses.Max(one => (long?)one.Id)).Select(value => value.Value).FirstOrDefault();
        var body = key.Body is UnaryExpression { NodeType: ExpressionType.Convert } boxed ? boxed.Operand : key.Body;
        var canMiss = !body.Type.IsValueType || Nullable.GetUnderlyingType(body.Type) is not null;
        var ordered = canMiss
            ? runs.OrderBy(Expression.Lambda<Func<Run, bool>>(Expression.Equal(body, Expression.Constant(null, body.Type)), key.Parameters))
            : runs.OrderBy(run => 0);
        return (descending ? ordered.ThenByDescending(key) : ordered.ThenBy(key)).ThenBy(run => run.Id);
    }
}
