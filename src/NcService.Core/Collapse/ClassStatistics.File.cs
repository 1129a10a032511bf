using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

public sealed partial class ClassStatistics
{
    private const string FormatName = "ncservice-class-statistics";
    private const string FormatVersion = "1";

    /// <summary>
    /// Writes a safetensors file: <c>counts</c> [K] I64, <c>means</c> [K, d] F64, <c>within_sums</c> [K] F64, <c>within_covariance_sum</c> [d, d] F64
    /// and, where the scatter matrix leaves classes out, <c>covariance_classes</c> [K] BOOL. The file appears whole or not at all.
    /// </summary>
    public void Save(string path)
    {
        using var scope = NewDisposeScope();
        CheckedTensors.Write(path, [.. Parts()], Metadata());
    }

    /// <summary>Reads what <see cref="Save"/> wrote, or the class statistics of an analysis (<see cref="CollapseInputs.Save"/>).</summary>
    /// <exception cref="InputException">The file is absent, broken or something else; the message says which part is wrong.</exception>
    public static ClassStatistics Load(string path)
    {
        using var content = CheckedTensors.Read(path);
        return From(content, path);
    }

    /// <summary>The tensors of a file; the current dispose scope owns those that are made for it.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> Parts()
    {
        yield return new("counts", Counts);
        yield return new("means", Means);
        yield return new("within_sums", WithinSums);
        yield return new("within_covariance_sum", WithinCovarianceSum);
        if (CovarianceClasses is not null) yield return new("covariance_classes", tensor(CovarianceClasses));
    }

    /// <summary>The text pairs of a file.</summary>
    internal Dictionary<string, string> Metadata() => new(StringComparer.Ordinal)
    {
        ["format"] = FormatName,
        ["version"] = FormatVersion,
        ["precision"] = Precision.ToString(),
    };

    /// <summary>Statistics that share the memory of a file's tensors, which may be disposed afterwards.</summary>
    /// <exception cref="InputException">A part is missing, has another shape, or holds what no statistics hold.</exception>
    internal static ClassStatistics From(SafeTensorsContent content, string path)
    {
        if (content.Metadata.GetValueOrDefault("format") != FormatName || content.Metadata.GetValueOrDefault("version") != FormatVersion)
            throw new InputException($"{path} is no file of class statistics in format version {FormatVersion}.");
        if (!Enum.TryParse<FeaturePrecision>(content.Metadata.GetValueOrDefault("precision"), out var precision) || !Enum.IsDefined(precision))
            throw new InputException($"{path}: the metadata has no precision of embeddings ({string.Join(" or ", Enum.GetNames<FeaturePrecision>())}).");
        var counts = Part(content, path, "counts", ScalarType.Int64, [null]);
        long? classes = counts.shape[0];
        var means = Part(content, path, "means", ScalarType.Float64, [classes, null]);
        long? dimension = means.shape[1];
        if (classes < 1 || dimension < 1) throw new InputException($"{path}: means are [{classes}, {dimension}]; both must be at least 1.");
        var within = Part(content, path, "within_sums", ScalarType.Float64, [classes]);
        var covariance = Part(content, path, "within_covariance_sum", ScalarType.Float64, [dimension, dimension]);
        var covarianceClasses = !content.Tensors.ContainsKey("covariance_classes") ? null
            : Array.ConvertAll(TensorMemory.ToLongs(Part(content, path, "covariance_classes", ScalarType.Bool, [classes])), flag => flag != 0);
        CheckValues(path, counts, means, within, covariance);
        Tensor Kept(Tensor part) => part.alias().DetachFromDisposeScope();
        return new ClassStatistics(Kept(counts), Kept(means), Kept(within), Kept(covariance), precision, covarianceClasses);
    }

    /// <summary>A tensor of a file, of that type and shape (null: any size).</summary>
    internal static Tensor Part(SafeTensorsContent content, string path, string name, ScalarType type, long?[] shape)
    {
        if (!content.Tensors.TryGetValue(name, out var part)) throw new InputException($"{path}: the tensor {name} is missing.");
        var fits = part.dtype == type && part.shape.Length == shape.Length && !shape.Where((size, i) => size is not null && size != part.shape[i]).Any();
        return fits ? part : throw new InputException(
            $"{path}: {name} must be {type} [{string.Join(", ", shape.Select(size => size?.ToString() ?? "any"))}], not {part.dtype} [{string.Join(", ", part.shape)}].");
    }

    private static void CheckValues(string path, Tensor counts, Tensor means, Tensor within, Tensor covariance)
    {
        if (TensorMemory.ToLongs(counts).Any(count => count < 0)) throw new InputException($"{path}: a count is negative.");
        using var withinRow = within.unsqueeze(0);
        foreach (var (matrix, name) in new[] { (means, "means"), (withinRow, "within_sums"), (covariance, "numbers of within_covariance_sum") })
        {
            try
            {
                BatchChecks.Finite(matrix, name);
            }
            catch (InputException exception)
            {
                throw new InputException($"{path}: {exception.Message}", exception);
            }
        }
        if (TensorMemory.ToDoubles(within).Any(sum => sum < 0)) throw new InputException($"{path}: a sum of squares is negative.");
    }
}
