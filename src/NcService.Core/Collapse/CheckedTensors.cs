using System.Security.Cryptography;
using System.Text;
using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>Safetensors files that appear whole or not at all and carry the SHA-256 of what they hold, so that damage is found when they are read.</summary>
internal static class CheckedTensors
{
    private const string DigestKey = "sha256";

    /// <summary>Writes a file aside, makes it durable and renames it. Returns the digest.</summary>
    public static string Write(string path, IReadOnlyList<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var digest = Digest(tensors, metadata);
        var aside = path + ".tmp";
        SafeTensors.Write(aside, tensors, new Dictionary<string, string>(metadata, StringComparer.Ordinal) { [DigestKey] = digest });
        DurableFile.Publish(aside, path);
        return digest;
    }

    /// <summary>Reads a file and compares its digest.</summary>
    /// <exception cref="InputException">The file is absent, breaks the format, or its content is not what was written.</exception>
    public static SafeTensorsContent Read(string path)
    {
        var content = SafeTensors.Read(path);
        try
        {
            if (content.Metadata.GetValueOrDefault(DigestKey) is { } digest && digest != Digest(content.Tensors, content.Metadata))
                throw new InputException($"{path} is damaged: its content does not have the SHA-256 that it had when it was written.");
            return content;
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>The digest that a file states, without reading its tensors; null where it has none.</summary>
    public static string? StatedDigest(string path) => SafeTensorsHeader.Read(path).Metadata.GetValueOrDefault(DigestKey);

    /// <summary>SHA-256 over metadata and tensors, each with its name, in the order of names.</summary>
    private static string Digest(IEnumerable<KeyValuePair<string, Tensor>> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (key, value) in metadata.Where(pair => pair.Key != DigestKey).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{key}={value}\n"));
        foreach (var (name, tensor) in tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {tensor.dtype} {string.Join(',', tensor.shape)}\n"));
            foreach (var part in SafeTensors.Parts(tensor.detach().cpu().contiguous())) hash.AppendData(part.bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
