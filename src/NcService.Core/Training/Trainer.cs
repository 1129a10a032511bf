using NcService.Core.Models;
using NcService.Core.Text;

namespace NcService.Core.Training;

/// <summary>
/// Trains a model on a prepared dataset and leaves in a folder: <c>checkpoint/</c> (the final model in Hugging Face's layout),
/// <c>checkpoints/step-N/</c> where models between are kept, <c>metrics.jsonl</c>,
/// <c>result.json</c>, and while it is under way <c>state/</c>, from which a later call goes on with the losses of a run never interrupted.
/// A finished run, called again, gives its result at once.
/// </summary>
public sealed class Trainer
{
    private readonly GptNeo _model;
    private readonly TokenDataset _dataset;
    private readonly TrainingOptions _options;
    private readonly TrainingFiles _files;
    private readonly TrainingSchedule _schedule;
    private readonly string _fingerprint;

    /// <summary>A trainer of a model that lives on the options' device, with its first weights in it.</summary>
    /// <exception cref="InputException">An option is out of range, or model and dataset don't fit each other.</exception>
    public Trainer(GptNeo model, TokenDataset dataset, TrainingOptions options, string directory)
    {
        options.Check();
        TrainingInputs.Check(model, dataset, options);
        (_model, _dataset, _options) = (model, dataset, options);
        _files = new TrainingFiles(directory);
        _schedule = new TrainingSchedule(options, dataset.Train.ChunkCount);
        _fingerprint = TrainingFingerprint.Of(model.Configuration, dataset.Manifest, options);
    }

    /// <summary>
    /// Told the number of steps done: 0 before the first, then after each, and once more where a run goes on from a saved state. It may use the model without
    /// gradients and must leave it as it is.
    /// </summary>
    public Action<long, CancellationToken>? AfterStep { get; init; }

    /// <summary>How much memory the run takes.</summary>
    public MemoryPlan Memory => MemoryPlan.Of(_model.Configuration, _options, _dataset.Manifest.ContextLength, _model.BFloat16IsFaster);

    /// <summary>Runs to the end, from the saved state if there is one.</summary>
    /// <param name="progress">Told at each logged step.</param>
    /// <param name="cancellationToken">Takes effect within one step; the state is saved first.</param>
    /// <exception cref="TrainingDivergedException">A loss or gradient became NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="InputException">The saved state is damaged or another run's, or the run needs more memory than there is.</exception>
    public TrainingResult Run(IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        _model.Precision = _options.Precision;
        if (_files.ReadResult(_fingerprint) is { } finished)
        {
            ModelCheckpoint.LoadWeights(_model, _files.Checkpoint);
            return finished;
        }
        Memory.RequireFits(MemoryPlan.Available(_model.Device));
        Directory.CreateDirectory(_files.Directory);
        using var optimizer = new AdamW(_model, _options.WeightDecay);
        using var head = new SlicedCrossEntropy(_model);
        using var step = new TrainingStep(_model, _options, head, optimizer);
        var clock = new TrainingClock();
        var state = _files.States.Load(_fingerprint, _model, optimizer);
        using var log = new MetricsLog(_files.Metrics, state?.Step ?? -1);
        var run = new RunInProgress(step, head, optimizer, new ChunkReader(_dataset.Train), log, clock, progress);
        state = state is null ? Begin(run, cancellationToken) : clock.GoOn(state);
        Observe(state, run, cancellationToken);
        while (state.Step < _schedule.TotalSteps) state = Advance(state, run, cancellationToken);
        return Finish(state, run, cancellationToken);
    }

    private TrainingState Begin(RunInProgress run, CancellationToken cancellationToken)
    {
        if (_options.KeptModelInterval > 0) _files.KeepModel(_model, _dataset.Tokenizer, 0);
        var initial = Validate(run, 0, 0, cancellationToken);
        run.Log.Append(new MetricsLine { Step = 0, Tokens = 0, Seconds = run.Clock.Seconds, ValidationLoss = initial.Loss, ValidationAccuracy = initial.Accuracy });
        run.Progress?.Report(new TrainingProgress(0, _schedule.TotalSteps, initial.Loss, _schedule.LearningRateOf(0), 0, initial.Loss, initial.Accuracy));
        return new TrainingState
        {
            Step = 0, Tokens = 0, Seconds = 0, InitialValidationLoss = initial.Loss, PendingLoss = 0, PendingSteps = 0, Fingerprint = _fingerprint,
        };
    }

    /// <summary>One step, and what is due after it: a log line, a validation, a saved state.</summary>
    private TrainingState Advance(TrainingState state, RunInProgress run, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            Save(state, run);
            cancellationToken.ThrowIfCancellationRequested();
        }
        var learningRate = _schedule.LearningRateOf(state.Step);
        var (loss, norm, tokens) = TakeStep(state.Step, learningRate, run);
        state = state with { Step = state.Step + 1, Tokens = state.Tokens + tokens, PendingLoss = state.PendingLoss + loss, PendingSteps = state.PendingSteps + 1 };

