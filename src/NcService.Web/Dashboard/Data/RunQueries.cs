using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Data;

/// <summary>A part of a filtered and sorted table of runs.</summary>
/// <param name="Runs">The part.</param>
/// <param name="Values">Measured values of the part, by run and name.</param>
public sealed record RunPart(IReadOnlyList<RunSummary> Runs, IReadOnlyDictionary<(long RunId, string Measurement), double?> Values);

/// <summary>Runs of a study, filtered, sorted and cut by the store: a page never loads all of them.</summary>
public sealed class RunQueries(IDbContextFactory<NcServiceContext> contexts)
{
    private const int MostIds = 500;
    private Task? prepared;

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
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var ids = await Ids(context, studyId, filter).Skip(skip).Take(take).ToListAsync(cancellationToken);
        return await PartAsync(context, ids, studyId, measurements, cancellationToken);
    }

    /// <summary>Ids of all runs that the filter lets through, in its order: who scrolls reads rows by them, and sorts nothing again.</summary>
    public async Task<IReadOnlyList<long>> OrderAsync(long studyId, RunFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Ids(context, studyId, filter).ToListAsync(cancellationToken);
    }

    /// <summary>Has every order translated into SQL, once in the life of the server: whoever sorts first should not wait for that.</summary>
    public Task PrepareAsync() => prepared ??= Task.Run(async () =>
    {
        await using var context = await contexts.CreateDbContextAsync();
        foreach (var sort in RunFilter.Sorts) await Ids(context, 0, new RunFilter { Sort = sort }).ToListAsync();
    });

    /// <summary>The rows of some runs of a study, in the order of <paramref name="ids"/>; those that are gone are left out.</summary>
    public async Task<RunPart> RowsAsync(IReadOnlyList<long> ids, long studyId, IReadOnlyList<string> measurements, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await PartAsync(context, ids, studyId, measurements, cancellationToken);
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

    private static IQueryable<long> Ids(NcServiceContext context, long studyId, RunFilter filter) =>
        filter.Order(filter.Apply(context.Runs.Where(run => run.StudyId == studyId)), context.Measurements).Select(run => run.Id);

    // First which runs, then their jobs: the rows that are not in sight are never joined.
    private static async Task<RunPart> PartAsync(NcServiceContext context, IReadOnlyList<long> ids, long studyId, IReadOnlyList<string> measurements, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        var whole = ids.Count <= MostIds ? context.Runs.Where(run => ids.Contains(run.Id)) : context.Runs.Where(run => run.StudyId == studyId);
        var found = await Rows(context, whole).ToDictionaryAsync(row => row.Id, cancellationToken);
        var runs = ids.Where(found.ContainsKey).Select(id => found[id]).ToList();
        return new RunPart(runs, measurements.Count == 0 ? new Dictionary<(long, string), double?>() : await ValuesAsync(context, runs, measurements, cancellationToken));
    }

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
