using NcService.Core.Models;
using NcService.Core.Training;
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
        var tensors = new List<KeyValuePair<string, Tensor>>
        {
            new("counts", Counts), new("means", Means), new("within_sums", WithinSums), new("within_covariance_sum", WithinCovarianceSum),
        };
        using var covarianceClasses = CovarianceClasses is null ? null : tensor(CovarianceClasses);
        if (covarianceClasses is not null) tensors.Add(new("covariance_classes", covarianceClasses));
        var aside = path + ".tmp";
        SafeTensors.Write(aside, tensors, new Dictionary<string, string>
        {
            ["format"] = FormatName, ["version"] = FormatVersion, ["precision"] = Precision.ToString(),
        });
        DurableFile.Publish(aside, path);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InputException">The file is absent, broken or something else; the message says which part is wrong.</exception>
    public static ClassStatistics Load(string path)
    {
        // The tensors pass to the statistics; only a failure disposes them here.
        var content = SafeTensors.Read(path);
        try
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
            bool[]? covarianceClasses = null;
            if (content.Tensors.ContainsKey("covariance_classes"))
            {
                using var flags = Part(content, path, "covariance_classes", ScalarType.Bool, [classes]);
                covarianceClasses = Array.ConvertAll(TensorMemory.ToLongs(flags), flag => flag != 0);
            }
            CheckValues(path, counts, means, within, covariance);
            return new ClassStatistics(counts, means, within, covariance, precision, covarianceClasses);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    private static Tensor Part(SafeTensorsContent content, string path, string name, ScalarType type, long?[] shape)
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
