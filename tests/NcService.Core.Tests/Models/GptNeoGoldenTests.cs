using NcService.Core.Training;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Models;

public sealed class GptNeoGoldenTests
{
    private const double Tolerance = 1e-5;

    [SharedTheory]
    [InlineData(0)]
    [InlineData(1)]
    public void Hidden_states_and_logits_are_the_references(int number)
    {
        var expected = GoldenGptNeo.Parity.GetProperty("cases")[number];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = GoldenGptNeo.Load();
        var ids = GoldenGptNeo.IdsTensor(GoldenGptNeo.Ids(expected));
        var positions = tensor(expected.GetProperty("logits_positions").EnumerateArray().Select(position => position.GetInt64()).ToArray());

        var hidden = model.forward(ids);
        var logits = model.Logits(ids);

        Assert.InRange(GoldenGptNeo.RelativeError(hidden.data<float>().ToArray(), GoldenGptNeo.Flat(expected.GetProperty("final_hidden"))), 0, Tolerance);
        Assert.InRange(GoldenGptNeo.RelativeError(
            logits.index_select(1, positions).contiguous().data<float>().ToArray(), GoldenGptNeo.Flat(expected.GetProperty("logits"))), 0, Tolerance);
        GoldenGptNeo.AssertClose(expected.GetProperty("logits_sum_abs").GetDouble(), logits.abs().sum().item<float>(), Tolerance, "Σ|logits|");
        Assert.Equal(GoldenGptNeo.Flat(expected.GetProperty("argmax")).Select(token => (long)token), logits.argmax(-1).reshape(-1).data<long>().ToArray());
    }

    [SharedTheory]
    [InlineData(0)]
    [InlineData(1)]
    public void Losses_per_token_are_the_references(int number)
    {
        var expected = GoldenGptNeo.Parity.GetProperty("cases")[number];
        using var model = GoldenGptNeo.Load();
        var sequences = GoldenGptNeo.Ids(expected).Select(row => Array.ConvertAll(row, id => (int)id)).ToArray();

        var losses = Evaluator.LossPerToken(model, sequences, default).SelectMany(row => row).ToArray();

        Assert.InRange(GoldenGptNeo.RelativeError(losses, GoldenGptNeo.Flat(expected.GetProperty("loss_per_token"))), 0, Tolerance);
        GoldenGptNeo.AssertClose(expected.GetProperty("mean_loss").GetDouble(), losses.Average(), Tolerance, "mean loss");
    }

    [SharedFact]
    public void Gradients_are_the_references()
    {
        var testCase = GoldenGptNeo.Parity.GetProperty("cases")[GoldenGptNeo.Parity.GetProperty("gradient_of_case").GetInt32()];
        var ids = GoldenGptNeo.Ids(testCase);
        using var scope = NewDisposeScope();
        using var model = GoldenGptNeo.Load();
        using var run = new Optimisation(model, weightDecay: 0, clip: 0, decayEverything: false);

        run.Step.Gradients(GoldenGptNeo.Batch(ids));

        var gradients = model.HuggingFaceViews(model.FlatGradients!).ToDictionary();
        var expected = GoldenGptNeo.Parity.GetProperty("gradients");
        Assert.Equal(expected.EnumerateObject().Select(property => property.Name).Order(), gradients.Keys.Order());
        foreach (var property in expected.EnumerateObject())
        {
            var gradient = gradients[property.Name];
            var norm = property.Value.GetProperty("norm").GetDouble();
            GoldenGptNeo.AssertClose(norm, gradient.norm().item<float>(), Tolerance, property.Name);
            Assert.Equal(property.Value.GetProperty("sum").GetDouble(), gradient.sum().item<float>(), tolerance: Tolerance * norm * Math.Sqrt(gradient.numel()));
            var first = GoldenGptNeo.Flat(property.Value.GetProperty("first"));
            Assert.InRange(GoldenGptNeo.RelativeError(gradient.reshape(-1).narrow(0, 0, first.Length).contiguous().data<float>().ToArray(), first), 0, 1e-4);
        }
        GoldenGptNeo.AssertClose(GoldenGptNeo.Parity.GetProperty("gradient_total_norm").GetDouble(), run.Optimizer.GradientNorm(), Tolerance, "total norm");
    }

