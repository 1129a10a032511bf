using System.Text.Json;
using NcService.Core;

namespace NcService.Cli;

/// <summary>Embeddings with labels and a classifier, as <c>ncctl measure</c> reads them from JSON.</summary>
internal sealed class CaseFile
{
    private readonly JsonElement _root;
    private readonly string _path;

    private CaseFile(JsonElement root, string path)
    {
        _root = root;
        _path = path;
        if (root.ValueKind != JsonValueKind.Object) throw new InputException($"{path} must hold one JSON object");
        ClassCount = Dimension("K");
        EmbeddingDimension = Dimension("d");
        (Features, Labels) = Samples("features", "labels") ?? throw Missing("features");
        ValidationSamples = Samples("validation_features", "validation_labels");
        Classifier = _root.TryGetProperty("classifier", out _) ? Matrix("classifier", ClassCount) : null;
        OutOfDistributionFeatures = _root.TryGetProperty("ood_features", out _) ? Matrix("ood_features", null) : null;
    }

    /// <summary>K.</summary>
    public int ClassCount { get; }

    /// <summary>d.</summary>
    public int EmbeddingDimension { get; }

    /// <summary>h of the training samples, [N, d].</summary>
    public double[,] Features { get; }

    /// <summary>Their classes, [N].</summary>
    public long[] Labels { get; }

    /// <summary>Validation samples [M, d] and classes [M], if the case has them.</summary>
    public (double[,] Features, long[] Labels)? ValidationSamples { get; }

    /// <summary>W [K, d], if the case has it.</summary>
    public double[,]? Classifier { get; }

    /// <summary>Embeddings of another corpus [·, d], if the case has them.</summary>
    public double[,]? OutOfDistributionFeatures { get; }

    public static CaseFile Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream);
            return new CaseFile(document.RootElement, path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read {path}: {fault.Message}", fault);
        }
        catch (JsonException fault)
        {
            throw new InputException($"{path} is not JSON: {fault.Message}", fault);
        }
    }

    private int Dimension(string name) =>
        _root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number > 0
            ? number
            : throw new InputException($"{_path}: '{name}' must be a whole number above 0");

    private (double[,] Features, long[] Labels)? Samples(string features, string labels)
    {
        if (!_root.TryGetProperty(features, out _)) return null;
        var matrix = Matrix(features, null);
        if (!_root.TryGetProperty(labels, out var list)) throw Missing(labels);
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != matrix.GetLength(0))
            throw new InputException($"{_path}: '{labels}' must be an array of {matrix.GetLength(0)} class ids, one for each row of '{features}'");
        var ids = new long[list.GetArrayLength()];
        var i = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var id) || id < 0 || id >= ClassCount)
                throw new InputException($"{_path}: {labels}[{i}] is {item.GetRawText()}; a class id is a whole number from 0 to {ClassCount - 1}");
            ids[i++] = id;
        }
        return (matrix, ids);
    }

    private double[,] Matrix(string name, int? rows)
    {
        var value = _root.GetProperty(name);
        if (value.ValueKind != JsonValueKind.Array || (rows is { } wanted && value.GetArrayLength() != wanted))
            throw new InputException($"{_path}: '{name}' must be an array of {(rows is null ? "" : $"{rows} ")}rows of {EmbeddingDimension} numbers");
        var matrix = new double[value.GetArrayLength(), EmbeddingDimension];
        var i = 0;
        foreach (var row in value.EnumerateArray())
        {
            if (row.ValueKind != JsonValueKind.Array || row.GetArrayLength() != EmbeddingDimension)
                throw new InputException($"{_path}: {name}[{i}] must be a row of d = {EmbeddingDimension} numbers");
            var j = 0;
            foreach (var item in row.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.Number || !item.TryGetDouble(out var number) || !double.IsFinite(number))
                    throw new InputException($"{_path}: {name}[{i}][{j}] is {item.GetRawText()}, which is no finite number");
                matrix[i, j++] = number;
            }
            i++;
        }
        return matrix;
    }

    private InputException Missing(string name) => new($"{_path}: '{name}' is missing");
}
