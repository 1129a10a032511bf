using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Data;

/// <summary>What the dashboard reads about studies and their runs.</summary>
public sealed class StudyQueries(IDbContextFactory<NcServiceContext> contexts)
{
    /// <summary>All studies, newest first.</summary>
    public async Task<IReadOnlyList<StudySummary>> ListAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var studies = await context.Studies.AsNoTracking().OrderByDescending(study => study.CreatedAt).ThenByDescending(study => study.Id)
            .Select(study => new { study.Id, study.Name, study.Notes, study.ImportedFrom, study.CreatedAt, Dataset = study.Dataset!.Name })
            .ToListAsync(cancellationToken);
        var runs = (await RunStates(context.Runs).ToListAsync(cancellationToken)).ToLookup(run => run.StudyId);
        return [.. studies.Select(study => Summarise(study.Id, study.Name, study.Notes, study.ImportedFrom, study.Dataset, study.CreatedAt, [.. runs[study.Id]]))];
    }

    /// <summary>One study with its runs, or null where there is none.</summary>
    public async Task<StudyView?> FindAsync(long id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var study = await context.Studies.AsNoTracking().Where(study => study.Id == id)
            .Select(study => new
            {
                study.Id, study.Name, study.Notes, study.ImportedFrom, study.CreatedAt, Dataset = study.Dataset!.Name, study.DatasetId,
                PreparationState = (JobState?)study.Dataset.Job!.State, PreparationError = study.Dataset.Job.Error,
            })
            .SingleOrDefaultAsync(cancellationToken);
        if (study is null) return null;
        var states = await RunStates(context.Runs.Where(run => run.StudyId == id)).ToListAsync(cancellationToken);
        return new StudyView
        {
            Summary = Summarise(study.Id, study.Name, study.Notes, study.ImportedFrom, study.Dataset, study.CreatedAt, states),
            Runs = [.. states.OrderBy(run => run.Width).ThenBy(run => run.Depth).ThenBy(run => run.Name, StringComparer.Ordinal).Select(run => run.ToSummary())],
            PreparationError = study.PreparationState == JobState.Failed ? study.PreparationError ?? "no reason was recorded" : null,
            Preparing = study.PreparationState is JobState.Queued or JobState.Running,
        };
    }

    /// <summary>One run as tables show it.</summary>
    public async Task<RunSummary> FindRunAsync(long id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return (await RunStates(context.Runs.Where(run => run.Id == id)).SingleAsync(cancellationToken)).ToSummary();
    }

    private static IQueryable<RunState> RunStates(IQueryable<Run> runs) => runs.AsNoTracking().Select(run => new RunState
    {
        Id = run.Id,
        StudyId = run.StudyId,
        Name = run.Name,
        Width = run.Width,
        Depth = run.Depth,
        Epochs = run.Epochs,
        WeightDecay = run.WeightDecay,
        Seed = run.Seed,
        ParameterCount = run.ParameterCount,
        ValidationLoss = run.ValidationLoss,
        ValidationAccuracy = run.ValidationAccuracy,
        ArtifactPath = run.ArtifactPath,
        Training = run.Job,
        Analysis = run.Analyses.OrderByDescending(analysis => analysis.Id).Select(analysis => analysis.Job).FirstOrDefault(),
    });

    private static StudySummary Summarise(
        long id, string name, string? notes, string? importedFrom, string? dataset, DateTime createdAt, List<RunState> runs) => new()
        {
            Id = id,
            Name = name,
            Notes = notes,
            ImportedFrom = importedFrom,
            Dataset = dataset,
            CreatedAt = createdAt,
            RunCount = runs.Count,
            Widths = [.. runs.Select(run => run.Width).Distinct().Order()],
            Depths = [.. runs.Select(run => run.Depth).Distinct().Order()],
            BestLoss = runs.Min(run => run.ValidationLoss),
            Stages = runs.GroupBy(run => Data.Stages.Of(run.Training?.State, run.Analysis?.State)).ToDictionary(group => group.Key, group => group.Count()),
            Progress = runs.Count == 0 ? 0 : runs.Average(run => run.Share),
        };
}
