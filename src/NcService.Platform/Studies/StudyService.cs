using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Text;
using NcService.Platform.Jobs;
using NcService.Platform.Results;
using NcService.Platform.Store;

namespace NcService.Platform.Studies;

/// <summary>Creates studies with all their runs and jobs, and cancels them.</summary>
public sealed class StudyService(
    IDbContextFactory<NcServiceContext> contexts, JobQueue queue, DatasetService datasets, PermutationTestService permutationTests, TimeProvider time)
{
    private const long PermutationSeed = 0;

    /// <summary>Creates a study: its dataset where that does not exist, a run and an analysis for each configuration, and the jobs for all of it.</summary>
    /// <param name="definition">What to train and how.</param>
    /// <param name="requestedBy">Who asks.</param>
    /// <param name="idempotencyKey">The same request with the same key makes one study.</param>
    /// <param name="cancellationToken">Stops waiting; then nothing was created.</param>
    /// <exception cref="InputException">The definition is wrong (all faults are named), the name is taken, or the dataset does not exist.</exception>
    public async Task<Study> CreateAsync(StudyDefinition definition, string? requestedBy, string? idempotencyKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(definition);
        var faults = StudyValidation.Check(definition);
        if (faults.Count > 0) throw new InputException(string.Join(' ', faults.Select(fault => $"{fault.Field}: {fault.Message}")));

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var text = JsonSerializer.Serialize(definition, DatasetService.Format);
        if (idempotencyKey is not null && await context.Studies.SingleOrDefaultAsync(study => study.IdempotencyKey == idempotencyKey, cancellationToken) is { } existing)
        {
            if (existing.Definition != text) throw new InputException($"Idempotency key '{idempotencyKey}' was used before, for another study.");
            return existing;
        }
        if (await context.Studies.AnyAsync(study => study.Name == definition.Name, cancellationToken))
            throw new InputException($"There is a study named '{definition.Name}' already.");
        var study = new Study
        {
            Name = definition.Name,
            Notes = definition.Notes,
            Definition = text,
            RequestedBy = requestedBy,
            IdempotencyKey = idempotencyKey,
            CreatedAt = time.GetUtcNow().UtcDateTime,
        };
        context.Studies.Add(study);
        await context.SaveChangesAsync(cancellationToken);
        var request = new JobRequest(JobKind.PrepareDataset, new JobParameters()) { StudyId = study.Id, RequestedBy = requestedBy };
        study.Dataset = await FindOrAddDatasetAsync(context, definition, request, cancellationToken);
        await AddRunsAsync(context, study, definition, cancellationToken);
        await AddJobsAsync(context, study, definition, request, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return study;
    }

    /// <summary>Cancels every job of a study that has not ended.</summary>
    /// <exception cref="InputException">There is no such study.</exception>
    public async Task CancelAsync(long studyId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (!await context.Studies.AnyAsync(study => study.Id == studyId, cancellationToken)) throw new InputException($"There is no study {studyId}.");
        var now = time.GetUtcNow().UtcDateTime;
        await context.Jobs.Where(job => job.StudyId == studyId && job.State == JobState.Queued).ExecuteUpdateAsync(set => set
            .SetProperty(job => job.State, JobState.Cancelled)
            .SetProperty(job => job.CancelRequested, true)
            .SetProperty(job => job.FinishedAt, now), cancellationToken);
        await context.Jobs.Where(job => job.StudyId == studyId && job.State == JobState.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(job => job.CancelRequested, true), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<Dataset> FindOrAddDatasetAsync(NcServiceContext context, StudyDefinition definition, JobRequest request, CancellationToken cancellationToken)
    {
        if (definition.Dataset is { } name)
        {
            var named = await context.Datasets.Include(dataset => dataset.Job).SingleOrDefaultAsync(dataset => dataset.Name == name, cancellationToken)
                ?? throw new InputException($"There is no dataset named '{name}'.");
            return named.Job?.State is not (JobState.Failed or JobState.Cancelled) ? named
                : throw new InputException($"Dataset '{name}' was not prepared: its job {named.JobId} is {named.Job.State.ToString().ToLowerInvariant()}.");
        }
        var specification = new DatasetSpecification { Corpus = definition.Corpus, Tokenizer = definition.Tokenizer, ContextLength = definition.ContextLength };
        specification.Validate();
        var text = JsonSerializer.Serialize(specification, DatasetService.Format);
        // The same text prepared the same way is the same dataset.
        var same = await context.Datasets.Include(dataset => dataset.Job)
            .FirstOrDefaultAsync(dataset => dataset.Specification == text && dataset.Job!.State != JobState.Failed && dataset.Job.State != JobState.Cancelled, cancellationToken);
        if (same is not null) return same;
        var free = definition.Name;
        for (var i = 2; await context.Datasets.AnyAsync(dataset => dataset.Name == free, cancellationToken); i++) free = $"{definition.Name} ({i})";
        return await datasets.AddAsync(context, free, specification, request, cancellationToken);
    }

    private async Task AddRunsAsync(NcServiceContext context, Study study, StudyDefinition definition, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var vocabulary = study.Dataset!.VocabularySize
            ?? JsonSerializer.Deserialize<DatasetSpecification>(study.Dataset.Specification, DatasetService.Format)!.Tokenizer.VocabularySize;
        foreach (var name in StudyPlan.Runs(definition))
        {
            var run = new Run
            {
                Name = name.ToString(),
                Width = name.Width,
                Depth = name.Depth,
                Epochs = name.Epochs,
                WeightDecay = name.WeightDecay,
                Seed = name.Seed,
                ParameterCount = StudyPlan.Architecture(name.Width, name.Depth, definition.Heads, vocabulary, study.Dataset.ContextLength).ParameterCount,
                Options = JsonSerializer.Serialize(StudyPlan.Options(definition, name), DatasetService.Format),
                CreatedAt = now,
            };
            run.Analyses.Add(new Analysis { Dataset = study.Dataset, CreatedAt = now });
            study.Runs.Add(run);
        }
        await context.SaveChangesAsync(cancellationToken);
    }

    private async Task AddJobsAsync(NcServiceContext context, Study study, StudyDefinition definition, JobRequest request, CancellationToken cancellationToken)
    {
        // Age is the order in the queue: each analysis comes right after its training.
        foreach (var run in study.Runs)
        {
            run.Job = queue.Add(context, request with { Kind = JobKind.TrainRun, Parameters = new JobParameters { RunId = run.Id }, DependsOn = Existing(study.Dataset!.Job) });
            var analysis = run.Analyses[0];
            analysis.Job = queue.Add(context, request with { Kind = JobKind.AnalyseCheckpoint, Parameters = new JobParameters { AnalysisId = analysis.Id }, DependsOn = [run.Job!] });
        }
        await context.SaveChangesAsync(cancellationToken);
        if (definition.Permutations > 0) await AddPermutationTestsAsync(context, study, definition.Permutations, request, cancellationToken);
    }

    private async Task AddPermutationTestsAsync(NcServiceContext context, Study study, long permutations, JobRequest request, CancellationToken cancellationToken)
    {
        var groups = study.Runs.GroupBy(run => (run.Depth, run.Width, run.Epochs, run.WeightDecay)).Where(group => group.Count() >= StudyResults.SmallestSeedGroup);
        foreach (var group in groups.ToList())
        {
            var (depth, width, epochs, decay) = group.Key;
            var description = StudyResults.DescribeSeedGroup(group.Count(), depth, width, epochs, decay);
            var report = permutationTests.Create(study.Id, group.Select(run => run.Id), description, "val_loss", permutations, PermutationSeed);
            context.PermutationTests.Add(report);
            await context.SaveChangesAsync(cancellationToken);
            report.Job = queue.Add(context, request with
            {
                Kind = JobKind.PermutationTest,
                Parameters = new JobParameters { PermutationTestId = report.Id },
                DependsOn = [.. group.Select(run => run.Analyses[0].Job!)],
            });
            await context.SaveChangesAsync(cancellationToken);
        }
    }

    private static IReadOnlyList<Job> Existing(Job? job) => job is null ? [] : [job];
}
