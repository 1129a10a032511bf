using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Data;

/// <summary>A job beside the names of what it works on.</summary>
/// <param name="Job">The row.</param>
/// <param name="Subject">What it works on: a run's or dataset's name.</param>
/// <param name="StudyName">The study it works for.</param>
/// <param name="Address">The page of what it works on; null where that is the page at hand, or there is none.</param>
public sealed record JobView(Job Job, string Subject, string? StudyName, string? Address)
{
    /// <summary>Where it stands.</summary>
    public Stage Stage => Stages.Of(Job.State);
}

/// <summary>What the dashboard reads about jobs and workers.</summary>
public sealed class JobQueries(IDbContextFactory<NcServiceContext> contexts)
{
    /// <summary>Jobs that work now, the oldest first.</summary>
    public Task<IReadOnlyList<JobView>> RunningAsync(CancellationToken cancellationToken) =>
        LoadAsync(jobs => jobs.Where(job => job.State == JobState.Running).OrderBy(job => job.StartedAt), cancellationToken);

    /// <summary>Jobs that ended, the latest first.</summary>
    public Task<IReadOnlyList<JobView>> EndedAsync(JobState state, int count, CancellationToken cancellationToken) =>
        LoadAsync(jobs => jobs.Where(job => job.State == state).OrderByDescending(job => job.FinishedAt).Take(count), cancellationToken);

    /// <summary>The jobs of all or one state: what runs, what waits in order of arrival, then what ended, the latest first.</summary>
    public Task<IReadOnlyList<JobView>> LatestAsync(JobState? state, int skip, int count, CancellationToken cancellationToken) =>
        LoadAsync(jobs => jobs.Where(job => state == null || job.State == state)
            .OrderBy(job => job.State == JobState.Running ? 0 : job.State == JobState.Queued ? 1 : 2).ThenByDescending(job => job.FinishedAt).ThenBy(job => job.Id).Skip(skip).Take(count), cancellationToken);

    /// <summary>How many jobs are in each state.</summary>
    public async Task<IReadOnlyDictionary<JobState, int>> CountAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Jobs.GroupBy(job => job.State).Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);
    }

    /// <summary>The workers, by name.</summary>
    public async Task<IReadOnlyList<Worker>> WorkersAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Workers.AsNoTracking().OrderBy(worker => worker.Name).ToListAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<JobView>> LoadAsync(Func<IQueryable<Job>, IQueryable<Job>> select, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var jobs = await select(context.Jobs.AsNoTracking()).ToListAsync(cancellationToken);
        var ids = jobs.ConvertAll(job => (long?)job.Id);
        var trained = await context.Runs.Where(run => ids.Contains(run.JobId)).Select(run => new { run.JobId, run.Id, run.Name }).ToListAsync(cancellationToken);
        var analysed = await context.Analyses.Where(analysis => ids.Contains(analysis.JobId))
            .Select(analysis => new { analysis.JobId, analysis.Id, analysis.RunId, analysis.Run!.Name }).ToListAsync(cancellationToken);
        var prepared = await context.Datasets.Where(dataset => ids.Contains(dataset.JobId)).Select(dataset => new { dataset.JobId, dataset.Id, dataset.Name }).ToListAsync(cancellationToken);
        var tested = await context.PermutationTests.Where(test => ids.Contains(test.JobId)).Select(test => new { test.JobId, test.StudyId, test.Description }).ToListAsync(cancellationToken);
        var subjects = new Dictionary<long, (string Name, string Address)>();
        foreach (var run in trained) subjects.TryAdd(run.JobId!.Value, (run.Name, $"runs/{run.Id}"));
        foreach (var analysis in analysed)
            subjects.TryAdd(analysis.JobId!.Value, analysis.RunId is { } run ? (analysis.Name, $"runs/{run}") : ($"embeddings, analysis {analysis.Id}", $"analyses/{analysis.Id}"));
        foreach (var dataset in prepared) subjects.TryAdd(dataset.JobId!.Value, (dataset.Name, $"datasets/{dataset.Id}"));
        foreach (var test in tested) subjects.TryAdd(test.JobId!.Value, (test.Description, $"studies/{test.StudyId}/permutation"));
        var studyIds = jobs.Select(job => job.StudyId).Distinct().ToList();
        var studies = await context.Studies.Where(study => studyIds.Contains(study.Id)).ToDictionaryAsync(study => study.Id, study => study.Name, cancellationToken);
        return jobs.ConvertAll(job => subjects.TryGetValue(job.Id, out var subject)
            ? new JobView(job, subject.Name, StudyOf(job), subject.Address)
            : new JobView(job, $"job {job.Id}", StudyOf(job), null));

        string? StudyOf(Job job) => job.StudyId is { } study ? studies.GetValueOrDefault(study) : null;
    }
}
