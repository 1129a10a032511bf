using System.Text.Json;

namespace NcService.Core.Collapse;

/// <summary>
/// Embeddings, labels and a classifier as one JSON document: <c>K</c>, <c>d</c>, <c>N</c>, <c>features</c> [N][d], <c>labels</c> [N],
/// <c>validation_features</c>, <c>validation_labels</c>, <c>classifier</c> [K][d] and, where there are any, <c>ood_features</c>. N and the last four
/// may be missing; other keys are ignored.
/// </summary>
public sealed record CollapseCase
{
    /// <summary>K.</summary>
    public required int ClassCount { get; init; }

    /// <summary>d.</summary>
    public required int Dimension { get; init; }

    /// <summary>Training embeddings, row-major [N, d].</summary>
    public required double[] Features { get; init; }

    /// <summary>Their classes: [N].</summary>
    public required long[] Labels { get; init; }

    /// <summary>Validation embeddings, row-major; empty where there are none.</summary>
    public double[] ValidationFeatures { get; init; } = [];

    /// <summary>Their classes.</summary>
    public long[] ValidationLabels { get; init; } = [];

    /// <summary>W, row-major [K, d], or null.</summary>
    public double[]? Classifier { get; init; }

    /// <summary>Embeddings of another corpus, row-major, or null.</summary>
    public double[]? OutOfDistributionFeatures { get; init; }

    /// <summary>Reads a case from a file.</summary>
    /// <exception cref="InputException">The file cannot be read, or is no case; the message says which part and why.</exception>
    public static CollapseCase Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return Read(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new InputException($"{path} is not JSON: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {exception.Message}", exception);
        }
        catch (InputException exception)
        {
            throw new InputException($"{path}: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a case from a parsed document.</summary>
    /// <exception cref="InputException">A part is missing or has another shape.</exception>
    public static CollapseCase Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw new InputException($"A case must be a JSON object, not {Kind(root)}.");
        var classCount = Size(root, "K");
        var dimension = Size(root, "d");
        var features = Matrix(Required(root, "features"), "features", dimension);
        var labels = Integers(Required(root, "labels"), "labels");
        var samples = Optional(root, "N") is null ? features.Length / dimension : Size(root, "N");
        if (features.Length != samples * (long)dimension)
            throw new InputException($"\"features\" must have N = {samples} rows, not {features.Length / dimension}.");
        if (labels.Length != samples) throw new InputException($"\"labels\" must have N = {samples} entries, not {labels.Length}.");

        var validation = Optional(root, "validation_features") is { } rows ? Matrix(rows, "validation_features", dimension) : [];
        var validationLabels = Optional(root, "validation_labels") is { } ids ? Integers(ids, "validation_labels") : [];
        if (validation.Length != validationLabels.Length * (long)dimension)
        {
            throw new InputException(
                $"\"validation_labels\" must have one entry for each of the {validation.Length / dimension} rows of \"validation_features\", not {validationLabels.Length}.");
        }
        var classifier = Optional(root, "classifier") is { } weights ? Matrix(weights, "classifier", dimension) : null;
        if (classifier is not null && classifier.Length != classCount * (long)dimension)
            throw new InputException($"\"classifier\" must have K = {classCount} rows, not {classifier.Length / dimension}.");
        return new CollapseCase
        {
            ClassCount = classCount,
            Dimension = dimension,
            Features = features,
            Labels = labels,
            ValidationFeatures = validation,
            ValidationLabels = validationLabels,
            Classifier = classifier,
            OutOfDistributionFeatures = Optional(root, "ood_features") is { } other ? Matrix(other, "ood_features", dimension) : null,
        };
    }

    private static JsonElement Required(JsonElement root, string name) =>
        Optional(root, name) ?? throw new InputException($"\"{name}\" is missing; a case has K, d, N, features, labels, validation_features, validation_labels and classifier.");

    private static JsonElement? Optional(JsonElement root, string name) =>
        root.TryGetProperty(name, out var element) && element.ValueKind != JsonValueKind.Null ? element : null;

    private static int Size(JsonElement root, string name)
    {
        var element = Required(root, name);
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) && value > 0
            ? value
            : throw new InputException($"\"{name}\" must be a positive integer, not {Kind(element)}.");
    }

    private static double[] Matrix(JsonElement element, string name, int columns)
    {
        if (element.ValueKind != JsonValueKind.Array) throw new InputException($"\"{name}\" must be an array of rows, not {Kind(element)}.");
        var values = new double[element.GetArrayLength() * (long)columns];
        var row = 0;
        foreach (var entries in element.EnumerateArray())
        {
            if (entries.ValueKind != JsonValueKind.Array) throw new InputException($"\"{name}\"[{row}] must be an array of {columns} numbers, not {Kind(entries)}.");
            if (entries.GetArrayLength() != columns) throw new InputException($"\"{name}\"[{row}] must have d = {columns} numbers, not {entries.GetArrayLength()}.");
            var column = 0;
            foreach (var entry in entries.EnumerateArray())
            {
                values[((long)row * columns) + column] = entry.ValueKind == JsonValueKind.Number && double.IsFinite(entry.GetDouble())
                    ? entry.GetDouble()
                    : throw new InputException($"\"{name}\"[{row}][{column}] must be a finite number, not {Kind(entry)}.");
                column++;
            }
            row++;
        }
        return values;
    }

    private static long[] Integers(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Array) throw new InputException($"\"{name}\" must be an array of class ids, not {Kind(element)}.");
        var values = new long[element.GetArrayLength()];
        var index = 0;
        foreach (var entry in element.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Number || !entry.TryGetInt64(out values[index]))
                throw new InputException($"\"{name}\"[{index}] must be an integer, not {Kind(entry)}.");
            index++;
        }
        return values;
    }

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => $"the text \"{(element.GetString()!.Length > 40 ? element.GetString()![..40] + "…" : element.GetString())}\"",
        JsonValueKind.Null => "null",
        _ => element.GetRawText(),
    };
}
