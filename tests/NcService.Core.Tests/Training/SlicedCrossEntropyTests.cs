using NcService.Core.Models;
using NcService.Core.Training;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Training;

public sealed class SlicedCrossEntropyTests
{
    // Vocabularies, widths and batches that are and are not multiples of the vector length, of the padding, of a product's block and of a tile; slices that do and do not
    // divide the rows.
    [Theory]
    [InlineData(Precision.Float32, false, 101, 8, 50, 7, 1e-5)]
    [InlineData(Precision.Float32, false, 256, 8, 50, 64, 1e-5)]
    [InlineData(Precision.Float32, false, 5, 8, 50, 100, 1e-5)]
    [InlineData(Precision.Float32, false, 2048, 8, 50, 50, 1e-5)]
    [InlineData(Precision.Float32, false, 4137, 8, 50, 33, 1e-5)]
    [InlineData(Precision.BFloat16, false, 101, 8, 50, 7, 0.005)]
    [InlineData(Precision.BFloat16, false, 4137, 8, 50, 33, 0.005)]
    [InlineData(Precision.BFloat16, true, 101, 8, 50, 7, 0.02)]
    [InlineData(Precision.BFloat16, true, 256, 8, 50, 64, 0.02)]
    [InlineData(Precision.Float32, false, 2500, 70, 600, 512, 1e-5)]
    [InlineData(Precision.Float32, false, 1201, 768, 530, 530, 3e-5)]
    [InlineData(Precision.Float32, false, 17000, 64, 150, 512, 1e-5)]
    [InlineData(Precision.BFloat16, false, 6145, 256, 300, 290, 0.005)]
    public void Slices_give_loss_and_gradients_of_composed_cross_entropy_with_autograd(
        Precision precision, bool bFloat16IsFaster, int vocabulary, int width, int count, int rows, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var model = Model(vocabulary, precision, bFloat16IsFaster, width);
        using var head = new SlicedCrossEntropy(model, rows);
        var (hidden, labels) = Batch(count, vocabulary, width);
        var hiddenGradient = empty_like(hidden);
        var weightGradient = full_like(model.Classifier, 1 / 1024.0).detach();   // what was there is added to

        var totals = head.Backward(hidden, labels, hiddenGradient, weightGradient);

        var composedHidden = hidden.to(ScalarType.Float64).requires_grad_();
        var composedWeight = model.Classifier.detach().to(ScalarType.Float64).requires_grad_();
        var present = tensor(labels).ge(0);
        var logProbabilities = nn.functional.linear(composedHidden, composedWeight).log_softmax(1);
        var losses = -logProbabilities.gather(1, tensor(labels).clamp_min(0).unsqueeze(1)).squeeze(1);
        var loss = losses.masked_select(present).mean();
        loss.backward();

        Assert.Equal(count - count / 25, totals.Count);
        Assert.Equal(loss.item<double>(), totals.MeanLoss, tolerance * loss.item<double>());
        AssertClose(losses.detach().masked_fill(present.logical_not(), 0), tensor(head.RowLosses(count).ToArray()).nan_to_num(0), tolerance);
        AssertClose(composedHidden.grad!, hiddenGradient, tolerance);
        AssertClose(composedWeight.grad!, weightGradient - 1 / 1024.0, tolerance);
        var correct = logProbabilities.argmax(1).eq(tensor(labels)).sum().item<long>();
        if (precision == Precision.Float32) Assert.Equal(correct, totals.Correct);
    }

    [Theory]
    [InlineData(Precision.Float32, false, 1e-6)]
    [InlineData(Precision.BFloat16, false, 0.005)]
    [InlineData(Precision.BFloat16, true, 0.005)]
    public void Kernels_and_composed_twin_agree(Precision precision, bool bFloat16IsFaster, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = Model(75, precision, bFloat16IsFaster);
        using var head = new SlicedCrossEntropy(model, 50);
        var (hidden, labels) = Batch(50, 75);
        var gradient = empty_like(hidden);
        head.Backward(hidden, labels, gradient, zeros_like(model.Classifier));

        var type = model.UsesBFloat16Products ? ScalarType.BFloat16 : ScalarType.Float32;
        var logits = hidden.to(type).mm(model.Classifier.to(type).t());
        var (losses, correct) = (new float[50], new byte[50]);
        WholeRowCrossEntropy.ComposedStatistics(logits, labels, losses, correct, 1f / 48);

        AssertClose(tensor(losses).nan_to_num(0), tensor(head.RowLosses(50).ToArray()).nan_to_num(0), 1e-6);
        AssertClose(logits.mm(model.Classifier.to(type)).to(ScalarType.Float32), gradient, tolerance);
    }

    [Fact]
    public void The_label_at_either_side_of_a_tiles_border_is_found()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        const int Vocabulary = 20_000;
        using var model = Model(Vocabulary, Precision.Float32, bFloat16IsFaster: false);
        model.Classifier.zero_();
        var tile = TileShape.For(8, Vocabulary).Classes;
        long[] labels = [0, tile - 1, tile, Vocabulary - 1];
        foreach (var label in labels) model.Classifier.narrow(0, label, 1).fill_((label + 1) / 4.0);
        using var head = new SlicedCrossEntropy(model);
        var totals = head.Evaluate(full(4, 8, 0.001f), labels);
        // Scores are 0.002 (label + 1) at four places and 0 elsewhere; only the last label leads.
        var normaliser = Math.Log(labels.Sum(label => Math.Exp(0.002 * (label + 1))) + Vocabulary - 4);
        Assert.Equal(labels.Sum(label => normaliser - 0.002 * (label + 1)), totals.LossSum, 1e-3);
        Assert.Equal(1, totals.Correct);
    }

    [Fact]
    public void Accuracy_counts_the_first_of_equal_scores_as_argmax_does()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = Model(20, Precision.Float32);
        model.Classifier.zero_();
        using var head = new SlicedCrossEntropy(model);
        Assert.Equal(2, head.Evaluate(ones(4, 8), [0, 1, 0, 19]).Correct);
    }

    [Fact]
    public void NaN_in_the_embeddings_gives_a_NaN_loss()
    {
        using var scope = NewDisposeScope();
        using var model = Model(40, Precision.Float32);
        using var head = new SlicedCrossEntropy(model);
        Assert.True(double.IsNaN(head.Evaluate(full(2, 8, float.NaN), [1, 2]).MeanLoss));
    }

    private static GptNeo Model(int vocabulary, Precision precision, bool bFloat16IsFaster = false, int width = 8)
    {
        var model = new GptNeo(GptNeoConfiguration.Create(width, 1, vocabulary, 4), CPU, seed: 1) { Precision = precision, BFloat16IsFaster = bFloat16IsFaster };
        using var noGrad = no_grad();
        model.Classifier.mul_(40);
        return model;
    }

    private static (Tensor Hidden, long[] Labels) Batch(int count, int vocabulary, int width = 8)
    {
        using var generator = new Generator(5);
        var labels = Enumerable.Range(0, count).Select(i => i % 25 == 24 ? -1L : i * 7 % vocabulary).ToArray();
        return (randn(count, width, generator: generator), labels);
    }

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance)
    {
        var error = ((expected - actual).abs().max() / expected.abs().max()).to(ScalarType.Float64).item<double>();
        Assert.True(error <= tolerance, $"Relative error {error} exceeds {tolerance}.");
    }
}
