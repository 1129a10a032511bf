using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Collapse;
using NcService.Platform.Analyses;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Platform.Jobs.Executors;

/// <summary>Measures embeddings that came with a request.</summary>
public sealed class MeasureEmbeddingsExecutor(IDbContextFactory<NcServiceContext> contexts, ArtifactStore artifacts) : IJobExecutor
{
    private const int NearestClasses = 5;

    /// <inheritdoc />
    public JobKind Kind => JobKind.MeasureEmbeddings;

    /// <inheritdoc />
    public async Task<ResultWriter> ExecuteAsync(Job job, IJobProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(progress);
        var parameters = JobParameters.FromJson(job.Parameters);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var analysis = await context.Analyses.AsNoTracking().SingleOrDefaultAsync(analysis => analysis.Id == parameters.AnalysisId, cancellationToken)
            ?? throw new InputException($"There is no analysis {parameters.AnalysisId}.");
        var options = JsonSerializer.Deserialize<EmbeddingMeasurementOptions>(analysis.Options!, DatasetService.Format)!;
        var upload = artifacts.Resolve(parameters.ArtifactPath ?? throw new InputException($"Job {job.Id} names no upload."));
        if (!Directory.Exists(upload)) throw new InputException("The uploaded embeddings are gone; upload them again.");

        progress.Report(0, "collecting class statistics");
        var path = JobFolder.Of(job);
        var (measurements, samples, classes) = await Task.Factory.StartNew(
            () => Measure(EmbeddingMeasurement.FilesIn(upload, options.ClassCount) with { MaximumClassCount = EmbeddingMeasurement.MaximumClasses }, options.ToMeasurementOptions(), artifacts.Resolve(path), progress, cancellationToken),
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return (store, token) => AnalysisRows.WriteAsync(store, analysis.Id, path, measurements, samples, classes, token);
    }

    private static (IReadOnlyList<Measurement> Measurements, long Samples, int Classes) Measure(
        EmbeddingFiles files, MeasurementOptions options, string directory, IJobProgress progress, CancellationToken cancellationToken)
    {
        using var set = EmbeddingSet.Open(files, cancellationToken: cancellationToken);
        using var inputs = set.Collect(options.MinimumSamples, cancellationToken);
        progress.Report(0.5, "measuring");
        var (measurements, details, classes) = CollapseMeasurements.MeasureInDetail(inputs, options, NearestClasses, tokenText: null, cancellationToken);
        inputs.Save(Path.Combine(directory, CheckpointAnalysis.ClassStatisticsFile));
        classes.Save(Path.Combine(directory, CheckpointAnalysis.ClassTableFile));
        details.Save(Path.Combine(directory, CheckpointAnalysis.DetailsFile));
        return (measurements, inputs.Statistics.SampleCount, classes.Ids.Length);
    }
}
