namespace NcService.Core.Training;

/// <summary>How a model is trained. The defaults are the study's (Hugging Face's trainer), batch size and intervals apart.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the training chunks.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Chunks per step; the last step of an epoch takes what is left.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>
    /// Chunks that go through the network at once, their gradients added up to the step's; null takes the whole batch. The gradient is the same,
    /// the memory less.
    /// </summary>
    public int? MicroBatchSize { get; init; }

    /// <summary>Learning rate of the first step; it falls linearly to 0 at the last, without warm-up.</summary>
    public double LearningRate { get; init; } = 5e-5;

    /// <summary>AdamW's decay (the study: 0.0005 or 0.1), not on biases and LayerNorms.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Largest global gradient norm; 0 never clips.</summary>
    public double GradientClip { get; init; } = 1.0;

    /// <summary>Seed of the data order. The model's first weights have a seed of their own.</summary>
    public int Seed { get; init; }

    /// <summary>Arithmetic of the matrix products.</summary>
    public Precision Precision { get; init; }

    /// <summary>cpu, cuda or cuda:N; the model must live there.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Steps between two log lines.</summary>
    public int LogInterval { get; init; } = 10;

    /// <summary>Steps between two validations; 0 validates before the first step and after the last only.</summary>
    public int EvaluationInterval { get; init; }

    /// <summary>Validation chunks that are looked at between (the first and the last validation take the whole split); 0 takes all.</summary>
    public int IntermediateEvaluationChunks { get; init; } = 128;

    /// <summary>Training chunks, the same ones in every run of a dataset, on which the final training loss is measured.</summary>
    public int TrainSampleChunks { get; init; } = 128;

    /// <summary>Steps between two saved states; 0 saves only when a run is cancelled.</summary>
    public int CheckpointInterval { get; init; } = 500;

    /// <summary>How many of the last saved states are kept; where the newest is damaged, the run goes on from the one before.</summary>
    public int KeptStates { get; init; } = 1;

    /// <summary>Steps between two models that are kept for good, as <c>checkpoints/step-N</c> in Hugging Face's layout, the untrained one included; 0 keeps the final one only.</summary>
    public int KeptModelInterval { get; init; }

    /// <summary>Stops after so many steps; the learning rate then reaches 0 there.</summary>
    public long? MaximumSteps { get; init; }

    /// <summary>Throws an <see cref="InputException"/> that names the first option out of range.</summary>
    public void Check()
    {
        Require(Epochs >= 1, nameof(Epochs), Epochs, "at least 1");
        Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "at least 1");
        Require(MicroBatchSize is null or >= 1, nameof(MicroBatchSize), MicroBatchSize ?? 0, "at least 1, or absent");
        Require(LearningRate >= 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "a finite number from 0");
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "a finite number from 0");
        Require(GradientClip >= 0 && double.IsFinite(GradientClip), nameof(GradientClip), GradientClip, "a finite number from 0 (0: no clipping)");
        Require(LogInterval >= 1, nameof(LogInterval), LogInterval, "at least 1");
        Require(EvaluationInterval >= 0, nameof(EvaluationInterval), EvaluationInterval, "at least 0");
        Require(IntermediateEvaluationChunks >= 0, nameof(IntermediateEvaluationChunks), IntermediateEvaluationChunks, "at least 0");
        Require(TrainSampleChunks >= 1, nameof(TrainSampleChunks), TrainSampleChunks, "at least 1");
        Require(CheckpointInterval >= 0, nameof(CheckpointInterval), CheckpointInterval, "at least 0");
        Require(KeptStates >= 1, nameof(KeptStates), KeptStates, "at least 1");
        Require(KeptModelInterval >= 0, nameof(KeptModelInterval), KeptModelInterval, "at least 0");
        Require(MaximumSteps is null or >= 1, nameof(MaximumSteps), MaximumSteps ?? 0, "at least 1, or absent");
    }

    private static void Require(bool condition, string option, double value, string wanted)
    {
        if (!condition) throw new InputException($"Training option {option} is {value}; it must be {wanted}.");
    }
}
