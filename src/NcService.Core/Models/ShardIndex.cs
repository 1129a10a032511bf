using System.Text.Json;

namespace NcService.Core.Models;

/// <summary>model.safetensors.index.json: which shard of a large checkpoint holds which tensor.</summary>
internal static class ShardIndex
{
    /// <summary>The shards' paths, in the order of their names; every tensor of the index is checked to be in its shard.</summary>
    /// <exception cref="InputException">The index is no JSON, a shard lies outside the folder, is absent, or lacks a tensor.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        var shards = new SortedDictionary<string, HashSet<string>>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (var entry in document.RootElement.GetProperty("weight_map").EnumerateObject())
            {
                var file = entry.Value.GetString() ?? throw new InputException($"{path}: weight_map '{entry.Name}' names no file.");
                if (file != Path.GetFileName(file) || !file.EndsWith(".safetensors", StringComparison.Ordinal))
                    throw new InputException($"{path}: weight_map '{entry.Name}' names '{file}'; shards are .safetensors files in the same folder.");
                if (!shards.TryGetValue(file, out var names)) shards[file] = names = new(StringComparer.Ordinal);
                names.Add(entry.Name);
            }
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InputException($"{path}: not a valid index: {exception.Message}", exception);
        }
        if (shards.Count == 0) throw new InputException($"{path}: weight_map is empty.");
        foreach (var (file, names) in shards) RequireExactly(Path.Combine(directory, file), names, path);
        return [.. shards.Keys.Select(file => Path.Combine(directory, file))];
    }

    private static void RequireExactly(string shard, HashSet<string> expected, string index)
    {
        var present = SafeTensorsHeader.Read(shard).Entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in expected)
        {
            if (!present.Contains(name)) throw new InputException($"{shard}: lacks tensor '{name}', which {index} says it holds.");
        }
        foreach (var name in present)
        {
            if (!expected.Contains(name)) throw new InputException($"{shard}: holds tensor '{name}', which {index} does not list there.");
        }
    }
}
