using NcService.Core.Models.Kernels;
using static TorchSharp.torch;

namespace NcService.Core.Training;

/// <summary>What one thread needs for one tile of the vocabulary.</summary>
internal sealed unsafe class TileWorkspace : IDisposable
{
    /// <summary>
    /// A row of scores is this much longer than the block: else all rows of a column would fall into the same few lines of the cache, and the last block of a product
    /// may reach beyond the rows.
    /// </summary>
    public const int Gap = 16;

    private readonly Models.Buffer _memory;

    /// <summary>Memory for tiles of a shape.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="width">d.</param>
    public TileWorkspace(TileShape shape, int width)
    {
        Stride = shape.Rows + Gap;
        long scores = (long)shape.Classes * Stride, classifier = (long)shape.Classes * Panels.Padded(width);
        _memory = new Models.Buffer(ScalarType.Float32, scores + 2 * classifier + (long)ProductKernel.Rows * width);
        Scores = _memory.Pointer;
        Classifier = Scores + scores;
        ClassifierGradient = Classifier + classifier;
        Tail = ClassifierGradient + classifier;
    }

    /// <summary>Floats from class to class of the scores.</summary>
    public int Stride { get; }

    /// <summary>Logits or their gradients, [classes, rows].</summary>
    public float* Scores { get; }

    /// <summary>The tile of the classifier as panels, [⌈d / 32⌉, classes, 32].</summary>
    public float* Classifier { get; }

    /// <summary>Its gradient as panels, [⌈d / 32⌉, classes, 32].</summary>
    public float* ClassifierGradient { get; }

    /// <summary>The classifier's last rows where they are fewer than a block of the product, [12, d].</summary>
    public float* Tail { get; }

    /// <summary>Bytes that it takes.</summary>
    public static long Bytes(TileShape shape, int width) => (long)shape.Classes * (shape.Rows + Gap + 2 * Panels.Padded(width)) * sizeof(float);

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
