using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Text;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Platform.Jobs.Executors;

/// <summary>Tokenises and packs a corpus. An attempt that finds the folder finished reads its manifest.</summary>
public sealed class PrepareDatasetExecutor(IDbContextFactory<NcServiceContext> contexts, ArtifactStore artifacts) : IJobExecutor
{
    /// <inheritdoc />
    public JobKind Kind => JobKind.PrepareDataset;

    /// <inheritdoc />
    public async Task<ResultWriter> ExecuteAsync(Job job, IJobProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(progress);
        var id = JobParameters.FromJson(job.Parameters).DatasetId;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var dataset = await context.Datasets.AsNoTracking().SingleOrDefaultAsync(dataset => dataset.Id == id, cancellationToken)
            ?? throw new InputException($"There is no dataset {id}.");
        var specification = JsonSerializer.Deserialize<DatasetSpecification>(dataset.Specification, DatasetService.Format)!;

        var path = JobFolder.Of(job);
        var report = new DirectProgress<DatasetProgress>(stage =>
            progress.Report(stage.Fraction ?? 0, $"{stage.Stage}: {stage.Documents:N0} documents, {stage.Tokens:N0} tokens"));
        var manifest = await DatasetPreparation.PrepareAsync(specification, artifacts.Resolve(path), report, cancellationToken);
        return async (store, token) =>
        {
            var row = await store.Datasets.SingleAsync(row => row.Id == dataset.Id, token);
            row.ArtifactPath = path;
            row.Hash = manifest.Hash;
            row.VocabularySize = manifest.VocabularySize;
            row.TrainChunks = manifest.TrainChunks;
            row.ValidationChunks = manifest.ValidationChunks;
        };
    }
}
