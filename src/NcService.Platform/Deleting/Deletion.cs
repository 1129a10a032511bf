using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NcService.Platform.Jobs;
using NcService.Platform.Store;

namespace NcService.Platform.Deleting;

/// <summary>
/// Deletes what was made here, with its jobs and files. What has jobs that have not ended, or is used by something else, is refused and stays as it is. All rows go in one
/// transaction, which also lists the folders that are to go; files go after it.
/// </summary>
public sealed class Deletion(IDbContextFactory<NcServiceContext> contexts, DeletedArtifacts artifacts, TimeProvider time, ILogger<Deletion> logger)
{
    private const int Batch = 500;
    private const int MostNamed = 3;

    /// <summary>Deletes a study (also an imported table) with its runs, their checkpoints and analyses, and its permutation tests. Its dataset stays.</summary>
    /// <returns>False where there is none; so for all that follow.</returns>
    /// <exception cref="InUseException">Jobs of it have not ended.</exception>
    public Task<bool> DeleteStudyAsync(long id, CancellationToken cancellationToken) => DeleteAsync($"Study {id}", async (context, thing) =>
    {
        await HoldStudyAsync(context, id, cancellationToken);
        if (await context.Studies.AsNoTracking().SingleOrDefaultAsync(study => study.Id == id, cancellationToken) is not { } study) return null;
        var tests = context.PermutationTests.Where(test => test.StudyId == id);
        var runs = context.Runs.Where(run => run.StudyId == id);
        var import = await ImportOfAsync(context, study, cancellationToken);
        var others = context.Jobs.Where(job => job.Id == import || (job.StudyId == id && !context.Datasets.Any(dataset => dataset.JobId == job.Id)));
        var jobs = await TakeJobsAsync(
            context, thing, JobsOf(context, runs).Concat(tests.Select(test => test.JobId)).Concat(others.Select(job => (long?)job.Id)), cancellationToken);
        await tests.ExecuteDeleteAsync(cancellationToken);
        await DeleteRunsAsync(context, runs, cancellationToken);
        await context.Studies.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken);
        // The dataset that was prepared for it may serve others; its job works for no study now.
        await context.Jobs.Where(job => job.StudyId == id && context.Datasets.Any(dataset => dataset.JobId == job.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(job => job.StudyId, (long?)null), cancellationToken);
        return jobs;
    }, cancellationToken);

    /// <summary>Deletes a run with its checkpoints and analyses.</summary>
    /// <exception cref="InUseException">Jobs of it have not ended, or it is part of a permutation test.</exception>
    public Task<bool> DeleteRunAsync(long id, CancellationToken cancellationToken) => DeleteAsync($"Run {id}", async (context, thing) =>
    {
        var runs = context.Runs.Where(run => run.Id == id);
        if (await runs.Select(run => (long?)run.StudyId).SingleOrDefaultAsync(cancellationToken) is not { } study) return null;
        await HoldStudyAsync(context, study, cancellationToken);
        await RefuseTestedAsync(context, thing, study, id, cancellationToken);
        var jobs = await TakeJobsAsync(context, thing, JobsOf(context, runs), cancellationToken);
        return await DeleteRunsAsync(context, runs, cancellationToken) == 1 ? jobs : null;
    }, cancellationToken);

    /// <summary>Deletes an analysis: its measurements and class statistics. The run and its checkpoint stay.</summary>
    /// <exception cref="InUseException">Its job has not ended, or its run is part of a permutation test, which rests on its measurements.</exception>
    public Task<bool> DeleteAnalysisAsync(long id, CancellationToken cancellationToken) => DeleteAsync($"Analysis {id}", async (context, thing) =>
    {
        var analyses = context.Analyses.Where(analysis => analysis.Id == id);
        if (await analyses.Select(analysis => new { analysis.RunId, StudyId = (long?)analysis.Run!.StudyId }).SingleOrDefaultAsync(cancellationToken) is not { } found) return null;
        if (found is { RunId: { } run, StudyId: { } study })
        {
            await HoldStudyAsync(context, study, cancellationToken);
            await RefuseTestedAsync(context, thing, study, run, cancellationToken);
        }
        var jobs = await TakeJobsAsync(context, thing, analyses.Select(analysis => analysis.JobId), cancellationToken);
        return await analyses.ExecuteDeleteAsync(cancellationToken) == 1 ? jobs : null;
    }, cancellationToken);

