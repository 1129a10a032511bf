using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Collapse;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Platform.Checkpoints;

/// <summary>What is asked of a checkpoint that was made elsewhere.</summary>
public sealed record CheckpointRequest
{
    /// <summary>The study that its measurements are kept in; made where there is none of that name.</summary>
    public required string Study { get; init; }

    /// <summary>Name of the run that it becomes, unique within the study.</summary>
    public required string Name { get; init; }

    /// <summary>The prepared dataset that it is measured on, by name.</summary>
    public required string Dataset { get; init; }

    /// <summary>Tags of the run, such as the branch it was built from.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Limits collection to so many training chunks (the first of the split); null collects all.</summary>
    public int? AnalysisChunks { get; init; }
}

/// <summary>Takes in checkpoints made elsewhere: each becomes a run whose training is its import, and is analysed like any other.</summary>
public sealed class CheckpointImport(IDbContextFactory<NcServiceContext> contexts, JobQueue queue, TimeProvider time)
{
    /// <summary>What <see cref="Study.ImportedFrom"/> says of a study of such checkpoints.</summary>
    public const string Source = "checkpoints";

    private const int BatchSize = 8;

    /// <summary>The run that the same key made before; null for none.</summary>
    /// <exception cref="InputException">The key belongs to another request.</exception>
    public async Task<Run?> FindAsync(CheckpointRequest request, string? key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (key is null) return null;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.IdempotencyKey == key, cancellationToken) is not { } job) return null;
        var run = await Runs(context).SingleOrDefaultAsync(run => run.JobId == job.Id, cancellationToken);
        if (run is null || run.Name != request.Name || run.Study!.Name != request.Study) throw new InputException($"Idempotency key '{key}' was used before, for another request.");
        return run.Analyses.Count > 0 ? run : throw new InputException($"Idempotency key '{key}' was used before, for run {run.Id}, whose analysis has been deleted.");
    }

    /// <summary>Queues the import of a folder and the analysis that follows it.</summary>
    /// <param name="request">What it is called and measured on.</param>
    /// <param name="folder">Absolute path of the files.</param>
    /// <param name="source">How the job names them: a path under the artifact root, or a folder that requests may name.</param>
    /// <param name="requestedBy">Who asks.</param>
    /// <param name="key">The same request with the same key makes one run.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="InputException">The files are no GPT-Neo checkpoint, the dataset does not exist or has no counterpart in it, or the name is taken.</exception>
    public async Task<Run> RequestAsync(CheckpointRequest request, string folder, JobParameters source, string? requestedBy, string? key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(source);
        Check(request);
        var tags = TagList.Write(request.Tags);
        var architecture = CheckpointFiles.ReadArchitecture(folder);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var dataset = await DatasetAsync(context, request.Dataset, cancellationToken);
        if (dataset.VocabularySize > architecture.VocabSize)
            throw new InputException($"Dataset '{dataset.Name}' has a vocabulary of {dataset.VocabularySize} tokens, the checkpoint of {architecture.VocabSize}: they do not belong together.");
        if (dataset.ContextLength > architecture.MaxPositionEmbeddings)
            throw new InputException($"The chunks of dataset '{dataset.Name}' have {dataset.ContextLength} tokens, the checkpoint has {architecture.MaxPositionEmbeddings} positions.");
        var study = await StudyAsync(context, request.Study, dataset, requestedBy, cancellationToken);
        if (study.Id != 0 && await context.Runs.AnyAsync(run => run.StudyId == study.Id && run.Name == request.Name, cancellationToken))
            throw new InputException($"Study '{study.Name}' has a run named '{request.Name}' already.");

        var now = time.GetUtcNow().UtcDateTime;
        var run = new Run
        {
            Study = study,
            Name = request.Name,
            Width = architecture.HiddenSize,
            Depth = architecture.NumLayers,
            ParameterCount = architecture.ParameterCount,
            Imported = true,
            Tags = tags,
            CreatedAt = now,
        };
        var options = new AnalysisOptions { MaximumTrainChunks = request.AnalysisChunks, BatchSize = BatchSize };
        var analysis = new Analysis { Run = run, Dataset = dataset, Options = JsonSerializer.Serialize(options, DatasetService.Format), CreatedAt = now };
        context.Add(analysis);
        await context.SaveChangesAsync(cancellationToken);

        // Pipelines wait for these: each comes as soon as its turn allows, whatever studies are queued, as whoever asks is a party of their own.
        var asked = new JobRequest(JobKind.ImportCheckpoint, source with { RunId = run.Id }) { RequestedBy = requestedBy, DependsOn = dataset.Job is { } job ? [job] : [], IdempotencyKey = key };
        run.Job = queue.Add(context, asked);
        analysis.Job = queue.Add(context, asked with { Kind = JobKind.AnalyseCheckpoint, Parameters = new JobParameters { AnalysisId = analysis.Id }, DependsOn = [run.Job], IdempotencyKey = null });
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return await Runs(context).SingleAsync(stored => stored.Id == run.Id, cancellationToken);
    }

    private static IQueryable<Run> Runs(NcServiceContext context) =>
        context.Runs.AsNoTracking().Include(run => run.Study).Include(run => run.Job).Include(run => run.Analyses);

    /// <summary>Refuses a request whose names or limits are wrong by themselves.</summary>
    /// <exception cref="InputException">They are.</exception>
    public static void Check(CheckpointRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        foreach (var (field, name) in new[] { (nameof(request.Study), request.Study), (nameof(request.Name), request.Name), (nameof(request.Dataset), request.Dataset) })
            if (StudyValidation.CheckName(name) is { } wrong) throw new InputException($"{field.ToLowerInvariant()}: {wrong}");
        _ = TagList.Write(request.Tags);
        if (request.AnalysisChunks is < 1) throw new InputException("analysisChunks: at least 1 chunk, or none given for all.");
    }

    private static async Task<Dataset> DatasetAsync(NcServiceContext context, string name, CancellationToken cancellationToken)
    {
        var dataset = await context.Datasets.Include(dataset => dataset.Job).SingleOrDefaultAsync(dataset => dataset.Name == name, cancellationToken)
            ?? throw new InputException($"There is no dataset named '{name}'.");
        return dataset.Job?.State is not (JobState.Failed or JobState.Cancelled) ? dataset
            : throw new InputException($"Dataset '{name}' was not prepared: its job {dataset.JobId} is {dataset.Job.State.ToString().ToLowerInvariant()}.");
    }

    private async Task<Study> StudyAsync(NcServiceContext context, string name, Dataset dataset, string? requestedBy, CancellationToken cancellationToken)
    {
        var study = await context.Studies.SingleOrDefaultAsync(study => study.Name == name, cancellationToken);
        if (study is null) return new Study { Name = name, ImportedFrom = Source, Dataset = dataset, RequestedBy = requestedBy, CreatedAt = time.GetUtcNow().UtcDateTime };
        return study.ImportedFrom == Source ? study : throw new InputException($"Study '{name}' holds other runs than checkpoints made elsewhere; choose another name.");
    }
}
