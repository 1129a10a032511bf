using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Core.Collapse;
using NcService.Platform.Artifacts;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Platform.Analyses;

/// <summary>How uploaded embeddings are measured; kept as JSON in the analysis's row.</summary>
public sealed record EmbeddingMeasurementOptions
{
    /// <summary>K; null takes the classifier's rows, or the largest label + 1.</summary>
    public int? ClassCount { get; init; }

    /// <summary>m: classes with fewer training samples are left out.</summary>
    public int MinimumSamples { get; init; } = 1;

    /// <summary>Variances with 1/(n − 1) instead of 1/n.</summary>
    public bool Unbiased { get; init; }

    /// <summary>s of the Riesz kernel.</summary>
    public double RieszExponent { get; init; } = 1;

    /// <summary>The conventions of the measurements.</summary>
    public MeasurementOptions ToMeasurementOptions() => new() { MinimumSamples = MinimumSamples, Unbiased = Unbiased, RieszExponent = RieszExponent };
}

/// <summary>Analyses without a model: embeddings that were uploaded, measured by a job.</summary>
public sealed class EmbeddingMeasurement(IDbContextFactory<NcServiceContext> contexts, JobQueue queue, ArtifactStore artifacts, TimeProvider time)
{
    /// <summary>The most classes that an upload may have: each takes d numbers of memory, and one label may name any.</summary>
    public const int MaximumClasses = 1_000_000;

    /// <summary>The parts of an upload; the first two are needed. Each is a .npy file, or safetensors with a tensor of the part's name or a single one.</summary>
    public static IReadOnlyList<string> Parts { get; } = ["features", "labels", "classifier", "validation_features", "validation_labels", "ood_features"];

    /// <summary>The files of an upload's folder, labels lying in the file of features where they have none of their own.</summary>
    /// <param name="folder">Absolute path; files are named as their parts.</param>
    /// <param name="classCount">K, or null.</param>
    public static EmbeddingFiles FilesIn(string folder, int? classCount)
    {
        string? Part(string name) => Path.Combine(folder, name) is var path && File.Exists(path) ? path : null;
        return new EmbeddingFiles
        {
            Features = Path.Combine(folder, "features"),
            Labels = Part("labels") ?? Path.Combine(folder, "features"),
            Classifier = Part("classifier"),
            ValidationFeatures = Part("validation_features"),
            ValidationLabels = Part("validation_labels") ?? Part("validation_features"),
            OutOfDistributionFeatures = Part("ood_features"),
            ClassCount = classCount,
        };
    }

    /// <summary>The analysis that the same request with the same key asked for before; null for none, or without a key.</summary>
    /// <exception cref="Core.InputException">The key belongs to another request.</exception>
    public async Task<Analysis?> FindAsync(RequestOrigin origin, CancellationToken cancellationToken)
    {
        if (await queue.FindAsync(JobKind.MeasureEmbeddings, origin, cancellationToken) is not { } job) return null;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Analyses.AsNoTracking().Include(analysis => analysis.Job).Include(analysis => analysis.Measurements)
            .SingleAsync(analysis => analysis.JobId == job.Id, cancellationToken);
    }

    /// <summary>Adds an analysis of an upload and the job that does it.</summary>
    /// <param name="upload">Folder of the parts, relative to the artifact root.</param>
    /// <param name="options">How it is measured.</param>
    /// <param name="origin">Who asks.</param>
    /// <param name="cancellationToken">Stops waiting; then nothing was added.</param>
    /// <exception cref="Core.InputException">A part is absent or broken, or the parts do not fit each other. Numbers are looked at by the job.</exception>
    public async Task<Analysis> CreateAsync(string upload, EmbeddingMeasurementOptions options, RequestOrigin origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(origin);
        options.ToMeasurementOptions().Validate();
        FilesIn(artifacts.Resolve(upload), options.ClassCount).CheckShapes();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var analysis = new Analysis { CreatedAt = time.GetUtcNow().UtcDateTime, Options = JsonSerializer.Serialize(options, DatasetService.Format) };
        context.Analyses.Add(analysis);
        await context.SaveChangesAsync(cancellationToken);
        analysis.Job = queue.Add(context, new JobRequest(JobKind.MeasureEmbeddings, new JobParameters { AnalysisId = analysis.Id, ArtifactPath = upload, RequestDigest = origin.Digest })
        {
            RequestedBy = origin.RequestedBy,
            IdempotencyKey = origin.IdempotencyKey,
        });
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return analysis;
    }
}
