using System.Text.RegularExpressions;
using NcService.Core.Models;
using NcService.Core.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Training;

public sealed class TrainerTests(SmallDataset dataset) : IClassFixture<SmallDataset>, IDisposable
{
    private static readonly TrainingOptions Options = new()
    {
        BatchSize = 8, MaximumSteps = 30, LearningRate = 0.01, WeightDecay = 0.1, LogInterval = 4, EvaluationInterval = 7, CheckpointInterval = 6, Seed = 3,
    };

    private readonly string _root = Directory.CreateTempSubdirectory("ncservice-training-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_run_learns_and_leaves_checkpoint_metrics_and_result_but_no_state()
    {
        var (result, losses, _) = Finish("plain", Options);
        Assert.True(result.ValidationLoss < result.InitialValidationLoss - 1, $"{result.InitialValidationLoss} to {result.ValidationLoss}");
        Assert.InRange(result.InitialValidationLoss, Math.Log(280) - 0.5, Math.Log(280) + 0.5);
        Assert.Equal((30L, 30L * 8 * 16), (result.Steps, result.TokensSeen));
        Assert.Equal(Math.Exp(result.ValidationLoss), result.Perplexity, 1e-9);
        Assert.Equal([0, 4, 7, 8, 12, 14, 16, 20, 21, 24, 28, 30], losses.Select(Step));
        Assert.All(losses, line => Assert.Equal(Step(line) is 0 or 30 || Step(line) % 7 == 0, line.Contains("validationLoss", StringComparison.Ordinal)));
        Assert.False(Directory.Exists(Path.Combine(_root, "plain", "state")));

        using var loaded = ModelCheckpoint.Load(Path.Combine(_root, "plain", "checkpoint"), CPU);
        var evaluated = Evaluator.Evaluate(loaded, dataset.Tokens.Validation, 5, default);
        Assert.Equal(result.ValidationLoss, evaluated.Loss, 1e-5);
        Assert.Equal(dataset.Tokens.Validation.SampleCount, evaluated.Samples);
        Assert.Equal(280, NcService.Core.Text.ByteLevelTokenizer.Load(Path.Combine(_root, "plain", "checkpoint")).VocabularySize);
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void Cancelled_and_continued_the_losses_are_those_of_the_undisturbed_run_bit_for_bit(Precision precision)
    {
        var options = Options with { Precision = precision };
        var (undisturbed, expected, weights) = Finish("undisturbed", options);
        var lastStep = Cancelled("cancelled", options, atStep: 12);
        Assert.Equal(12, lastStep);
        var (continued, actual, continuedWeights) = Finish("cancelled", options);
        Assert.Equal(expected, actual);
        Assert.Equal(weights, continuedWeights);
        Assert.Equal(undisturbed with { Elapsed = default }, continued with { Elapsed = default });
    }

    [Theory]
    [InlineData(4)]    // before the first state: all over again
    [InlineData(8)]
    [InlineData(28)]
    public void Killed_and_continued_the_losses_are_those_of_the_undisturbed_run_bit_for_bit(int atStep)
    {
        var (_, expected, weights) = Finish("undisturbed", Options);
        Killed("killed", Options, atStep);
        var (_, actual, continuedWeights) = Finish("killed", Options);
        Assert.Equal(expected, actual);
        Assert.Equal(weights, continuedWeights);
    }

    [Fact]
    public void A_finished_run_called_again_gives_its_result_and_weights_without_training()
    {
        var (first, _, weights) = Finish("again", Options);
        var (second, _, again) = Finish("again", Options);
        Assert.Equal(first, second);
        Assert.Equal(weights, again);
    }

    [Fact]
    public void A_state_of_other_options_or_with_flipped_bytes_is_refused()
    {
        Cancelled("state", Options, atStep: 7);
        Assert.Contains("other options", Assert.Throws<InputException>(() => Finish("state", Options with { LearningRate = 0.02 })).Message, StringComparison.Ordinal);

        var file = Assert.Single(Directory.GetFiles(Path.Combine(_root, "state", "state"), "*.safetensors"));
        using (var stream = File.Open(file, FileMode.Open))
        {
            stream.Position = stream.Length - 100;
            stream.WriteByte(0x5a);
        }
        Assert.Contains("SHA-256", Assert.Throws<InputException>(() => Finish("state", Options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_states_and_models_that_the_policy_keeps_are_there_and_a_damaged_state_falls_back_to_the_one_before()
    {
        var (_, expected, weights) = Finish("undisturbed", Options);
        var options = Options with { KeptStates = 2, KeptModelInterval = 10, CheckpointInterval = 4 };
        Cancelled("kept", options, atStep: 21);
        var folder = Path.Combine(_root, "kept");
        string[] states = ["state-20.json", "state-20.safetensors", "state-21.json", "state-21.safetensors"];
        Assert.Equal(states, Directory.GetFiles(Path.Combine(folder, "state")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["step-0", "step-10", "step-20"], Directory.GetDirectories(Path.Combine(folder, "checkpoints")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using (var kept = ModelCheckpoint.Load(Path.Combine(folder, "checkpoints", "step-10"), CPU)) Assert.Equal(280, kept.Configuration.VocabSize);

        File.AppendAllText(Path.Combine(folder, "state", "state-21.safetensors"), "x");
        var (_, actual, continuedWeights) = Finish("kept", options);
        Assert.Equal(expected, actual);
        Assert.Equal(weights, continuedWeights);
    }

    [Fact]
    public void A_finished_run_whose_checkpoint_was_changed_is_refused()
    {
        Finish("changed", Options with { MaximumSteps = 2 });
        var file = Path.Combine(_root, "changed", "checkpoint", "model.safetensors");
        using (var stream = File.OpenWrite(file))
        {
            stream.Position = stream.Length - 4;
            stream.Write([1, 2, 3, 4]);
        }
        Assert.Contains("SHA-256", Assert.Throws<InputException>(() => Finish("changed", Options with { MaximumSteps = 2 })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Micro_batches_give_the_gradient_of_the_whole_batch(int size)
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        using var whole = new Models.Optimisation(model, 0, 1);
        using var parts = new Models.Optimisation(model, 0, 1, microBatchSize: size);
        var random = new Random(2);
        var ids = Enumerable.Range(0, 7).Select(_ => Enumerable.Range(0, 16).Select(_ => (long)random.Next(280)).ToArray()).ToArray();
        var loss = whole.Step.Gradients(Models.GoldenGptNeo.Batch(ids));
        var expected = model.FlatGradients!.clone();
        model.FlatGradients!.zero_();
        Assert.Equal(loss, parts.Step.Gradients(Models.GoldenGptNeo.Batch(ids)), 1e-6 * loss);
        Assert.InRange((model.FlatGradients! - expected).norm().item<float>() / expected.norm().item<float>(), 0, 1e-5);
    }

    [Fact]
    public void A_plan_that_does_not_fit_says_what_it_takes_and_a_micro_batch_that_fits()
    {
        var configuration = GptNeoConfiguration.Create(256, 2, 50257, 512);
        var plan = MemoryPlan.Of(configuration, new TrainingOptions { BatchSize = 64 }, 512, false);
        plan.RequireFits(plan.Total);
        var message = Assert.Throws<InputException>(() => plan.RequireFits(plan.Total - plan.ActivationsPerChunk * 20)).Message;
        Assert.Contains("MicroBatchSize 44", message, StringComparison.Ordinal);
        MemoryPlan.Of(configuration, new TrainingOptions { BatchSize = 64, MicroBatchSize = 44 }, 512, false).RequireFits(plan.Total - plan.ActivationsPerChunk * 20);
        Assert.Contains("smaller width", Assert.Throws<InputException>(() => plan.RequireFits(plan.Parameters)).Message, StringComparison.Ordinal);
        Assert.InRange(MemoryPlan.Available(CPU)!.Value, 100 << 20, 1L << 45);
    }

    [Fact]
    public void Divergence_stops_with_step_last_good_state_and_what_to_try()
    {
        using var model = Model();
        var progress = new Report(report =>
        {
            if (report.Step != 8) return;
            using var noGrad = no_grad();
            model.FlatParameters.fill_(float.NaN);
        });
        var trainer = new Trainer(model, dataset.Tokens, Options with { EvaluationInterval = 0 }, Path.Combine(_root, "diverging"));
        var exception = Assert.Throws<TrainingDivergedException>(() => trainer.Run(progress, default));
        Assert.Equal(9, exception.Step);
        Assert.EndsWith("state-6.json", exception.LastGoodState, StringComparison.Ordinal);
        Assert.Contains("lower learning rate", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_batch_is_learnt_by_heart()
    {
        using var scope = NewDisposeScope();
        using var model = new GptNeo(GptNeoConfiguration.Create(64, 2, 60, 16, heads: 4), CPU, seed: 1);
        using var run = new Models.Optimisation(model, 0, 1);
        var random = new Random(1);
        var ids = Enumerable.Range(0, 4).Select(_ => Enumerable.Range(0, 16).Select(_ => (long)random.Next(60)).ToArray()).ToArray();
        double loss = 0;
        for (var step = 0; step < 150; step++)
            (loss, _) = run.Step.Run(step, Models.GoldenGptNeo.Batch(ids), 0.01);
        Assert.True(loss < 0.05, $"The loss stays at {loss}.");
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void No_tensor_is_left_over_by_a_step(Precision precision)
    {
        using var model = Model();
        model.Precision = precision;
        using var run = new Models.Optimisation(model, 0, 1);
        var ids = Enumerable.Range(0, 2).Select(_ => Enumerable.Range(0, 16).Select(i => (long)i).ToArray()).ToArray();
        long TakeSteps(int count)
        {
            for (var step = 0; step < count; step++)
            {
                using var scope = NewDisposeScope();
                run.Step.Run(step, Models.GoldenGptNeo.Batch(ids), 0.001);
            }
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
        var after = TakeSteps(3);
        Assert.Equal(after, TakeSteps(20));
    }

    [Fact]
    public void A_vocabulary_or_context_that_does_not_fit_the_model_is_refused()
    {
        using var narrow = new GptNeo(GptNeoConfiguration.Create(8, 1, 100, 16), CPU);
        Assert.Contains("vocabulary", Assert.Throws<InputException>(() => new Trainer(narrow, dataset.Tokens, Options, _root)).Message, StringComparison.Ordinal);
        using var brief = new GptNeo(GptNeoConfiguration.Create(8, 1, 280, 8), CPU);
        Assert.Contains("positions", Assert.Throws<InputException>(() => new Trainer(brief, dataset.Tokens, Options, _root)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new int[0], "empty")]
    [InlineData(new[] { 1, 280 }, "280")]
    [InlineData(new[] { 1, -1 }, "-1")]
    [InlineData(new[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 }, "17 tokens")]
    public void LossPerToken_names_what_is_wrong_with_a_sequence(int[] ids, string named)
    {
        using var model = Model();
        Assert.Contains(named, Assert.Throws<InputException>(() => Evaluator.LossPerToken(model, [[1, 2], ids], default)).Message, StringComparison.Ordinal);
    }

    private static int Step(string line) => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt32();

    private static GptNeo Model() => new(GptNeoConfiguration.Create(16, 2, 280, 16) with { WindowSize = 5 }, CPU, seed: 2);

    /// <summary>Runs to the end; metric lines without their times, and the final weights.</summary>
    private (TrainingResult Result, string[] Metrics, float[] Weights) Finish(string name, TrainingOptions options)
    {
        using var model = Model();
        var folder = Path.Combine(_root, name);
        var result = new Trainer(model, dataset.Tokens, options, folder).Run(null, default);
        var lines = File.ReadAllLines(Path.Combine(folder, "metrics.jsonl"))
            .Select(line => Regex.Replace(line, "\"seconds\":[^,]*,", "", RegexOptions.None, TimeSpan.FromSeconds(1))).ToArray();
        return (result, lines, model.FlatParameters.data<float>().ToArray());
    }

    private long Cancelled(string name, TrainingOptions options, long atStep)
    {
        using var model = Model();
        using var source = new CancellationTokenSource();
        var last = 0L;
        var progress = new Report(report =>
        {
            last = report.Step;
            if (report.Step == atStep) source.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => new Trainer(model, dataset.Tokens, options, Path.Combine(_root, name)).Run(progress, source.Token));
        return last;
    }

    /// <summary>Leaves what a process killed after a step would: the state saved before it, and metrics that went on, with a torn last line.</summary>
    private void Killed(string name, TrainingOptions options, long atStep)
    {
        using var model = Model();
        var folder = Path.Combine(_root, name);
        var progress = new Report(report =>
        {
            if (report.Step == atStep) throw new IOException("killed");
        });
        Assert.Throws<IOException>(() => new Trainer(model, dataset.Tokens, options, folder).Run(progress, default));
        File.AppendAllText(Path.Combine(folder, "metrics.jsonl"), "{\"step\":99,\"to");
        Directory.CreateDirectory(Path.Combine(folder, "state"));
        File.WriteAllText(Path.Combine(folder, "state", "state-999.safetensors"), "half written");
    }

    private sealed class Report(Action<TrainingProgress> handle) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value) => handle(value);
    }
}
