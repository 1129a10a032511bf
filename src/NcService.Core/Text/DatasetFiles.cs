using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace NcService.Core.Text;

/// <summary>The names and formats of what lies in a dataset's directory.</summary>
internal static class DatasetFiles
{
    public const string Manifest = "dataset.json";
    public const string Train = "train.bin";
    public const string Validation = "validation.bin";
    public const string Tokenizer = "tokenizer";

    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public static void WriteManifest(DatasetManifest manifest, string directory) =>
        File.WriteAllText(Path.Combine(directory, Manifest), JsonSerializer.Serialize(manifest, JsonOptions) + "\n");

    /// <summary>Reads a dataset's manifest.</summary>
    /// <exception cref="InputException">There is no manifest, it cannot be read, or it has another format version.</exception>
    public static DatasetManifest ReadManifest(string directory)
    {
        var path = Path.Combine(directory, Manifest);
        if (!File.Exists(path)) throw new InputException($"'{directory}' is not a dataset: it has no {Manifest}.");
        try
        {
            var json = File.ReadAllBytes(path);
            CheckFormatVersion(json, path);
            return JsonSerializer.Deserialize<DatasetManifest>(json, JsonOptions) ?? throw new InputException($"'{path}' is empty.");
        }
        catch (JsonException e)
        {
            throw new InputException($"'{path}' is damaged: {e.Message}", e);
        }
    }

    /// <summary>The hash that names a dataset's content: what a model trained on it depends on.</summary>
    public static string ContentHash(int contextLength, int vocabularySize, string trainHash, string validationHash) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"ncservice-dataset {DatasetManifest.CurrentFormatVersion}\n{contextLength}\n{vocabularySize}\n{trainHash}\n{validationHash}\n")));

    private static void CheckFormatVersion(byte[] json, string path)
    {
        using var document = JsonDocument.Parse(json);
        var version = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("formatVersion", out var value)
            && value.TryGetInt32(out var number) ? number : 0;
        if (version != DatasetManifest.CurrentFormatVersion)
            throw new InputException($"'{path}' has the format version {version}; this program reads {DatasetManifest.CurrentFormatVersion}. Prepare the dataset again.");
    }
}
