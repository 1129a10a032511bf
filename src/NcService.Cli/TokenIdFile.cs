using System.Text.Json;
using NcService.Core;

namespace NcService.Cli;

/// <summary>Sequences of token ids: a JSON array of arrays.</summary>
internal static class TokenIdFile
{
    public static IReadOnlyList<int[]> Read(string path)
    {
        try
        {
            var sequences = JsonSerializer.Deserialize<int[][]>(File.ReadAllText(path));
            if (sequences is null || sequences.Length == 0) throw new InputException($"{path} holds no sequence; an array of arrays of token ids is needed");
            for (var i = 0; i < sequences.Length; i++)
            {
                if (sequences[i] is not { Length: >= 2 })
                    throw new InputException($"{path}: sequence {i} has fewer than 2 token ids, so there is nothing to predict");
            }
            return sequences;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read {path}: {fault.Message}", fault);
        }
        catch (JsonException fault)
        {
            throw new InputException($"{path} must be a JSON array of arrays of token ids, such as [[1, 2, 3], [4, 5]]: {fault.Message}", fault);
        }
    }
}
