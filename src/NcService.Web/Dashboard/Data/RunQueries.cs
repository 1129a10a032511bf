using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Data;

/// <summary>A part of a filtered and sorted table of runs.</summary>
/// <param name="Runs">The part.</param>
/// <param name="Count">Rows of the whole.</param>
/// <param name="Values">Measured values of the part, by run and name.</param>
public sealed record RunPart(IReadOnlyList<RunSummary> Runs, int Count, IReadOnlyDictionary<(long RunId, string Measurement), double?> Values);

/// <summary>Runs of a study, filtered, sorted and cut by the store: a page never loads all of them.</summary>
public sealed class RunQueries(IDbContextFactory<NcServiceContext> contexts)
{
    private const int MostIds = 500;

    /// <summary>Rows <paramref name="skip"/> to <paramref name="skip"/> + <paramref name="take"/> of the table.</summary>
    /// <param name="studyId">The study.</param>
    /// <param name="filter">Which runs, in which order.</param>
    /// <param name="skip">Rows before the part.</param>
    /// <param name="take">Most rows of the part.</param>
    /// <param name="measurements">Names of measurements whose values are wanted.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    public async Task<RunPart> ReadAsync(long studyId, RunFilter filter, int skip, int take, IReadOnlyList<string> measurements, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(measurements);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var runs = filter.Apply(context.Runs.Where(run => run.StudyId == studyId));
        var count = await runs.CountAsync(cancellationToken);
        // Who scrolled far down before the filter left few rows sees the last of them.
        skip = Math.Clamp(skip, 0, Math.Max(0, count - Math.Min(take, count)));
        // First which runs, then their jobs: the rows that are not in sight are never joined.
        var ids = await filter.Order(runs, context.Measurements).Skip(skip).Take(take).Select(run => run.Id).ToListAsync(cancellationToken);
        var whole = ids.Count <= MostIds ? context.Runs.Where(run => ids.Contains(run.Id)) : runs;
        var found = await Rows(context, whole).ToDictionaryAsync(row => row.Id, cancellationToken);
        var part = ids.ConvertAll(id => found[id]);
        return new RunPart(part, count, measurements.Count == 0 ? [] : await ValuesAsync(context, part, measurements, cancellationToken));
    }

    /// <summary>Measured values of runs, by run and name.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="measurements">Only these; every measurement without it.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    public async Task<IReadOnlyDictionary<(long RunId, string Measurement), double?>> ValuesAsync(
        IReadOnlyList<RunSummary> runs, IReadOnlyList<string>? measurements, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await ValuesAsync(context, runs, measurements, cancellationToken);
    }

    /// <summary>Runs by id, in the order of their ids; those that do not exist are left out.</summary>
    public async Task<IReadOnlyList<RunSummary>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Rows(context, context.Runs.Where(run => ids.Contains(run.Id))).OrderBy(row => row.Run.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Runs joined with their jobs.</summary>
    internal static IQueryable<RunSummary> Rows(NcServiceContext context, IQueryable<Run> runs) =>
        from run in runs.AsNoTracking()
        join analysis in context.Analyses.Where(one => !context.Analyses.Any(later => later.RunId == one.RunId && later.Id > one.Id)) on run.Id equals analysis.RunId into latest
        from analysis in latest.DefaultIfEmpty()
        select new RunSummary { Run = run, Training = run.Job, Analysis = analysis!.Job, AnalysisId = analysis.Id };

    private static async Task<Dictionary<(long RunId, string Measurement), double?>> ValuesAsync(
        NcServiceContext context, IReadOnlyList<RunSummary> runs, IReadOnlyList<string>? measurements, CancellationToken cancellationToken)
    {
        var analyses = runs.Where(row => row.AnalysisId is not null).ToDictionary(row => row.AnalysisId!.Value, row => row.Id);
        var study = runs.Count > 0 ? runs[0].Run.StudyId : 0;
        var rows = context.Measurements.AsNoTracking();
        // All at once where the whole table is wanted: a list of ten thousand ids is no query.
        rows = analyses.Count <= MostIds ? rows.Where(row => analyses.Keys.Contains(row.AnalysisId))
            : rows.Where(row => context.Analyses.Any(analysis => analysis.Id == row.AnalysisId && analysis.Run!.StudyId == study));
        if (measurements is not null) rows = rows.Where(row => measurements.Contains(row.Name));
        var found = await rows.ToListAsync(cancellationToken);
        return found.Where(row => analyses.ContainsKey(row.AnalysisId)).ToDictionary(row => (analyses[row.AnalysisId], row.Name), row => row.Value);
    }
}