    [SharedTheory]
    [InlineData("adamw")]
    [InlineData("trainer")]
    public void Five_optimizer_steps_are_the_references(string name)
    {
        var expected = GoldenGptNeo.Parity.GetProperty("optimizer_runs").GetProperty(name);
        var clip = expected.GetProperty("clip_grad_norm");
        var testCase = GoldenGptNeo.Parity.GetProperty("cases")[GoldenGptNeo.Parity.GetProperty("gradient_of_case").GetInt32()];
        var ids = GoldenGptNeo.Ids(testCase);
        using var scope = NewDisposeScope();
        using var model = GoldenGptNeo.Load();
        using var run = new Optimisation(
            model, expected.GetProperty("weight_decay").GetDouble(), clip.ValueKind == System.Text.Json.JsonValueKind.Null ? 0 : clip.GetDouble(),
            decayEverything: expected.GetProperty("decay_on").GetString() == "all parameters");
        var rates = expected.GetProperty("lr_per_step").EnumerateArray().Select(rate => rate.GetDouble()).ToArray();

        for (var step = 0; step < rates.Length; step++)
        {
            var (loss, norm) = run.Step.Run(step, GoldenGptNeo.Batch(ids), rates[step]);
            GoldenGptNeo.AssertClose(expected.GetProperty("loss_before_step")[step].GetDouble(), loss, Tolerance, $"loss before step {step}");
            GoldenGptNeo.AssertClose(expected.GetProperty("grad_norm_before_clip")[step].GetDouble(), norm, 3 * Tolerance, $"norm at step {step}");
        }

        GoldenGptNeo.AssertClose(
            expected.GetProperty("loss_after_last").GetDouble(), run.Step.Gradients(GoldenGptNeo.Batch(ids)), Tolerance, "last loss");
        var parameters = model.HuggingFaceViews(model.FlatParameters).ToDictionary();
        foreach (var property in expected.GetProperty("parameter_norms_after").EnumerateObject())
            GoldenGptNeo.AssertClose(property.Value.GetDouble(), parameters[property.Name].norm().item<float>(), Tolerance, property.Name);
    }

    // Ten steps as the reference trainer makes them, from peers/ten_steps.py (PyTorch, float32), whose first five-step run is the golden one.
    [SharedTheory]
    [InlineData(Precision.Float32, false, 1e-5)]
    [InlineData(Precision.BFloat16, false, 0.002)]
    [InlineData(Precision.BFloat16, true, 0.01)]
    public void Ten_steps_have_the_losses_of_the_reference(Precision precision, bool bFloat16IsFaster, double tolerance)
    {
        double[] expected = [6.462519, 4.796973, 3.928309, 3.323632, 2.871229, 2.522074, 2.242902, 2.027117, 1.869447, 1.763595];
        var ids = GoldenGptNeo.Ids(GoldenGptNeo.Parity.GetProperty("cases")[GoldenGptNeo.Parity.GetProperty("gradient_of_case").GetInt32()]);
        var schedule = new TrainingSchedule(new TrainingOptions { BatchSize = ids.Length, LearningRate = 0.005, Epochs = 10 }, ids.Length);
        using var scope = NewDisposeScope();
        using var model = GoldenGptNeo.Load();
        (model.Precision, model.BFloat16IsFaster) = (precision, bFloat16IsFaster);
        using var run = new Optimisation(model, weightDecay: 0.1, clip: 1);
        for (var step = 0; step < expected.Length; step++)
        {
            var (loss, _) = run.Step.Run(step, GoldenGptNeo.Batch(ids), schedule.LearningRateOf(step));
            GoldenGptNeo.AssertClose(expected[step], loss, tolerance, $"loss before step {step}");
        }
    }

    [SharedTheory]
    [InlineData(false, 0.001, 0.002)]
    [InlineData(true, 0.01, 0.05)]
    public void Bfloat16_stays_within_its_bounds_of_the_loss_and_of_the_gradient_norm(bool bFloat16IsFaster, double lossBound, double normBound)
    {
        var ids = GoldenGptNeo.Ids(GoldenGptNeo.Parity.GetProperty("cases")[0]);
        using var scope = NewDisposeScope();
        using var model = GoldenGptNeo.Load();
        (model.Precision, model.BFloat16IsFaster) = (Precision.BFloat16, bFloat16IsFaster);
        using var run = new Optimisation(model, 0, 0, false);
        var loss = run.Step.Gradients(GoldenGptNeo.Batch(ids));
        GoldenGptNeo.AssertClose(GoldenGptNeo.Parity.GetProperty("cases")[0].GetProperty("mean_loss").GetDouble(), loss, lossBound, "mean loss");
        GoldenGptNeo.AssertClose(GoldenGptNeo.Parity.GetProperty("gradient_total_norm").GetDouble(), run.Optimizer.GradientNorm(), normBound, "norm");
    }
}
