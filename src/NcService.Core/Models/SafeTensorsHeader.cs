using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace NcService.Core.Models;

/// <summary>One tensor of a safetensors file: its type, its shape, and where its bytes lie, counted from the end of the header.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DataType">The element type by its safetensors name, such as F32.</param>
/// <param name="Shape">The sizes; empty for a scalar.</param>
/// <param name="Start">First byte.</param>
/// <param name="End">One past the last byte.</param>
public sealed record SafeTensorsEntry(string Name, string DataType, IReadOnlyList<long> Shape, long Start, long End);

/// <summary>
/// The header of a safetensors file: a 64-bit little-endian length, then JSON. Everything is checked before a byte of data is touched: the lengths against the file,
/// each tensor's bytes against its type and shape, and that the tensors cover the data exactly, with no gap and no overlap.
/// </summary>
/// <param name="Entries">Tensors in the order of their bytes.</param>
/// <param name="Metadata">The free text pairs under __metadata__.</param>
/// <param name="DataOffset">Where the data begins in the file.</param>
public sealed record SafeTensorsHeader(IReadOnlyList<SafeTensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata, long DataOffset)
{
    /// <summary>Longest header that is read, the reference implementation's limit.</summary>
    public const int MaximumLength = 100_000_000;

    /// <summary>Bytes of an element by the type's safetensors name; these types are read.</summary>
    internal static readonly IReadOnlyDictionary<string, int> ElementSizes = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["BOOL"] = 1, ["U8"] = 1, ["I8"] = 1, ["I16"] = 2, ["F16"] = 2, ["BF16"] = 2, ["I32"] = 4, ["F32"] = 4, ["I64"] = 8, ["F64"] = 8,
    };

    /// <summary>Reads and checks the header of a file.</summary>
    /// <exception cref="InputException">The file breaks the format; the message says where.</exception>
    public static SafeTensorsHeader Read(string path)
    {
        if (!File.Exists(path)) throw new InputException($"{path}: no such file.");
        using var stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <summary>The same from a seekable stream; <paramref name="source"/> names it in messages.</summary>
    public static SafeTensorsHeader Read(Stream stream, string source)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.Length < 8) throw new InputException($"{source}: {stream.Length} bytes are too few for a safetensors file.");
        stream.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaximumLength || length > (ulong)(stream.Length - 8))
            throw new InputException(
                $"{source}: the header claims {length} bytes; the file has {stream.Length - 8} after the length, and {MaximumLength} is the most that is read.");
        var json = new byte[length];
        stream.ReadExactly(json);
        if (json.Length == 0 || json[0] != (byte)'{') throw new InputException($"{source}: the header must begin with '{{'.");
        try
        {
            // Strict decoding first: JsonDocument would pass invalid UTF-8 through in names.
            _ = new UTF8Encoding(false, true).GetCharCount(json);
            using var document = JsonDocument.Parse(json);
            return Parse(document.RootElement, stream.Length - 8 - json.Length, 8 + json.Length, source);
        }
        catch (Exception exception) when (exception is JsonException or DecoderFallbackException or FormatException or InvalidOperationException)
        {
            throw new InputException($"{source}: the header is not valid JSON: {exception.Message}", exception);
        }
    }

    private static SafeTensorsHeader Parse(JsonElement root, long dataLength, long dataOffset, string source)
    {
        var entries = new List<SafeTensorsEntry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            if (!names.Add(property.Name)) throw new InputException($"{source}: '{property.Name}' stands in the header twice.");
            if (property.Name == "__metadata__") ReadMetadata(property.Value, metadata, source);
            else entries.Add(ReadEntry(property, source));
        }
        entries.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.End.CompareTo(b.End));
        RequireExactCover(entries, dataLength, source);
        return new SafeTensorsHeader(entries, metadata, dataOffset);
    }

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata, string source)
    {
        if (element.ValueKind != JsonValueKind.Object) throw new InputException($"{source}: __metadata__ must be an object of strings.");
        foreach (var pair in element.EnumerateObject())
        {
            if (pair.Value.ValueKind != JsonValueKind.String)
                throw new InputException($"{source}: __metadata__ '{pair.Name}' must be a string, not {pair.Value.ValueKind}.");
            metadata[pair.Name] = pair.Value.GetString()!;
        }
    }

    private static SafeTensorsEntry ReadEntry(JsonProperty property, string source)
    {
        var name = property.Name;
        if (property.Value.ValueKind != JsonValueKind.Object
            || !property.Value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !property.Value.TryGetProperty("shape", out var shape) || shape.ValueKind != JsonValueKind.Array
            || !property.Value.TryGetProperty("data_offsets", out var offsets) || offsets.ValueKind != JsonValueKind.Array || offsets.GetArrayLength() != 2)
            throw new InputException($"{source}: tensor '{name}' must have dtype, shape and two data_offsets.");
        if (!ElementSizes.TryGetValue(dtype.GetString()!, out var elementSize))
            throw new InputException($"{source}: tensor '{name}' has type '{dtype.GetString()}'; known are {string.Join(", ", ElementSizes.Keys)}.");
        var sizes = shape.EnumerateArray().Select(size => NonNegative(size, name, "shape", source)).ToArray();
        var start = NonNegative(offsets[0], name, "data_offsets", source);
        var end = NonNegative(offsets[1], name, "data_offsets", source);
        var expected = ByteCount(sizes, elementSize, name, source);
        if (end - start != expected)
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"{source}: tensor '{name}' {dtype.GetString()} [{string.Join(", ", sizes)}] needs {expected} bytes, its data_offsets [{start}, {end}] hold {end - start}."));
        return new SafeTensorsEntry(name, dtype.GetString()!, sizes, start, end);
    }

    private static long ByteCount(long[] sizes, int elementSize, string name, string source)
    {
        try
        {
            return sizes.Aggregate((long)elementSize, (product, size) => checked(product * size));
        }
        catch (OverflowException)
        {
            throw new InputException($"{source}: tensor '{name}' is larger than any file.");
        }
    }

    private static long NonNegative(JsonElement element, string name, string field, string source)
    {
        if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out var value) || value < 0)
            throw new InputException($"{source}: {field} of tensor '{name}' must hold whole numbers from 0.");
        return value;
    }

    private static void RequireExactCover(List<SafeTensorsEntry> entries, long dataLength, string source)
    {
        var position = 0L;
        foreach (var entry in entries)
        {
            if (entry.Start != position)
                throw new InputException(
                    $"{source}: tensor '{entry.Name}' begins at byte {entry.Start} of the data where {position} was due: tensors must neither overlap nor leave a gap.");
            position = entry.End;
        }
        if (position != dataLength)
            throw new InputException($"{source}: the tensors take {position} bytes, the file holds {dataLength} after its header.");
    }
}
