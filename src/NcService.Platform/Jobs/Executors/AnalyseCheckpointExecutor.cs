using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Collapse;
using NcService.Core.Models;
using NcService.Core.Text;
using NcService.Platform.Analyses;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using static TorchSharp.torch;

namespace NcService.Platform.Jobs.Executors;

/// <summary>
/// Collects a trained model's class statistics and measures them. An attempt goes on at the last shard that the one before it finished; one that died after the
/// collection measures at once.
/// </summary>
public sealed class AnalyseCheckpointExecutor(IDbContextFactory<NcServiceContext> contexts, ArtifactStore artifacts, NcServiceOptions settings) : IJobExecutor
{
    /// <inheritdoc />
    public JobKind Kind => JobKind.AnalyseCheckpoint;

    /// <inheritdoc />
    public async Task<ResultWriter> ExecuteAsync(Job job, IJobProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(progress);
        var id = JobParameters.FromJson(job.Parameters).AnalysisId;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var analysis = await context.Analyses.AsNoTracking()
            .Include(analysis => analysis.Run!.Checkpoints).Include(analysis => analysis.Run!.Study).Include(analysis => analysis.Dataset)
            .SingleOrDefaultAsync(analysis => analysis.Id == id, cancellationToken)
            ?? throw new InputException($"There is no analysis {id}.");
        var checkpoint = analysis.Run?.Checkpoints.MaxBy(checkpoint => checkpoint.Step) ?? throw new InputException($"Analysis {id} has no checkpoint to analyse.");
        var dataset = analysis.Dataset?.ArtifactPath ?? throw new InputException($"The dataset of analysis {id} is not prepared.");
        var options = Options(analysis);

        progress.Report(0, "loading");
        var path = JobFolder.Of(job);
        var result = await Task.Factory.StartNew(
            () => Analyse(checkpoint.ArtifactPath, dataset, options, artifacts.Resolve(path), progress, cancellationToken),
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return async (store, token) =>
        {
            var row = await AnalysisRows.WriteAsync(store, analysis.Id, path, result.Measurements, result.TrainSamples, result.KeptClasses, token);
            row.CheckpointId = checkpoint.Id;
            row.Options = JsonSerializer.Serialize(options, DatasetService.Format);
            // A checkpoint made elsewhere has no training of ours that measured it.
            if (analysis.Run.Imported) await store.Runs.Where(run => run.Id == analysis.RunId).ExecuteUpdateAsync(set => set
                .SetProperty(run => run.ValidationLoss, Value("val_loss"))
                .SetProperty(run => run.ValidationAccuracy, Value("val_accuracy")), token);

            double? Value(string name) => result.Measurements.FirstOrDefault(measurement => measurement.Name == name)?.Value;
        };
    }

    /// <summary>The analysis's own options where it has some, else those of its study.</summary>
    private static AnalysisOptions Options(Analysis analysis)
    {
        if (analysis.Options is { } own) return JsonSerializer.Deserialize<AnalysisOptions>(own, DatasetService.Format)!;
        var definition = JsonSerializer.Deserialize<StudyDefinition>(analysis.Run!.Study!.Definition!, DatasetService.Format)!;
        return new AnalysisOptions
        {
            MaximumTrainChunks = definition.AnalysisChunks,
            BatchSize = definition.BatchSize,
            Layers = definition.AnalyseLayers,
            LayerEmbedding = definition.LayerEmbedding,
            ShardChunks = definition.ShardChunks,
        };
    }

    private AnalysisResult Analyse(
        string checkpointPath, string datasetPath, AnalysisOptions options, string directory, IJobProgress progress, CancellationToken cancellationToken)
    {
        using var dataset = TokenDataset.Open(artifacts.Resolve(datasetPath));
        using var model = ModelCheckpoint.Load(artifacts.Resolve(checkpointPath), device(ComputeDevice.Resolve(settings.Device)));
        var report = new DirectProgress<AnalysisProgress>(step =>
            progress.Report(step.Fraction, $"{Words(step.Phase)}: {step.Samples:N0} of {step.TotalSamples:N0} samples", step.SamplesPerSecond));
        return CheckpointAnalysis.Analyse(model, dataset, options, directory, report, cancellationToken);
    }

    private static string Words(AnalysisPhase phase) => phase switch
    {
        AnalysisPhase.Collecting => "collecting training embeddings",
        AnalysisPhase.Deciding => "deciding on validation embeddings",
        AnalysisPhase.OutOfDistribution => "collecting another corpus",
        AnalysisPhase.TrainLoss => "evaluating the training loss",
        _ => "measuring",
    };
}
