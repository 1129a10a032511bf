using NcService.Core.Models;
using NcService.Core.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Core.Training;

/// <summary>
/// Next-token cross-entropy and its gradients without a table of [tokens × vocabulary]: a slice of tokens at a time, and no autograd over the vocabulary.
/// How a slice is done depends on what the device multiplies fastest. One instance keeps its buffers between calls and belongs to one thread.
/// </summary>
internal sealed class SlicedCrossEntropy : IDisposable
{
    private const long MostSliceElements = 1 << 25;
    private const int LeastRows = 64;
    private const int MostRows = 512;

    private readonly GptNeo _model;
    private (Precision Precision, bool Tiled, ISliceCrossEntropy Head)? _slice;
    private float[] _losses = [];
    private byte[] _correct = [];

    /// <summary>The head of a model.</summary>
    /// <param name="model">Its classifier is used; its precision decides on float32 or bfloat16.</param>
    /// <param name="sliceRows">Tokens per slice; null chooses by the vocabulary.</param>
    public SlicedCrossEntropy(GptNeo model, int? sliceRows = null)
    {
        _model = model;
        Rows = sliceRows ?? RowsFor(model.Configuration.VocabSize);
    }

    /// <summary>Tokens per slice.</summary>
    public int Rows { get; }

    /// <summary>Tokens per slice for a vocabulary.</summary>
    public static int RowsFor(int vocabulary) => (int)Math.Clamp(MostSliceElements / vocabulary, LeastRows, MostRows) / LeastRows * LeastRows;

    /// <summary>Losses of context embeddings against labels, no gradient.</summary>
    /// <param name="hidden">[n, d] float32.</param>
    /// <param name="labels">[n]; negative: the row has no label.</param>
    public CrossEntropyTotals Evaluate(Tensor hidden, long[] labels) => Run(labels, (slice, start, rows) =>
        slice.Evaluate(hidden.narrow(0, start, rows), labels.AsSpan(start, rows), _losses.AsSpan(start, rows), _correct.AsSpan(start, rows)));

    /// <summary>The same, with the gradient of the <b>mean</b> loss.</summary>
    /// <param name="hidden">[n, d] float32, no autograd history.</param>
    /// <param name="labels">[n]; negative: the row has no label and no gradient.</param>
    /// <param name="hiddenGradient">[n, d] float32, overwritten.</param>
    /// <param name="weightGradient">[K, d] float32, added to.</param>
    /// <param name="meanOver">Labelled rows that the mean is over, where these are a part of them only; null counts these.</param>
    public CrossEntropyTotals Backward(Tensor hidden, long[] labels, Tensor hiddenGradient, Tensor weightGradient, long? meanOver = null)
    {
        var labelled = meanOver ?? labels.LongCount(label => label >= 0);
        var scale = labelled == 0 ? 0 : 1f / labelled;
        return Run(labels, (slice, start, rows) => slice.Backward(
            hidden.narrow(0, start, rows), labels.AsSpan(start, rows), _losses.AsSpan(start, rows), _correct.AsSpan(start, rows), scale,
            hiddenGradient.narrow(0, start, rows), weightGradient));
    }

    /// <summary>The loss of each row of the last call, [n]; NaN where it had no label.</summary>
    public ReadOnlySpan<float> RowLosses(int count) => _losses.AsSpan(0, count);

    /// <summary>The classifier changed: copies of it are stale.</summary>
    public void WeightsChanged() => _slice?.Head.WeightsChanged();

    /// <inheritdoc/>
    public void Dispose() => _slice?.Head.Dispose();

    private CrossEntropyTotals Run(long[] labels, Action<ISliceCrossEntropy, int, int> work)
    {
        var count = labels.Length;
        if (_losses.Length < count) (_losses, _correct) = (new float[count], new byte[count]);
        using var noGrad = no_grad();
        var slice = Slice();
        for (var start = 0; start < count; start += Rows)
        {
            using var scope = NewDisposeScope();
            work(slice, start, Math.Min(Rows, count - start));
        }
        return Total(count, labels);
    }

    private ISliceCrossEntropy Slice()
    {
        var tiled = _model.Device.type == DeviceType.CPU && !_model.UsesBFloat16Products;
        if (_slice is { } slice && slice.Precision == _model.Precision && slice.Tiled == tiled) return slice.Head;
        _slice?.Head.Dispose();
        ISliceCrossEntropy head = (tiled, _model.Precision) switch
        {
            (true, Precision.BFloat16) => new TiledCrossEntropy<BFloat16Element>(_model, Rows),
            (true, _) => new TiledCrossEntropy<Float32Element>(_model, Rows),
            _ => new WholeRowCrossEntropy(_model, Rows),
        };
        _slice = (_model.Precision, tiled, head);
        return head;
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
