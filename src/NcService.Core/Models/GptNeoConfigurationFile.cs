using System.Text.Json;
using System.Text.Json.Nodes;

namespace NcService.Core.Models;

/// <summary>config.json of a GPT-Neo, both ways.</summary>
internal static class GptNeoConfigurationFile
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, AllowTrailingCommas = false };

    public static GptNeoConfiguration Read(string path)
    {
        if (!File.Exists(path)) throw new InputException($"{path}: no such file; a checkpoint folder holds config.json and model.safetensors.");
        try
        {
            var root = JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject
                ?? throw new InputException($"{path}: expected a JSON object.");
            var modelType = root["model_type"]?.GetValue<string>();
            if (modelType != "gpt_neo") throw new InputException($"{path}: model_type is '{modelType}'; only 'gpt_neo' can be read.");
            ExpandAttentionTypes(root, path);
            var configuration = root.Deserialize<GptNeoConfiguration>(Options)!;
            GptNeoConfigurationValidation.Check(configuration, path);
            return configuration;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new InputException($"{path}: not a valid config.json: {exception.Message}", exception);
        }
    }

    public static void Write(GptNeoConfiguration configuration, string path)
    {
        var root = (JsonObject)JsonSerializer.SerializeToNode(configuration, Options)!;
        root["attention_types"] = AttentionTypes(configuration.AttentionLayers);
        root["torch_dtype"] = "float32";
        root["use_cache"] = true;
        File.WriteAllText(path, root.ToJsonString(Options) + "\n");
    }

    /// <summary>
    /// transformers lists the layers under attention_layers and, run-length coded as [[[kinds…], repeats], …], under attention_types; older files have only the latter.
    /// </summary>
    private static void ExpandAttentionTypes(JsonObject root, string path)
    {
        if (root["attention_types"] is not JsonArray types)
        {
            if (root["attention_layers"] is not JsonArray) throw new InputException($"{path}: neither attention_layers nor attention_types is given.");
            return;
        }
        var expanded = new List<string>();
        foreach (var group in types)
        {
            if (group is not JsonArray { Count: 2 } pair || pair[0] is not JsonArray kinds || pair[1] is not JsonValue repeats)
                throw new InputException($"{path}: attention_types must be a list of [[kinds…], repeats].");
            var count = repeats.GetValue<int>();
            if (count is < 0 or > 1024) throw new InputException($"{path}: attention_types repeats {count} times; at most 1024 layers are read.");
            for (var i = 0; i < count; i++) expanded.AddRange(kinds.Select(kind => kind!.GetValue<string>()));
        }
        if (root["attention_layers"] is JsonArray layers && !layers.Select(layer => layer!.GetValue<string>()).SequenceEqual(expanded, StringComparer.Ordinal))
            throw new InputException($"{path}: attention_layers and attention_types disagree.");
        root["attention_layers"] = new JsonArray([.. expanded.Select(kind => (JsonNode)kind)]);
    }

    private static JsonArray AttentionTypes(IReadOnlyList<AttentionKind> layers)
    {
        var alternating = layers.Count % 2 == 0 && layers.Select((kind, i) => kind == (i % 2 == 0 ? AttentionKind.Global : AttentionKind.Local)).All(same => same);
        var (kinds, repeats) = alternating ? ([AttentionKind.Global, AttentionKind.Local], layers.Count / 2) : (layers, 1);
        var names = new JsonArray([.. kinds.Select(kind => JsonSerializer.SerializeToNode(kind, Options))]);
        return [new JsonArray(names, repeats)];
    }
}