    /// <summary>Deletes a dataset.</summary>
    /// <exception cref="InUseException">It is being prepared, or studies or analyses use it.</exception>
    public Task<bool> DeleteDatasetAsync(long id, CancellationToken cancellationToken) => DeleteAsync($"Dataset {id}", async (context, thing) =>
    {
        await HoldAsync(context, $"""SELECT 1 FROM "Datasets" WHERE "Id" = {id} FOR UPDATE""", cancellationToken);
        var studies = await context.Studies.Where(study => study.DatasetId == id || study.Runs.Any(run => run.Analyses.Any(analysis => analysis.DatasetId == id)))
            .OrderBy(study => study.Id).Select(study => new { study.Id, study.Name }).ToListAsync(cancellationToken);
        var analyses = await context.Analyses.Where(analysis => analysis.DatasetId == id && analysis.RunId == null).OrderBy(analysis => analysis.Id).Select(analysis => analysis.Id).ToListAsync(cancellationToken);
        Refuse(thing, [.. studies.Select(study => $"study {study.Id} ('{study.Name}')"), .. analyses.Select(analysis => $"analysis {analysis}")]);
        var datasets = context.Datasets.Where(dataset => dataset.Id == id);
        var jobs = await TakeJobsAsync(context, thing, datasets.Select(dataset => dataset.JobId), cancellationToken);
        return await datasets.ExecuteDeleteAsync(cancellationToken) == 1 ? jobs : null;
    }, cancellationToken);

    /// <summary>Deletes a permutation test.</summary>
    /// <exception cref="InUseException">Its job has not ended.</exception>
    public Task<bool> DeletePermutationTestAsync(long id, CancellationToken cancellationToken) => DeleteAsync($"Permutation test {id}", async (context, thing) =>
    {
        var tests = context.PermutationTests.Where(test => test.Id == id);
        var jobs = await TakeJobsAsync(context, thing, tests.Select(test => test.JobId), cancellationToken);
        return await tests.ExecuteDeleteAsync(cancellationToken) == 1 ? jobs : null;
    }, cancellationToken);

