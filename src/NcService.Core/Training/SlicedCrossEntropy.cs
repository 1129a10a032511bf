using NcService.Core.Models;
using NcService.Core.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Core.Training;

/// <summary>
/// Next-token cross-entropy and its gradients without a table of [tokens × vocabulary]: a slice of tokens at a time, logits → statistics in float32 →
/// (softmax − one-hot) over the same memory → its two matrix products. No autograd over the vocabulary.
/// One instance keeps its buffers between calls and belongs to one thread.
/// </summary>
internal sealed class SlicedCrossEntropy : IDisposable
{
    private const long MostSliceElements = 1 << 25;
    private const int LeastRows = 64;
    private const int MostRows = 512;

    private readonly GptNeo _model;
    private readonly int _rows;
    private Tensor? _buffer;
    private Tensor? _bFloat16Weight;
    private bool _isStale;
    private float[] _losses = [];
    private byte[] _correct = [];

    /// <summary>The head of a model.</summary>
    /// <param name="model">Its classifier is used; its precision decides on float32 or bfloat16 products.</param>
    /// <param name="sliceRows">Tokens per slice; null chooses by the vocabulary.</param>
    public SlicedCrossEntropy(GptNeo model, int? sliceRows = null)
    {
        _model = model;
        _rows = sliceRows ?? (int)Math.Clamp(MostSliceElements / model.Configuration.VocabSize, LeastRows, MostRows) / LeastRows * LeastRows;
    }

    private bool InBFloat16 => _model.Precision == Precision.BFloat16;

    /// <summary>Losses of context embeddings against labels, no gradient.</summary>
    /// <param name="hidden">[n, d] float32.</param>
    /// <param name="labels">[n]; negative: the row has no label.</param>
    public CrossEntropyTotals Evaluate(Tensor hidden, long[] labels) => Run(hidden, labels, null, null, null);

    /// <summary>The same, with the gradient of the <b>mean</b> loss over the labelled rows.</summary>
    /// <param name="hidden">[n, d] float32, no autograd history.</param>
    /// <param name="labels">[n]; negative: the row has no label and no gradient.</param>
    /// <param name="hiddenGradient">[n, d] float32, overwritten.</param>
    /// <param name="weightGradient">[K, d] float32, added to.</param>
    public CrossEntropyTotals Backward(Tensor hidden, long[] labels, Tensor hiddenGradient, Tensor weightGradient)
    {
        var labelled = labels.Count(label => label >= 0);
        return Run(hidden, labels, hiddenGradient, weightGradient, labelled == 0 ? 0 : 1f / labelled);
    }

    /// <summary>The loss of each row of the last call, [n]; NaN where it had no label.</summary>
    public ReadOnlySpan<float> RowLosses(int count) => _losses.AsSpan(0, count);

    /// <summary>The classifier changed: its bfloat16 copy is stale.</summary>
    public void WeightsChanged() => _isStale = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        _buffer?.Dispose();
        _bFloat16Weight?.Dispose();
    }

    private CrossEntropyTotals Run(Tensor hidden, long[] labels, Tensor? hiddenGradient, Tensor? weightGradient, float? scale)
    {
        var count = labels.Length;
        if (_losses.Length < count) (_losses, _correct) = (new float[count], new byte[count]);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var type = InBFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var inputs = hidden.to(type);
        var weight = InBFloat16 ? BFloat16Weight() : _model.Classifier;
        var transposed = weight.t();
        for (var start = 0; start < count; start += _rows)
        {
            var rows = Math.Min(_rows, count - start);
            using var sliceScope = NewDisposeScope();
            var slice = inputs.narrow(0, start, rows);
            var logits = Buffer(type).narrow(0, 0, rows);
            logits.addmm_(slice, transposed, beta: 0, alpha: 1);
            Statistics(logits, labels, start, rows, scale);
            if (scale is null) continue;
            // logits now holds (p − onehot)·scale.
            hiddenGradient!.narrow(0, start, rows).copy_(logits.mm(weight));
            if (InBFloat16) weightGradient!.add_(logits.t().mm(slice));
            else weightGradient!.addmm_(logits.t(), slice);
        }
        return Total(count, labels);
    }

    private Tensor BFloat16Weight()
    {
        if (_bFloat16Weight is null) _bFloat16Weight = _model.Classifier.to(ScalarType.BFloat16).DetachFromDisposeScope();
        else if (_isStale) _bFloat16Weight.copy_(_model.Classifier);
        _isStale = false;
        return _bFloat16Weight;
    }

    private Tensor Buffer(ScalarType type)
    {
        if (_buffer is not null && _buffer.dtype == type) return _buffer;
        _buffer?.Dispose();
        return _buffer = zeros(_rows, _model.Configuration.VocabSize, dtype: type, device: _model.Device).DetachFromDisposeScope();
    }

    private unsafe void Statistics(Tensor logits, long[] labels, int start, int rows, float? scale)
    {
        if (logits.device_type != DeviceType.CPU)
        {
            ComposedStatistics(logits, labels, start, rows, scale);
            return;
        }
        var classes = _model.Configuration.VocabSize;
        fixed (long* label = &labels[start])
        fixed (float* loss = &_losses[start])
        fixed (byte* correct = &_correct[start])
        {
            var address = CpuMemory.Address(logits);
            if (InBFloat16) SoftmaxKernel.Run((ushort*)address, rows, classes, label, loss, correct, scale);
            else SoftmaxKernel.Run((float*)address, rows, classes, label, loss, correct, scale);
        }
    }

    /// <summary>The kernel's twin in torch operators, for other devices and for tests.</summary>
    internal void ComposedStatistics(Tensor logits, long[] labels, int start, int rows, float? scale)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var label = tensor(labels.AsSpan(start, rows).ToArray(), device: logits.device);
        var present = label.ge(0);
        var index = label.clamp_min(0).unsqueeze(1);
        var scores = logits.to(ScalarType.Float32);
        var normaliser = scores.logsumexp(1, keepdim: true);
        var losses = (normaliser - scores.gather(1, index)).squeeze(1);
        var correct = scores.argmax(1).eq(label);
        losses.masked_fill(present.logical_not(), float.NaN).cpu().data<float>().CopyTo(_losses, start);
        correct.logical_and(present).to(ScalarType.Byte).cpu().data<byte>().CopyTo(_correct, start);
        if (scale is not { } factor) return;
        var gradient = (scores - normaliser).exp_();
        gradient.scatter_add_(1, index, full_like(index, -1, dtype: ScalarType.Float32));
        logits.copy_(gradient.mul_(present.to(ScalarType.Float32).mul_(factor).unsqueeze(1)));
    }

    private CrossEntropyTotals Total(int count, long[] labels)
    {
        double sum = 0;
        long labelled = 0, correct = 0;
        for (var i = 0; i < count; i++)
        {
            if (labels[i] < 0) continue;
            sum += _losses[i];
            labelled++;
            correct += _correct[i];
        }
        return new CrossEntropyTotals(sum, correct, labelled);
    }
}

/// <summary>Sums over labelled rows.</summary>
/// <param name="LossSum">Σ loss in nats, float64.</param>
/// <param name="Correct">Rows whose label had the largest score.</param>
/// <param name="Count">Labelled rows.</param>
internal readonly record struct CrossEntropyTotals(double LossSum, long Correct, long Count)
{
    /// <summary>Loss per labelled row.</summary>
    public double MeanLoss => LossSum / Count;
}
