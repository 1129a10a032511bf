using System.Collections.Concurrent;
using NcService.Core.Models;
using NcService.Core.Models.Kernels;
using static TorchSharp.torch;

namespace NcService.Core.Training;

/// <summary>
/// Cross-entropy of a slice of tokens on a CPU whose fastest products are float32's: the vocabulary goes by in tiles, and each thread makes a tile's products where
/// their results are used, so that logits and their gradients are float32 only in its own cache. What is kept of the slice are exponentials, [K, rows], in the
/// type of <typeparamref name="TElement"/>. Results do not depend on the number of threads.
/// </summary>
internal sealed unsafe class TiledCrossEntropy<TElement> : ISliceCrossEntropy
    where TElement : struct, IElement
{
    private readonly GptNeo _model;
    private readonly int _vocabulary;
    private readonly int _width;
    private readonly TileShape _shape;
    private readonly int _tiles;
    private readonly int _groups;
    private readonly ConcurrentBag<TileWorkspace> _workspaces = [];
    private readonly Models.Buffer _transposed;
    private readonly Models.Buffer _panels;
    private readonly Models.Buffer _largest;
    private readonly Models.Buffer _sums;
    private readonly float[] _targets;
    private readonly bool[] _leads;
    private readonly float[] _labelGradients;
    private Models.Buffer? _exponentials;
    private Models.Buffer? _hiddenGradients;

    public TiledCrossEntropy(GptNeo model, int rows)
    {
        (_model, _vocabulary, _width) = (model, model.Configuration.VocabSize, model.Configuration.HiddenSize);
        _shape = TileShape.For(_width, _vocabulary);
        _tiles = _shape.Tiles(_vocabulary);
        _groups = Math.Min(TiledCrossEntropy.Groups, _tiles);
        Rows = Panels.Padded(rows);
        using var noGrad = no_grad();
        _transposed = new Models.Buffer(ScalarType.Float32, Rows, _width);
        _panels = new Models.Buffer(ScalarType.Float32, Rows, Panels.Padded(_width));
        (_largest, _sums) = (new Models.Buffer(ScalarType.Float32, _tiles, Rows), new Models.Buffer(ScalarType.Float32, _tiles, Rows));
        (_targets, _leads, _labelGradients) = (new float[rows], new bool[rows], new float[rows]);
    }

    /// <summary>Tokens of a slice and what fills them up to whole panels.</summary>
    private int Rows { get; }

    // The last block of a product may reach this far beyond them, with zeros.
    private int PanelRows => Rows + TileWorkspace.Gap;

    /// <inheritdoc/>
    public void Evaluate(Tensor hidden, ReadOnlySpan<long> labels, Span<float> losses, Span<byte> correct)
    {
        var slice = labels.ToArray();
        Forward(hidden, slice, keep: false);
        Combine(slice, losses, correct, scale: 0);
    }

    /// <inheritdoc/>
    public void Backward(
        Tensor hidden, ReadOnlySpan<long> labels, Span<float> losses, Span<byte> correct, float scale, Tensor hiddenGradient, Tensor weightGradient)
    {
        var slice = labels.ToArray();
        Forward(hidden, slice, keep: true);
        Combine(slice, losses, correct, scale);
        Panels.Copy(CpuMemory.Floats(hidden).Pointer, slice.Length, _width, _panels.Pointer, Panels.Padded(slice.Length));
        _hiddenGradients ??= new Models.Buffer(ScalarType.Float32, _groups, Panels.Padded(_width), PanelRows);
        var gradient = CpuMemory.Floats(weightGradient).Pointer;
        CpuParallel.For(_groups, group => WithWorkspace(workspace =>
        {
            var sums = _hiddenGradients.Pointer + group * PanelRows * Panels.Padded(_width);
            var (first, end) = (GroupStart(group), GroupStart(group + 1));
            for (var tile = first; tile < end; tile++) BackwardTile(workspace, tile, slice, gradient, sums, add: tile > first);
        }));
        AddGroups(CpuMemory.Floats(hiddenGradient).Pointer, slice.Length);
    }

    /// <inheritdoc/>
    public void WeightsChanged()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var workspace in _workspaces) workspace.Dispose();
        foreach (var buffer in (ReadOnlySpan<Models.Buffer?>)[_transposed, _panels, _largest, _sums, _exponentials, _hiddenGradients]) buffer?.Dispose();
    }

    private void Forward(Tensor hidden, long[] labels, bool keep)
    {
        if (keep) _exponentials ??= new Models.Buffer(TElement.Type, _vocabulary, Rows);
        Panels.CopyTransposed(CpuMemory.Floats(hidden).Pointer, labels.Length, _width, _transposed.Pointer);
        CpuParallel.For(_tiles, tile => WithWorkspace(workspace => ForwardTile(workspace, (int)tile, labels, keep)));
    }

    private void ForwardTile(TileWorkspace workspace, int tile, long[] labels, bool keep)
    {
        var (first, classes) = Classes(tile);
        var classifier = CpuMemory.Floats(_model.Classifier).Pointer + (long)first * _width;
        var rows = Panels.Padded(labels.Length);
        for (var block = 0; block < rows; block += _shape.Rows)
        {
            var count = Math.Min(_shape.Rows, rows - block);
            for (var panel = 0; panel < count; panel += Panels.Columns)
            {
                var hidden = _transposed.Pointer + (long)(block + panel) * _width;
                for (var row = 0; row < classes; row += ProductKernel.Rows)
                {
                    var left = classes - row >= ProductKernel.Rows ? classifier + (long)row * _width : TailOf(workspace, classifier, row, classes);
                    ProductKernel.Run(left, _width, 1, hidden, _width, workspace.Scores + (long)row * workspace.Stride + panel, workspace.Stride, add: false);
                }
            }
            var statistics = (long)tile * Rows + block;
            SoftmaxTileKernel.Forward<TElement>(
                workspace.Scores, workspace.Stride, classes, count, keep ? _exponentials!.Address : null, Exponentials(first, classes, rows, block),
                _largest.Pointer + statistics, _sums.Pointer + statistics);
            for (var row = block; row < Math.Min(block + count, labels.Length); row++)
            {
                if (labels[row] >= first && labels[row] < first + classes)
                    ReadTarget(row, workspace.Scores + (row - block), workspace.Stride, (int)(labels[row] - first), _largest.Pointer[statistics + row - block]);
            }
        }
    }

    private void BackwardTile(TileWorkspace workspace, int tile, long[] labels, float* weightGradient, float* hiddenGradients, bool add)
    {
        var (first, classes) = Classes(tile);
        var (rows, padded, stride) = (Panels.Padded(labels.Length), Panels.Padded(_width), workspace.Stride);
        Panels.Copy(CpuMemory.Floats(_model.Classifier).Pointer + (long)first * _width, classes, _width, workspace.Classifier, classes);
        for (var block = 0; block < rows; block += _shape.Rows)
        {
            var count = Math.Min(_shape.Rows, rows - block);
            SoftmaxTileKernel.Backward<TElement>(
                _exponentials!.Address, Exponentials(first, classes, rows, block), classes, count, _largest.Pointer + (long)tile * Rows + block, workspace.Scores, stride);
            for (var row = block; row < Math.Min(block + count, labels.Length); row++)
            {
                if (labels[row] >= first && labels[row] < first + classes) workspace.Scores[(labels[row] - first) * stride + row - block] = _labelGradients[row];
            }
            for (var panel = 0; panel < padded; panel += Panels.Columns)
            {
                var classifier = workspace.Classifier + (long)panel * classes;
                var sums = hiddenGradients + (long)panel * PanelRows + (long)block * Panels.Columns;
                for (var row = 0; row < count; row += ProductKernel.Rows)
                    ProductKernel.Run(workspace.Scores + row, 1, stride, classifier, classes, sums + (long)row * Panels.Columns, Panels.Columns, add);
                var hidden = _panels.Pointer + (long)panel * rows + (long)block * Panels.Columns;
                var gradients = workspace.ClassifierGradient + (long)panel * _shape.Classes;
                for (var row = 0; row < classes; row += ProductKernel.Rows)
                    ProductKernel.Run(workspace.Scores + (long)row * stride, stride, 1, hidden, count, gradients + (long)row * Panels.Columns, Panels.Columns, add: block > 0);
            }
        }
        Panels.AddTo(workspace.ClassifierGradient, _shape.Classes, weightGradient + (long)first * _width, classes, _width);
    }

    /// <summary>The label's logit, and whether it is the first of the tile's largest.</summary>
    private void ReadTarget(int row, float* logits, int stride, int index, float largest)
    {
        _targets[row] = logits[(long)index * stride];
        _leads[row] = _targets[row] == largest;
        for (var before = 0; _leads[row] && before < index; before++) _leads[row] = logits[(long)before * stride] != largest;
    }

    /// <summary>Losses from all tiles' statistics; the tiles' largest logits become the factors of the backward sweep.</summary>
    private void Combine(long[] labels, Span<float> losses, Span<byte> correct, float scale)
    {
        var (rowLosses, rowCorrect) = (new float[labels.Length], new byte[labels.Length]);
        CpuParallel.For(Panels.Padded(labels.Length) / Panels.Columns, block =>
        {
            for (var row = (int)block * Panels.Columns; row < ((int)block + 1) * Panels.Columns; row++)
            {
                // Rows that only fill up a panel have no label, and no gradient.
                var label = row < labels.Length ? labels[row] : -1;
                var (loss, leads) = CombineRow(row, label, scale);
                if (row < labels.Length) (rowLosses[row], rowCorrect[row]) = (loss, leads ? (byte)1 : (byte)0);
            }
        });
        rowLosses.CopyTo(losses);
        rowCorrect.CopyTo(correct);
    }

    private (float Loss, bool Correct) CombineRow(int row, long label, float scale)
    {
        float* largest = _largest.Pointer + row, sums = _sums.Pointer + row;
        var leader = 0;
        for (var tile = 1; tile < _tiles; tile++)
        {
            if (largest[(long)tile * Rows] > largest[(long)leader * Rows]) leader = tile;
        }
        var top = largest[(long)leader * Rows];
        double sum = 0;
        for (var tile = 0L; tile < _tiles; tile++) sum += (double)sums[tile * Rows] * MathF.Exp(largest[tile * Rows] - top);
        var factor = label >= 0 ? scale / sum : 0;
        for (var tile = 0L; tile < _tiles; tile++) largest[tile * Rows] = (float)(factor * MathF.Exp(largest[tile * Rows] - top));
        if (label < 0)
        {
            if (row < _labelGradients.Length) _labelGradients[row] = 0;
            return (float.NaN, false);
        }
        // The label's own gradient from float32: p − 1 near convergence must not cancel in bfloat16.
        _labelGradients[row] = (float)(Math.Exp(_targets[row] - top) * factor - scale);
        return ((float)(Math.Log(sum) + (top - _targets[row])), _leads[row] && label / _shape.Classes == leader);
    }

    private float* TailOf(TileWorkspace workspace, float* classifier, int row, int classes)
    {
        new Span<float>(workspace.Tail, ProductKernel.Rows * _width).Clear();
        new ReadOnlySpan<float>(classifier + (long)row * _width, (classes - row) * _width).CopyTo(new Span<float>(workspace.Tail, ProductKernel.Rows * _width));
        return workspace.Tail;
    }

    /// <summary>The groups' gradients by the hidden states, added in their order.</summary>
    private void AddGroups(float* target, int rows) => CpuParallel.For((rows + Panels.Columns - 1) / Panels.Columns, block =>
    {
        var (first, padded) = ((int)block * Panels.Columns, Panels.Padded(_width));
        var count = Math.Min(Panels.Columns, rows - first);
        var to = target + (long)first * _width;
        new Span<float>(to, count * _width).Clear();
        for (var group = 0L; group < _groups; group++)
        {
            if (GroupStart(group) == GroupStart(group + 1)) continue;
            Panels.AddTo(_hiddenGradients!.Pointer + group * PanelRows * padded + first * Panels.Columns, PanelRows, to, count, _width);
        }
    });

    /// <summary>A group's first tile. Later groups are smaller, so that threads end at about the same time.</summary>
    private int GroupStart(long group) => _tiles - (int)(_tiles * Math.Pow(1 - group / (double)_groups, 1.5));

    private void WithWorkspace(Action<TileWorkspace> work)
    {
        if (!_workspaces.TryTake(out var workspace)) workspace = new TileWorkspace(_shape, _width);
        work(workspace);
        _workspaces.Add(workspace);
    }

    private (int First, int Count) Classes(int tile) => (tile * _shape.Classes, Math.Min(_shape.Classes, _vocabulary - tile * _shape.Classes));

    // Tile after tile, and in each block after block, so that what is read together lies together.
    private static long Exponentials(int first, int classes, int rows, int block) => (long)first * rows + (long)block * classes;
}

/// <summary>What all of them share.</summary>
internal static class TiledCrossEntropy
{
    /// <summary>Parts of the vocabulary whose gradients by the hidden states are summed apart: as many threads as that can share a slice's backward pass.</summary>
    public const int Groups = 16;

    /// <summary>Bytes that it takes beside the exponentials.</summary>
    public static long Bytes(GptNeoConfiguration configuration, int rows)
    {
        var (shape, padded) = (TileShape.For(configuration.HiddenSize, configuration.VocabSize), Panels.Padded(configuration.HiddenSize));
        var tiles = shape.Tiles(configuration.VocabSize);
        return (2L * tiles + 2L * padded + (long)Math.Min(Groups, tiles) * padded) * (Panels.Padded(rows) + TileWorkspace.Gap) * sizeof(float)
            + get_num_threads() * TileWorkspace.Bytes(shape, configuration.HiddenSize);
    }
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
