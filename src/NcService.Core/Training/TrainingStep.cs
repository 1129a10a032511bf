using NcService.Core.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Core.Training;

/// <summary>One optimiser step: for each micro-batch trunk forward, head slice by slice and trunk backward; then clipping and AdamW.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly GptNeo _model;
    private readonly TrainingOptions _options;
    private readonly SlicedCrossEntropy _head;
    private readonly AdamW _optimizer;
    private readonly Tensor _classifierGradient;
    private readonly ICpuTrunk? _trunk;
    private Tensor? _hiddenGradient;

    public TrainingStep(GptNeo model, TrainingOptions options, SlicedCrossEntropy head, AdamW optimizer)
    {
        (_model, _options, _head, _optimizer) = (model, options, head, optimizer);
        _classifierGradient = model.Classifier.grad!.DetachFromDisposeScope();
        if (model.Device.type == DeviceType.CPU) _trunk = model.CreateCpuTrunk();
    }

    /// <summary>Takes the step.</summary>
    /// <param name="step">Steps done before it.</param>
    /// <param name="batch">Sequences and their next tokens.</param>
    /// <param name="learningRate">This step's.</param>
    /// <returns>The batch's mean loss before the step, and the gradient norm before clipping.</returns>
    /// <exception cref="NonFiniteException">Loss or norm is NaN or infinite; parameters and moments are as before.</exception>
    public (double Loss, double GradientNorm) Run(long step, TokenBatch batch, double learningRate)
    {
        var loss = Gradients(batch);
        if (!double.IsFinite(loss)) throw new NonFiniteException("training loss", loss);
        var norm = _optimizer.GradientNorm();
        if (!double.IsFinite(norm)) throw new NonFiniteException("gradient norm", norm);
        _optimizer.Step(step, learningRate, norm, _options.GradientClip);
        _head.WeightsChanged();
        return (loss, norm);
    }

    /// <summary>Adds the gradients of the batch's mean loss to the model's, micro-batch by micro-batch, and returns that loss.</summary>
    internal double Gradients(TokenBatch batch)
    {
        TokenBatch.RequireInVocabulary(batch.Ids, _model.Configuration.VocabSize);
        _trunk?.ConvertParameters();
        var size = Math.Min(_options.MicroBatchSize ?? batch.Batch, batch.Batch);
        var labelled = batch.Labels.LongCount(label => label >= 0);
        double loss = 0;
        for (var first = 0; first < batch.Batch; first += size)
        {
            var part = size == batch.Batch ? batch : batch.Part(first, Math.Min(size, batch.Batch - first));
            loss += (_trunk is null ? ComposedGradients(part, labelled) : TrunkGradients(_trunk, part, labelled)).LossSum;
        }
        return loss / labelled;
    }

    private CrossEntropyTotals TrunkGradients(ICpuTrunk trunk, TokenBatch batch, long labelled)
    {
        var hidden = trunk.Forward(batch, keepForBackward: true);                // (B T, d)
        var gradient = HiddenGradient(hidden);
        var totals = _head.Backward(hidden, batch.Labels, gradient, _classifierGradient, labelled);
        trunk.Backward(gradient);
        return totals;
    }

    /// <summary>The same through autograd, for other devices and as the twin of the CPU's trunk.</summary>
    internal CrossEntropyTotals ComposedGradients(TokenBatch batch, long? meanOver = null)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var hidden = _model.ComposedForward(tensor(batch.Ids, [batch.Batch, batch.Length], device: _model.Device));   // (B, T, d)
        var flat = hidden.detach().view(batch.Labels.Length, _model.Configuration.HiddenSize);
        var gradient = empty_like(flat);
        var totals = _head.Backward(flat, batch.Labels, gradient, _classifierGradient, meanOver);
        hidden.backward([gradient.view(hidden.shape)]);
        return totals;
    }

    private Tensor HiddenGradient(Tensor hidden)
    {
        if (_hiddenGradient is not null && _hiddenGradient.shape[0] == hidden.shape[0]) return _hiddenGradient;
        _hiddenGradient?.Dispose();
        using var noGrad = no_grad();
        return _hiddenGradient = empty_like(hidden).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _classifierGradient.Dispose();
        _hiddenGradient?.Dispose();
        _trunk?.Dispose();
    }
}

/// <summary>A number that must be finite is not.</summary>
internal sealed class NonFiniteException(string quantity, double value) : Exception($"The {quantity} is {value}.")
{
    public string Quantity { get; } = quantity;

    public double Value { get; } = value;
}
