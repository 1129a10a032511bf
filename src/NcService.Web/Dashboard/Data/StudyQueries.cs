using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Web.Dashboard.Data;

/// <summary>What the dashboard reads about studies. Runs are counted by the store; none is loaded.</summary>
public sealed class StudyQueries(IDbContextFactory<NcServiceContext> contexts)
{
    /// <summary>All studies, newest first.</summary>
    public Task<IReadOnlyList<StudySummary>> ListAsync(CancellationToken cancellationToken) => LoadAsync(null, cancellationToken);

    /// <summary>One study, or null where there is none.</summary>
    public async Task<StudySummary?> FindAsync(long id, CancellationToken cancellationToken) => (await LoadAsync(id, cancellationToken)).SingleOrDefault();

    /// <summary>Tags that runs of a study have, each once.</summary>
    public async Task<IReadOnlyList<string>> RunTagsAsync(long id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var lists = await context.Runs.Where(run => run.StudyId == id && run.Tags != "").Select(run => run.Tags).Distinct().ToListAsync(cancellationToken);
        return [.. lists.SelectMany(TagList.Read).Distinct().Order(StringComparer.Ordinal)];
    }

    private async Task<IReadOnlyList<StudySummary>> LoadAsync(long? id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var studies = await context.Studies.AsNoTracking().Where(study => id == null || study.Id == id)
            .OrderByDescending(study => study.CreatedAt).ThenByDescending(study => study.Id)
            .Select(study => new
            {
                Study = study, Dataset = study.Dataset!.Name, Preparation = (JobState?)study.Dataset.Job!.State, PreparationError = study.Dataset.Job.Error,
                Held = context.Jobs.Any(job => job.StudyId == study.Id && job.Paused && (job.State == JobState.Queued || job.State == JobState.Running)),
            })
            .ToListAsync(cancellationToken);
        var groups = (await CountAsync(context, context.Runs.Where(run => id == null || run.StudyId == id), cancellationToken)).ToLookup(group => group.StudyId);
        return [.. studies.Select(row => Summarise(row.Study, [.. groups[row.Study.Id]]) with
        {
            Dataset = row.Dataset,
            Held = row.Held,
            Preparing = row.Preparation is JobState.Queued or JobState.Running,
            PreparationError = row.Preparation == JobState.Failed ? row.PreparationError ?? "No reason was recorded." : null,
        })];
    }

    private static Task<List<RunGroup>> CountAsync(NcServiceContext context, IQueryable<Run> runs, CancellationToken cancellationToken) =>
        RunQueries.Rows(context, runs)
            .GroupBy(row => new { row.Run.StudyId, row.Run.Width, row.Run.Depth, row.Run.Epochs, Training = (JobState?)row.Training!.State, Analysis = (JobState?)row.Analysis!.State })
            .Select(group => new RunGroup
            {
                StudyId = group.Key.StudyId,
                Width = group.Key.Width,
                Depth = group.Key.Depth,
                Epochs = group.Key.Epochs,
                Training = group.Key.Training,
                Analysis = group.Key.Analysis,
                Count = group.Count(),
                BestLoss = group.Min(row => row.Run.ValidationLoss),
                Trained = group.Average(row => (double?)row.Training!.Progress) ?? 0,
                Analysed = group.Average(row => (double?)row.Analysis!.Progress) ?? 0,
            })
            .ToListAsync(cancellationToken);

    private static StudySummary Summarise(Study study, IReadOnlyList<RunGroup> groups)
    {
        var count = groups.Sum(group => group.Count);
        return new StudySummary
        {
            Id = study.Id,
            Name = study.Name,
            Notes = study.Notes,
            Tags = TagList.Read(study.Tags),
            ImportedFrom = study.ImportedFrom,
            CreatedAt = study.CreatedAt,
            RunCount = count,
            Widths = [.. groups.Select(group => group.Width).Distinct().Order()],
            Depths = [.. groups.Select(group => group.Depth).Distinct().Order()],
            Epochs = [.. groups.Select(group => group.Epochs).Distinct().Order()],
            BestLoss = groups.Min(group => group.BestLoss),
            Stages = groups.GroupBy(group => Stages.Of(group.Training, group.Analysis)).ToDictionary(stage => stage.Key, stage => stage.Sum(group => group.Count)),
            Progress = count == 0 ? 0 : groups.Sum(group => group.Count * RunSummary.ShareOf(group.Training, group.Trained, group.Analysis, group.Analysed)) / count,
        };
    }

    /// <summary>Runs of one size in one state.</summary>
    private sealed class RunGroup
    {
        public required long StudyId { get; init; }
        public required int Width { get; init; }
        public required int Depth { get; init; }
        public required int Epochs { get; init; }
        public JobState? Training { get; init; }
        public JobState? Analysis { get; init; }
        public required int Count { get; init; }
        public double? BestLoss { get; init; }
        public required double Trained { get; init; }
        public required double Analysed { get; init; }
    }
}
