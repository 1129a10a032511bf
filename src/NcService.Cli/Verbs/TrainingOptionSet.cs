using System.CommandLine;
using NcService.Core.Training;

namespace NcService.Cli.Verbs;

/// <summary>The options that say how a model is trained; the defaults are those of <see cref="TrainingOptions"/>.</summary>
internal sealed class TrainingOptionSet
{
    private static readonly TrainingOptions s_default = new();

    private readonly Option<int> _epochs = Of("--epochs", "Passes over the training chunks", s_default.Epochs);
    private readonly Option<int> _batchSize = Of("--batch-size", "Chunks per step", s_default.BatchSize);
    private readonly Option<int?> _microBatchSize = new("--micro-batch-size") { Description = "Chunks that go through the network at once: less memory, the same gradient", HelpName = "N" };
    private readonly Option<double> _learningRate = Of("--learning-rate", "Of the first step; falls linearly to 0", s_default.LearningRate);
    private readonly Option<double> _weightDecay = Of("--weight-decay", "AdamW's, not on biases and LayerNorms", s_default.WeightDecay);
    private readonly Option<double> _gradientClip = Of("--gradient-clip", "Largest global gradient norm; 0 never clips", s_default.GradientClip);
    private readonly Option<int> _seed = Of("--seed", "Of the first weights and of the data order", s_default.Seed);
    private readonly Option<int> _evaluationInterval = Of("--evaluation-interval", "Steps between validations; 0 for first and last only", s_default.EvaluationInterval);
    private readonly Option<int> _checkpointInterval = Of("--checkpoint-interval", "Steps between saved states; 0 saves when cancelled only", s_default.CheckpointInterval);
    private readonly Option<int> _keptStates = Of("--kept-states", "How many of the last saved states stay", s_default.KeptStates);
    private readonly Option<int> _keptModelInterval = Of("--kept-model-interval", "Steps between models kept under checkpoints/; 0 keeps the final one only", s_default.KeptModelInterval);
    private readonly Option<long?> _maximumSteps = new("--maximum-steps") { Description = "Stop after so many steps", HelpName = "N" };
    private readonly Option<Precision> _precision = EnumOption.Of("--precision", "Arithmetic of the matrix products", Precision.Float32);
    private readonly Option<string> _device = DeviceOption.Create();

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _epochs, _batchSize, _microBatchSize, _learningRate, _weightDecay, _gradientClip, _seed, _precision, _device, _evaluationInterval, _checkpointInterval, _keptStates,
            _keptModelInterval, _maximumSteps,
        ];
        foreach (var option in options) command.Add(option);
    }

    public TrainingOptions Read(VerbInvocation verb)
    {
        var options = new TrainingOptions
        {
            Epochs = verb.Get(_epochs),
            BatchSize = verb.Get(_batchSize),
            MicroBatchSize = verb.Get(_microBatchSize),
            LearningRate = verb.Get(_learningRate),
            WeightDecay = verb.Get(_weightDecay),
            GradientClip = verb.Get(_gradientClip),
            Seed = verb.Get(_seed),
            Precision = verb.Get(_precision),
            Device = DeviceOption.Resolve(verb.Require(_device)),
            EvaluationInterval = verb.Get(_evaluationInterval),
            CheckpointInterval = verb.Get(_checkpointInterval),
            KeptStates = verb.Get(_keptStates),
            KeptModelInterval = verb.Get(_keptModelInterval),
            MaximumSteps = verb.Get(_maximumSteps),
        };
        options.Check();
        return options;
    }

    /// <summary>An option with a default.</summary>
    public static Option<T> Of<T>(string name, string description, T @default) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => @default,
    };
}
