using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Store;

namespace NcService.Platform.Results;

/// <summary>What tells cheaply whether a study's results have changed: a run or an analysis came, or a job of one ended.</summary>
internal sealed record ResultStamp(string StudyName, ResultStamp.Rows? Runs, ResultStamp.Rows? Analyses)
{
    /// <summary>Of a kind of row: how many there are, the latest one, how many have a result, and when a job of one last ended.</summary>
    internal sealed record Rows(int Count, long Last, int Done, DateTime? Ended);

    /// <summary>Reads it.</summary>
    /// <exception cref="InputException">There is no such study.</exception>
    public static async Task<ResultStamp> ReadAsync(NcServiceContext context, long studyId, CancellationToken cancellationToken)
    {
        var name = await context.Studies.Where(study => study.Id == studyId).Select(study => study.Name).SingleOrDefaultAsync(cancellationToken)
            ?? throw new InputException($"There is no study {studyId}.");
        var runs = context.Runs.Where(run => run.StudyId == studyId).Select(run => new { run.Id, Done = run.ValidationLoss != null, run.Job!.FinishedAt });
        var analyses = context.Analyses.Where(analysis => analysis.Run!.StudyId == studyId).Select(analysis => new { analysis.Id, Done = analysis.SampleCount != null, analysis.Job!.FinishedAt });
        return new ResultStamp(
            name,
            await runs.GroupBy(_ => 1).Select(rows => new Rows(rows.Count(), rows.Max(row => row.Id), rows.Count(row => row.Done), rows.Max(row => row.FinishedAt))).SingleOrDefaultAsync(cancellationToken),
            await analyses.GroupBy(_ => 1).Select(rows => new Rows(rows.Count(), rows.Max(row => row.Id), rows.Count(row => row.Done), rows.Max(row => row.FinishedAt))).SingleOrDefaultAsync(cancellationToken));
    }
}