    /// <summary>Deletes in one transaction.</summary>
    /// <param name="thing">What it is, for people.</param>
    /// <param name="deleteRows">Deletes all rows but those of jobs, and says which jobs follow; null where there is nothing to delete.</param>
    /// <param name="cancellationToken">Stops waiting; then nothing was deleted.</param>
    private async Task<bool> DeleteAsync(string thing, Func<NcServiceContext, string, Task<IReadOnlyList<Job>?>> deleteRows, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await deleteRows(context, thing) is not { } jobs) return false;
        // With a job go its edges in the queue, and what webhooks were still to be told of it.
        foreach (var ids in jobs.Select(job => job.Id).Chunk(Batch)) await context.Jobs.Where(job => ids.Contains(job.Id)).ExecuteDeleteAsync(cancellationToken);
        var folders = jobs.SelectMany(JobFolder.AllOf).ToList();
        var now = time.GetUtcNow().UtcDateTime;
        context.DeletedArtifacts.AddRange(folders.Select(folder => new DeletedArtifact { Path = folder, DeletedAt = now }));
        await context.SaveChangesAsync(cancellationToken);
        // 1. A crash before this commit leaves everything as it was. 2. One after it leaves files of which no row speaks but the list, which the sweep works off.
        await transaction.CommitAsync(cancellationToken);
        logger.LogInformation("{Thing} was deleted, with {Jobs} jobs and {Folders} folders", thing, jobs.Count, folders.Count);
        foreach (var folder in folders) artifacts.Delete(folder);
        return true;
    }

    /// <summary>Ids of the jobs that train, take in or analyse runs.</summary>
    private static IQueryable<long?> JobsOf(NcServiceContext context, IQueryable<Run> runs) =>
        runs.Select(run => run.JobId).Concat(context.Analyses.Where(analysis => runs.Any(run => run.Id == analysis.RunId)).Select(analysis => analysis.JobId));

    private static async Task<int> DeleteRunsAsync(NcServiceContext context, IQueryable<Run> runs, CancellationToken cancellationToken)
    {
        await context.Analyses.Where(analysis => runs.Any(run => run.Id == analysis.RunId)).ExecuteDeleteAsync(cancellationToken);
        await context.Checkpoints.Where(checkpoint => runs.Any(run => run.Id == checkpoint.RunId)).ExecuteDeleteAsync(cancellationToken);
        return await runs.ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>The jobs, held until the transaction ends: none of them is started, or queued again, meanwhile.</summary>
    /// <exception cref="InUseException">One has not ended.</exception>
    private static async Task<IReadOnlyList<Job>> TakeJobsAsync(NcServiceContext context, string thing, IQueryable<long?> ids, CancellationToken cancellationToken)
    {
        var jobs = context.Jobs.Where(job => ids.Contains(job.Id));
        // A write that changes nothing: it holds the rows on either database.
        await jobs.ExecuteUpdateAsync(set => set.SetProperty(job => job.Attempt, job => job.Attempt), cancellationToken);
        var taken = await jobs.AsNoTracking().OrderBy(job => job.Id).ToListAsync(cancellationToken);
        var live = taken.Where(job => job.State is JobState.Queued or JobState.Running)
            .Select(job => $"job {job.Id} ({job.Kind}) is {(job.Paused ? "paused" : job.State.ToString().ToLowerInvariant())}").ToList();
        return live.Count == 0 ? taken : throw new InUseException($"{thing} has work that has not ended: {Named(live)}. Cancel it first, or wait.");
    }

    /// <summary>The job that imported a study's table, where one did: its key shall be free for another import.</summary>
    private static async Task<long?> ImportOfAsync(NcServiceContext context, Study study, CancellationToken cancellationToken)
    {
        if (study.ImportedFrom is null) return null;
        var imports = await context.Jobs.Where(job => job.Kind == JobKind.ImportResults && job.State == JobState.Succeeded).Select(job => new { job.Id, job.Parameters }).ToListAsync(cancellationToken);
        return imports.Find(job => JobParameters.FromJson(job.Parameters).StudyName == study.Name)?.Id;
    }

    private static async Task RefuseTestedAsync(NcServiceContext context, string thing, long study, long run, CancellationToken cancellationToken)
    {
        var tests = await context.PermutationTests.Where(test => test.StudyId == study).OrderBy(test => test.Id).Select(test => new { test.Id, test.RunIds }).ToListAsync(cancellationToken);
        Refuse(thing, [.. tests.Where(test => JsonSerializer.Deserialize<long[]>(test.RunIds)!.Contains(run)).Select(test => $"permutation test {test.Id}")]);
    }

    private static void Refuse(string thing, IReadOnlyList<string> users)
    {
        if (users.Count > 0) throw new InUseException($"{thing} is used by {Named(users)}. Delete {(users.Count == 1 ? "that" : "those")} first.");
    }

    private static string Named(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "");

    /// <summary>Holds a study until the transaction ends: nobody adds a run or a test to it, and what somebody is adding is waited for.</summary>
    private static Task HoldStudyAsync(NcServiceContext context, long id, CancellationToken cancellationToken) =>
        HoldAsync(context, $"""SELECT 1 FROM "Studies" WHERE "Id" = {id} FOR UPDATE""", cancellationToken);

    // SQLite has one writer at a time, and each of these transactions is one from its start.
    private static Task HoldAsync(NcServiceContext context, FormattableString select, CancellationToken cancellationToken) =>
        context.Database.IsSqlite() ? Task.CompletedTask : context.Database.ExecuteSqlAsync(select, cancellationToken);
}
