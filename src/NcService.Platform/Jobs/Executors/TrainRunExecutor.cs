using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Collapse;
using NcService.Core.Models;
using NcService.Core.Text;
using NcService.Core.Training;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using static TorchSharp.torch;

namespace NcService.Platform.Jobs.Executors;

/// <summary>Trains a run. An attempt goes on from the state that the one before it saved.</summary>
public sealed class TrainRunExecutor(IDbContextFactory<NcServiceContext> contexts, ArtifactStore artifacts, NcServiceOptions settings, TimeProvider time) : IJobExecutor
{
    /// <inheritdoc />
    public JobKind Kind => JobKind.TrainRun;

    /// <inheritdoc />
    public async Task<ResultWriter> ExecuteAsync(Job job, IJobProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(progress);
        var id = JobParameters.FromJson(job.Parameters).RunId;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var run = await context.Runs.AsNoTracking().Include(run => run.Study!.Dataset).SingleOrDefaultAsync(run => run.Id == id, cancellationToken)
            ?? throw new InputException($"There is no run {id}.");
        var dataset = run.Study!.Dataset?.ArtifactPath ?? throw new InputException($"The dataset of run {run.Name} is not prepared.");
        var definition = JsonSerializer.Deserialize<StudyDefinition>(run.Study.Definition!, DatasetService.Format)!;

        progress.Report(0, "loading");
        // Its curve can be read while it trains; the row follows the folder that this attempt has taken over.
        await context.Runs.Where(row => row.Id == run.Id && row.Job!.Attempt == job.Attempt && row.Job.State == JobState.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.ArtifactPath, JobFolder.Of(job)), cancellationToken);
        run.ArtifactPath = JobFolder.Of(job);
        // One thread for all of it: the tensor engine's grad mode belongs to the thread.
        var (result, parameters) = await Task.Factory.StartNew(
            () => Train(run, definition, dataset, progress, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return (store, token) => WriteAsync(store, run, result, parameters, token);
    }

    private (TrainingResult Result, long ParameterCount) Train(Run run, StudyDefinition definition, string datasetPath, IJobProgress progress, CancellationToken cancellationToken)
    {
        var name = ComputeDevice.Resolve(settings.Device);
        var options = JsonSerializer.Deserialize<TrainingOptions>(run.Options!, DatasetService.Format)! with { Device = name };
        using var dataset = TokenDataset.Open(artifacts.Resolve(datasetPath));
        var architecture = StudyPlan.Architecture(run.Width, run.Depth, definition.Heads, dataset.Manifest.VocabularySize, dataset.Manifest.ContextLength);
        using var model = new GptNeo(architecture, device(name), options.Seed);
        var report = new DirectProgress<TrainingProgress>(step => progress.Report(
            step.TotalSteps == 0 ? 0 : (double)step.Step / step.TotalSteps,
            FormattableString.Invariant($"step {step.Step:N0} of {step.TotalSteps:N0}, loss {step.Loss:0.000}"),
            step.TokensPerSecond > 0 ? step.TokensPerSecond : null));
        var folder = artifacts.Resolve(run.ArtifactPath!);
        var probed = new ProbeOptions { Interval = definition.ProbeInterval, Layers = definition.AnalyseLayers, LayerEmbedding = definition.LayerEmbedding };
        var probe = definition.ProbeInterval == 0 ? null : new CollapseProbe(dataset, probed, Path.Combine(folder, CollapseProbe.FileName));
        var trainer = new Trainer(model, dataset, options, folder) { AfterStep = probe is null ? null : (step, token) => probe.Observe(model, step, token) };
        var result = trainer.Run(report, cancellationToken);
        return (result, architecture.ParameterCount);
    }

    private async Task WriteAsync(NcServiceContext store, Run trained, TrainingResult result, long parameters, CancellationToken cancellationToken)
    {
        var run = await store.Runs.Include(run => run.Checkpoints).SingleAsync(run => run.Id == trained.Id, cancellationToken);
        run.InitialValidationLoss = Finite(result.InitialValidationLoss);
        run.ValidationLoss = Finite(result.ValidationLoss);
        run.ValidationAccuracy = Finite(result.ValidationAccuracy);
        run.TrainLoss = Finite(result.TrainLoss);
        run.TokensSeen = result.TokensSeen;
        run.TrainingSeconds = result.Elapsed.TotalSeconds;
        run.ParameterCount = parameters;
        run.ArtifactPath = trained.ArtifactPath;
        var path = $"{run.ArtifactPath}/checkpoint";
        if (run.Checkpoints.Exists(checkpoint => checkpoint.ArtifactPath == path)) return;
        run.Checkpoints.Add(new Checkpoint { Step = result.Steps, ArtifactPath = path, CreatedAt = time.GetUtcNow().UtcDateTime });

        static double? Finite(double value) => double.IsFinite(value) ? value : null;
    }
}
