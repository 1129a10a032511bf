using NcService.Core.Models;
using NcService.Core.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Core.Training;

/// <summary>
/// Cross-entropy of a slice of tokens whose logits [rows, K] lie in one buffer of the products' type: bfloat16 on a CPU with units for it, anything on other devices.
/// logits → statistics in float32 → (softmax − one-hot) over the same memory → its two matrix products. The buffer's rows, and the
/// bfloat16 copy of the classifier, are padded to a multiple of 64, which the forward product is faster at.
/// </summary>
internal sealed class WholeRowCrossEntropy : ISliceCrossEntropy
{
    private const int Padding = 64;

    private readonly GptNeo _model;
    private readonly bool _inBFloat16;
    private readonly Tensor _buffer;
    private readonly Tensor? _bFloat16Weight;
    private bool _isStale = true;

    public WholeRowCrossEntropy(GptNeo model, int rows)
    {
        (_model, _inBFloat16) = (model, model.Precision == Precision.BFloat16);
        var type = _inBFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var columns = _inBFloat16 ? (long)(Vocabulary + Padding - 1) / Padding * Padding : Vocabulary;
        using var noGrad = no_grad();
        _buffer = zeros(rows, columns, dtype: type, device: model.Device).DetachFromDisposeScope();
        if (_inBFloat16) _bFloat16Weight = zeros(columns, model.Configuration.HiddenSize, dtype: type, device: model.Device).DetachFromDisposeScope();
    }

    private int Vocabulary => _model.Configuration.VocabSize;

    /// <inheritdoc/>
    public void WeightsChanged() => _isStale = true;

    /// <inheritdoc/>
    public void Evaluate(Tensor hidden, ReadOnlySpan<long> labels, Span<float> losses, Span<byte> correct)
    {
        var (logits, _, _) = Logits(hidden, labels.Length);
        Statistics(logits, labels, losses, correct, null);
    }

    /// <inheritdoc/>
    public void Backward(
        Tensor hidden, ReadOnlySpan<long> labels, Span<float> losses, Span<byte> correct, float scale, Tensor hiddenGradient, Tensor weightGradient)
    {
        var (logits, inputs, weight) = Logits(hidden, labels.Length);
        Statistics(logits, labels, losses, correct, scale);
        // logits now holds (p − onehot)·scale, and zeros in the padding.
        if (_inBFloat16)
        {
            hiddenGradient.copy_(logits.mm(weight));
            weightGradient.add_(logits.t().mm(inputs).narrow(0, 0, Vocabulary));
        }
        else
        {
            hiddenGradient.addmm_(logits, weight, beta: 0, alpha: 1);
            weightGradient.addmm_(logits.t(), inputs);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _buffer.Dispose();
        _bFloat16Weight?.Dispose();
    }

    private (Tensor Logits, Tensor Inputs, Tensor Weight) Logits(Tensor hidden, int rows)
    {
        var weight = Weight();
        var inputs = hidden.to(_buffer.dtype);
        var logits = _buffer.narrow(0, 0, rows);
        logits.addmm_(inputs, weight.t(), beta: 0, alpha: 1);
        return (logits, inputs, weight);
    }

    private Tensor Weight()
    {
        if (_bFloat16Weight is null) return _model.Classifier;
        if (_isStale) _bFloat16Weight.narrow(0, 0, Vocabulary).copy_(_model.Classifier);
        _isStale = false;
        return _bFloat16Weight;
    }

    private unsafe void Statistics(Tensor logits, ReadOnlySpan<long> labels, Span<float> losses, Span<byte> correct, float? scale)
    {
        if (!_inBFloat16 || logits.device_type != DeviceType.CPU)
        {
            ComposedStatistics(logits.narrow(1, 0, Vocabulary), labels, losses, correct, scale);
            return;
        }
        fixed (long* label = labels)
        fixed (float* loss = losses)
        fixed (byte* right = correct)
            SoftmaxKernel.Run((ushort*)CpuMemory.Address(logits), logits.shape[1], labels.Length, Vocabulary, label, loss, right, scale);
    }

    /// <summary>The kernels' twin in torch operators, for other devices and for tests.</summary>
    internal static void ComposedStatistics(Tensor logits, ReadOnlySpan<long> labels, Span<float> losses, Span<byte> correct, float? scale)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var label = tensor(labels.ToArray(), device: logits.device);
        var present = label.ge(0);
        var index = label.clamp_min(0).unsqueeze(1);
        var scores = logits.to(ScalarType.Float32);
        var normaliser = scores.logsumexp(1, keepdim: true);
        var rowLosses = (normaliser - scores.gather(1, index)).squeeze(1);
        var right = scores.argmax(1).eq(label);
        rowLosses.masked_fill(present.logical_not(), float.NaN).cpu().data<float>().ToArray().CopyTo(losses);
        right.logical_and(present).to(ScalarType.Byte).cpu().data<byte>().ToArray().CopyTo(correct);
        if (scale is not { } factor) return;
        var gradient = (scores - normaliser).exp_();
        gradient.scatter_add_(1, index, full_like(index, -1, dtype: ScalarType.Float32));
        logits.copy_(gradient.mul_(present.to(ScalarType.Float32).mul_(factor).unsqueeze(1)));
    }
}
