using NcService.Core.Models;
using NcService.Core.Models.Kernels;
using static TorchSharp.torch;

namespace NcService.Core.Training;

/// <summary>
/// Cross-entropy of a slice of tokens on a CPU whose fastest products are float32's: the vocabulary goes by in tiles, so that logits are float32 only while
/// they are in cache. What is kept of the slice, [rows, K], are exponentials in the type of <typeparamref name="TElement"/>.
/// </summary>
internal sealed unsafe class TiledCrossEntropy<TElement> : ISliceCrossEntropy
    where TElement : struct, IElement
{
    private readonly GptNeo _model;
    private readonly int _rows;
    private readonly int _vocabulary;
    private readonly Models.Buffer _tile;
    private readonly float[] _largest;
    private readonly float[] _sums;
    private readonly float[] _targets;
    private readonly bool[] _leads;
    private readonly float[] _labelGradients;
    private Models.Buffer? _exponentials;

    public TiledCrossEntropy(GptNeo model, int rows)
    {
        (_model, _rows, _vocabulary) = (model, rows, model.Configuration.VocabSize);
        using var noGrad = no_grad();
        _tile = new Models.Buffer(ScalarType.Float32, (long)rows * Math.Min(TiledCrossEntropy.TileColumns, _vocabulary));
        (_largest, _sums) = (new float[Tiles * rows], new float[Tiles * rows]);
        (_targets, _leads, _labelGradients) = (new float[rows], new bool[rows], new float[rows]);
    }

    private int Tiles => (_vocabulary + TiledCrossEntropy.TileColumns - 1) / TiledCrossEntropy.TileColumns;

    /// <inheritdoc/>
    public void Evaluate(Tensor hidden, ReadOnlySpan<long> labels, Span<float> losses, Span<byte> correct)
    {
        Forward(hidden, labels, keep: false);
        Combine(labels, losses, correct, scale: 0);
    }

    /// <inheritdoc/>
    public void Backward(
        Tensor hidden, ReadOnlySpan<long> labels, Span<float> losses, Span<byte> correct, float scale, Tensor hiddenGradient, Tensor weightGradient)
    {
        Forward(hidden, labels, keep: true);
        Combine(labels, losses, correct, scale);
        var rows = labels.Length;
        fixed (float* factors = _largest)
        {
            for (var tile = 0; tile < Tiles; tile++)
            {
                var (first, columns) = Columns(tile);
                SoftmaxTileKernel.Backward<TElement>(_exponentials!.Address, first, _vocabulary, rows, columns, factors + tile * _rows, _tile.Pointer);
                for (var row = 0; row < rows; row++)
                {
                    if (labels[row] >= first && labels[row] < first + columns) _tile.Pointer[(long)row * columns + labels[row] - first] = _labelGradients[row];
                }
                using var scope = NewDisposeScope();
                var gradient = TileOf(rows, columns);
                hiddenGradient.addmm_(gradient, _model.Classifier.narrow(0, first, columns), beta: tile == 0 ? 0 : 1, alpha: 1);
                weightGradient.narrow(0, first, columns).addmm_(gradient.t(), hidden);
            }
        }
    }

    /// <inheritdoc/>
    public void WeightsChanged()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tile.Dispose();
        _exponentials?.Dispose();
    }

    private void Forward(Tensor hidden, ReadOnlySpan<long> labels, bool keep)
    {
        var rows = labels.Length;
        if (keep) _exponentials ??= new Models.Buffer(TElement.Type, _rows, _vocabulary);
        fixed (float* largest = _largest, sums = _sums)
        {
            for (var tile = 0; tile < Tiles; tile++)
            {
                var (first, columns) = Columns(tile);
                using var scope = NewDisposeScope();
                TileOf(rows, columns).addmm_(hidden, _model.Classifier.narrow(0, first, columns).t(), beta: 0, alpha: 1);
                var start = tile * _rows;
                SoftmaxTileKernel.Forward<TElement>(
                    _tile.Pointer, keep ? _exponentials!.Address : null, first, _vocabulary, rows, columns, largest + start, sums + start);
                for (var row = 0; row < rows; row++)
                {
                    if (labels[row] >= first && labels[row] < first + columns) ReadTarget(row, (int)(labels[row] - first), columns, largest[start + row]);
                }
            }
        }
    }

    /// <summary>The label's logit, and whether it is the first of the tile's largest.</summary>
    private void ReadTarget(int row, int column, int columns, float largest)
    {
        var logits = new ReadOnlySpan<float>(_tile.Pointer + (long)row * columns, columns);
        _targets[row] = logits[column];
        _leads[row] = logits[column] == largest && logits[..column].IndexOf(largest) < 0;
    }

    /// <summary>Losses from all tiles' statistics; the tiles' largest logits become the factors of the backward sweep.</summary>
    private void Combine(ReadOnlySpan<long> labels, Span<float> losses, Span<byte> correct, float scale)
    {
        for (var row = 0; row < labels.Length; row++)
        {
            var leader = 0;
            for (var tile = 1; tile < Tiles; tile++)
            {
                if (_largest[tile * _rows + row] > _largest[leader * _rows + row]) leader = tile;
            }
            var largest = _largest[leader * _rows + row];
            double sum = 0;
            for (var tile = 0; tile < Tiles; tile++) sum += (double)_sums[tile * _rows + row] * MathF.Exp(_largest[tile * _rows + row] - largest);
            var labelled = labels[row] >= 0;
            losses[row] = labelled ? (float)(Math.Log(sum) + (largest - _targets[row])) : float.NaN;
            correct[row] = (byte)(labelled && _leads[row] && labels[row] / TiledCrossEntropy.TileColumns == leader ? 1 : 0);
            var factor = labelled ? scale / sum : 0;
            // The label's own gradient from float32: p − 1 near convergence must not cancel in bfloat16.
            _labelGradients[row] = labelled ? (float)(Math.Exp(_targets[row] - largest) * factor - scale) : 0;
            for (var tile = 0; tile < Tiles; tile++)
                _largest[tile * _rows + row] = (float)(factor * MathF.Exp(_largest[tile * _rows + row] - largest));
        }
    }

    private (int First, int Columns) Columns(int tile) => (tile * TiledCrossEntropy.TileColumns, Math.Min(TiledCrossEntropy.TileColumns, _vocabulary - tile * TiledCrossEntropy.TileColumns));

    private Tensor TileOf(int rows, int columns) => _tile.Tensor.narrow(0, 0, (long)rows * columns).view(rows, columns);
}

/// <summary>What all of them share.</summary>
internal static class TiledCrossEntropy
{
    /// <summary>Columns of a tile: few enough for its logits to stay in cache, enough for its products to run at speed.</summary>
    public const int TileColumns = 2048;
}

/// <summary>Cross-entropy of one slice of tokens.</summary>
internal interface ISliceCrossEntropy : IDisposable
{
    /// <summary>Losses [rows] (NaN where the label is negative), and 1 where the label has the first of the largest scores.</summary>
    void Evaluate(Tensor hidden, ReadOnlySpan<long> labels, Span<float> losses, Span<byte> correct);

    /// <summary>The same, overwriting the gradient by the hidden states [rows, d] and adding that by the classifier [K, d], both times <paramref name="scale"/>.</summary>
    void Backward(Tensor hidden, ReadOnlySpan<long> labels, Span<float> losses, Span<byte> correct, float scale, Tensor hiddenGradient, Tensor weightGradient);

    /// <summary>The classifier changed.</summary>
    void WeightsChanged();
}
