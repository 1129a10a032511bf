using System.Buffers.Binary;
using System.Text.Json.Nodes;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Core.Models;

/// <summary>What a safetensors file held: tensors by name and free text pairs. Disposing it disposes the tensors.</summary>
public sealed record SafeTensorsContent(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors.Values) tensor.Dispose();
    }
}

/// <summary>
/// Tensors in files without code: the format of Hugging Face's safetensors. Reading checks the whole header first (<see cref="SafeTensorsHeader"/>).
/// </summary>
public static class SafeTensors
{
    private const int DataAlignment = 64;
    private const int LargestSpan = 1 << 30;

    private static readonly (string Name, ScalarType Type)[] Types =
    [
        ("BOOL", ScalarType.Bool), ("U8", ScalarType.Byte), ("I8", ScalarType.Int8), ("I16", ScalarType.Int16), ("I32", ScalarType.Int32), ("I64", ScalarType.Int64),
        ("F16", ScalarType.Float16), ("BF16", ScalarType.BFloat16), ("F32", ScalarType.Float32), ("F64", ScalarType.Float64),
    ];

    /// <summary>Reads a file into new tensors that belong to the caller (no dispose scope owns them).</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the tensors go; null is the CPU.</param>
    /// <param name="wanted">Which tensors to read, by name; null reads all.</param>
    /// <exception cref="InputException">The file is absent or breaks the format.</exception>
    public static SafeTensorsContent Read(string path, Device? device = null, Func<string, bool>? wanted = null)
    {
        if (!File.Exists(path)) throw new InputException($"{path}: no such file.");
        using var stream = File.OpenRead(path);
        var header = SafeTensorsHeader.Read(stream, path);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (var entry in header.Entries)
            {
                if (wanted?.Invoke(entry.Name) == false) continue;
                stream.Position = header.DataOffset + entry.Start;
                tensors.Add(entry.Name, ReadTensor(stream, entry, device));
            }
        }
        catch
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
            throw;
        }
        return new SafeTensorsContent(tensors, header.Metadata);
    }

    /// <summary>
    /// Writes tensors in the order given; any device, any strides. The file is flushed to disk before this returns, but not written aside:
    /// who needs an all-or-nothing replacement gives a temporary path and renames.
    /// </summary>
    /// <exception cref="ArgumentException">A name is used twice, or a type has no safetensors name.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var list = tensors.ToList();
        var header = BuildHeader(list, metadata);
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var (_, tensor) in list) WriteTensor(stream, tensor);
        stream.Flush(flushToDisk: true);
    }

    private static byte[] BuildHeader(List<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var root = new JsonObject
        {
            ["__metadata__"] = new JsonObject((metadata ?? new Dictionary<string, string> { ["format"] = "pt" })
                .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        };
        var position = 0L;
        foreach (var (name, tensor) in tensors)
        {
            var end = position + tensor.numel() * tensor.ElementSize;
            var entry = new JsonObject
            {
                ["dtype"] = NameOf(tensor.dtype, name),
                ["shape"] = new JsonArray([.. tensor.shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(position, end),
            };
            if (!root.TryAdd(name, entry)) throw new ArgumentException($"Two tensors are named '{name}'.", nameof(tensors));
            position = end;
        }
        var json = System.Text.Encoding.UTF8.GetBytes(root.ToJsonString());
        // Spaces after the JSON are allowed by the format and put the data where a memory map can use it.
        var padded = new byte[(json.Length + 8 + DataAlignment - 1) / DataAlignment * DataAlignment - 8];
        padded.AsSpan().Fill((byte)' ');
        json.CopyTo(padded, 0);
        return padded;
    }

    private static Tensor ReadTensor(Stream stream, SafeTensorsEntry entry, Device? device)
    {
        var type = TypeOf(entry.DataType);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var tensor = empty(entry.Shape.ToArray(), type);
        foreach (var part in Parts(tensor)) stream.ReadExactly(part.bytes);
        return (device is null || device.type == DeviceType.CPU ? tensor : tensor.to(device)).DetachFromDisposeScope();
    }

    private static void WriteTensor(Stream stream, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var part in Parts(tensor.detach().cpu().contiguous())) stream.Write(part.bytes);
    }

    /// <summary>A contiguous tensor as flat pieces small enough for a span.</summary>
    internal static IEnumerable<Tensor> Parts(Tensor tensor)
    {
        var count = tensor.numel();
        if (count == 0) yield break;
        var flat = tensor.view(-1);
        var step = LargestSpan / tensor.ElementSize;
        for (var start = 0L; start < count; start += step) yield return flat.narrow(0, start, Math.Min(step, count - start));
    }

    /// <summary>The element type of a safetensors name that <see cref="SafeTensorsHeader"/> let through.</summary>
    internal static ScalarType TypeOf(string name) => Types.First(known => known.Name == name).Type;

    private static string NameOf(ScalarType type, string tensor)
    {
        foreach (var (name, known) in Types)
        {
            if (known == type) return name;
        }
        throw new ArgumentException($"Tensor '{tensor}' has type {type}, which safetensors has no name for.", nameof(type));
    }
}
