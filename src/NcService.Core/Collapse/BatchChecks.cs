using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>Checks of a batch of embeddings and labels; each message names the place of the first fault.</summary>
internal static class BatchChecks
{
    private const int RowsAtOnce = 4096;

    /// <summary>Checks shapes and label range and returns the labels.</summary>
    public static long[] Labels(Tensor features, Tensor labels, int classCount, int dimension, long samplesBefore)
    {
        Features(features, dimension);
        if (labels.dim() != 1 || labels.shape[0] != features.shape[0])
            throw new InputException($"There must be one label per row of features: labels [{string.Join(", ", labels.shape)}] for features [{string.Join(", ", features.shape)}].");
        if (labels.is_floating_point()) throw new InputException($"Labels must be integers, not {labels.dtype}.");
        var values = TensorMemory.ToLongs(labels);
        for (var row = 0; row < values.Length; row++)
        {
            if (values[row] < 0 || values[row] >= classCount)
                throw new InputException($"Sample {samplesBefore + row} has label {values[row]}; labels must be 0 to {classCount - 1}.");
        }
        return values;
    }

    /// <summary>Checks the shape and type of embeddings.</summary>
    public static void Features(Tensor features, int dimension)
    {
        if (features.dim() != 2 || features.shape[1] != dimension)
            throw new InputException($"Features must be [n, {dimension}], not [{string.Join(", ", features.shape)}].");
        if (!features.is_floating_point()) throw new InputException($"Features must be floating-point numbers, not {features.dtype}.");
    }

    /// <summary>Checks the shape and the numbers of a classifier.</summary>
    public static void Classifier(Tensor classifier, int classCount, int dimension)
    {
        if (classifier.dim() != 2 || classifier.shape[0] != classCount || classifier.shape[1] != dimension)
            throw new InputException($"The classifier must be [{classCount}, {dimension}], not [{string.Join(", ", classifier.shape)}].");
        Finite(classifier, "classifier's weights");
    }

    /// <summary>Describes the first NaN or infinity of a matrix that is known to hold one, or to overflow when squared.</summary>
    public static InputException NotFinite(Tensor matrix, string what, long rowsBefore)
    {
        var values = TensorMemory.ToDoubles(matrix);
        var columns = (int)matrix.shape[1];
        var index = Array.FindIndex(values, value => !double.IsFinite(value));
        return index < 0
            ? new InputException($"The {what} are too large: their squares leave the range of 64-bit numbers.")
            : new InputException($"The {what} hold {values[index]} at row {rowsBefore + (index / columns)}, column {index % columns}; all must be finite.");
    }

    /// <summary>Checks a matrix, block by block.</summary>
    public static void Finite(Tensor matrix, string what)
    {
        using var noGradient = no_grad();
        for (long first = 0; first < matrix.shape[0]; first += RowsAtOnce)
        {
            using var scope = NewDisposeScope();
            var block = matrix.detach().narrow(0, first, Math.Min(RowsAtOnce, matrix.shape[0] - first)).to(ScalarType.Float64);
            if (!double.IsFinite(block.square().sum().item<double>())) throw NotFinite(block, what, first);
        }
    }
}