        var last = state.Step == _schedule.TotalSteps;
        var validation = !last && IsDue(state.Step, _options.EvaluationInterval)
            ? Validate(run, state.Step, _options.IntermediateEvaluationChunks, cancellationToken)
            : null;
        if (validation is not null || (!last && IsDue(state.Step, _options.LogInterval)))
            state = Report(state, run, learningRate, norm, validation);
        if (!last && IsDue(state.Step, _options.KeptModelInterval)) _files.KeepModel(_model, _dataset.Tokenizer, state.Step);
        Observe(state, run, cancellationToken);
        if (!last && IsDue(state.Step, _options.CheckpointInterval)) Save(state, run);
        return last ? state with { LastLearningRate = learningRate, LastGradientNorm = norm } : state;
    }

    private (double Loss, double GradientNorm, long Tokens) TakeStep(long stepsDone, double learningRate, RunInProgress run)
    {
        using var timing = run.Clock.Training();
        var batch = run.Reader.Read(_schedule.ChunksOf(stepsDone));
        try
        {
            var (loss, norm) = run.Step.Run(stepsDone, batch, learningRate);
            run.Clock.Count(batch.Ids.Length);
            return (loss, norm, batch.Ids.Length);
        }
        catch (NonFiniteException exception)
        {
            throw new TrainingDivergedException(stepsDone + 1, exception.Quantity, exception.Value, _files.States.Newest);
        }
    }

    private TrainingState Report(TrainingState state, RunInProgress run, double learningRate, double norm, EvaluationResult? validation)
    {
        var loss = state.PendingLoss / state.PendingSteps;
        run.Log.Append(new MetricsLine
        {
            Step = state.Step, Tokens = state.Tokens, Seconds = run.Clock.Seconds, Loss = loss, LearningRate = learningRate, GradientNorm = norm,
            ValidationLoss = validation?.Loss, ValidationAccuracy = validation?.Accuracy,
        });
        run.Progress?.Report(new TrainingProgress(
            state.Step, _schedule.TotalSteps, loss, learningRate, run.Clock.TokensPerSecond, validation?.Loss, validation?.Accuracy));
        return state with { PendingLoss = 0, PendingSteps = 0 };
    }

    private TrainingResult Finish(TrainingState state, RunInProgress run, CancellationToken cancellationToken)
    {
        EvaluationResult validation, sample;
        try
        {
            validation = Validate(run, state.Step, 0, cancellationToken);
            var chunks = Evaluator.SampleOf(_dataset.Train, _options.TrainSampleChunks);
            sample = Evaluator.Evaluate(_model, run.Head, _dataset.Train, chunks, _options.BatchSize, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Save(state, run);
            throw;
        }
        if (state.PendingSteps > 0) Report(state, run, state.LastLearningRate, state.LastGradientNorm, validation);
        var result = new TrainingResult
        {
            Steps = state.Step, TokensSeen = state.Tokens, InitialValidationLoss = state.InitialValidationLoss,
            TrainLoss = sample.Loss, TrainAccuracy = sample.Accuracy,
            ValidationLoss = validation.Loss, ValidationAccuracy = validation.Accuracy, Perplexity = validation.Perplexity,
            Elapsed = TimeSpan.FromSeconds(run.Clock.Seconds),
        };
        _files.WriteResult(_model, _dataset.Tokenizer, result, _fingerprint);
        return result;
    }

    private EvaluationResult Validate(RunInProgress run, long step, int mostChunks, CancellationToken cancellationToken)
    {
        var count = _dataset.Validation.ChunkCount;
        int[] chunks = [.. Enumerable.Range(0, mostChunks == 0 ? count : Math.Min(mostChunks, count))];
        var result = Evaluator.Evaluate(_model, run.Head, _dataset.Validation, chunks, _options.BatchSize, cancellationToken);
        return double.IsFinite(result.Loss) ? result : throw new TrainingDivergedException(step, "validation loss", result.Loss, _files.States.Newest);
    }

    private void Observe(TrainingState state, RunInProgress run, CancellationToken cancellationToken)
    {
        try
        {
            AfterStep?.Invoke(state.Step, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Save(state, run);
            throw;
        }
    }

    private void Save(TrainingState state, RunInProgress run) =>
        _files.States.Save(state with { Seconds = run.Clock.Seconds }, _model, run.Optimizer, _options.KeptStates);

    private static bool IsDue(long step, int interval) => interval > 0 && step % interval == 0;

    /// <summary>What lives as long as one call of Run.</summary>
    private sealed record RunInProgress(
        TrainingStep Step, SlicedCrossEntropy Head, AdamW Optimizer, ChunkReader Reader, MetricsLog Log, TrainingClock Clock, IProgress<TrainingProgress>? Progress);
}
