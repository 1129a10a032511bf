using System.Buffers.Binary;
using System.Text;

namespace NcService.Core.Arrays;

/// <summary>
/// The header of a NumPy .npy file, format versions 1, 2 and 3: magic, version, length, then a Python dictionary of descr, fortran_order and shape. Read by a
/// grammar of its own, never evaluated; everything is checked before a byte of data is touched.
/// </summary>
/// <param name="DataType">The element type under its safetensors name, such as F32.</param>
/// <param name="Shape">The sizes; empty for a scalar.</param>
/// <param name="DataOffset">Where the data begins in the file.</param>
/// <remarks>NumPy Enhancement Proposal 1 and numpy/lib/format.py describe the format.</remarks>
public sealed record NumpyHeader(string DataType, IReadOnlyList<long> Shape, long DataOffset)
{
    /// <summary>Longest header that is read (bytes). NumPy's own are below 200.</summary>
    public const int MaximumLength = 1 << 16;

    private static readonly byte[] Magic = [0x93, .. "NUMPY"u8];

    private static readonly Dictionary<string, string> DataTypes = new(StringComparer.Ordinal)
    {
        ["b1"] = "BOOL",
        ["u1"] = "U8",
        ["i1"] = "I8",
        ["i2"] = "I16",
        ["i4"] = "I32",
        ["i8"] = "I64",
        ["f2"] = "F16",
        ["f4"] = "F32",
        ["f8"] = "F64",
    };

    /// <summary>Whether a file begins as .npy files do.</summary>
    public static bool Begins(Stream stream)
    {
        Span<byte> start = stackalloc byte[Magic.Length];
        stream.Position = 0;
        var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        return read == start.Length && start.SequenceEqual(Magic);
    }

    /// <summary>Reads and checks a header from the beginning of a seekable stream; <paramref name="source"/> names it in messages.</summary>
    /// <exception cref="InputException">The file breaks the format, or holds something that is not read: objects, big-endian numbers, Fortran order.</exception>
    public static NumpyHeader Read(Stream stream, string source)
    {
        if (!Begins(stream)) throw new InputException($"{source} does not begin as a .npy file does (\\x93NUMPY).");
        Span<byte> prefix = stackalloc byte[12];
        var read = stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false);
        if (read < 10) throw new InputException($"{source}: the file ends within its header.");
        int major = prefix[6], minor = prefix[7];
        if (major is < 1 or > 3 || minor != 0) throw new InputException($"{source}: the .npy format version is {major}.{minor}; 1.0, 2.0 and 3.0 are read.");
        var (start, length) = major == 1 ? (10, BinaryPrimitives.ReadUInt16LittleEndian(prefix[8..])) : (12, Length32(prefix, read, source));
        if (length > MaximumLength || start + length > stream.Length)
            throw new InputException($"{source}: the header claims {length} bytes; the file has {stream.Length - start} there, and {MaximumLength} is the most that is read.");
        var text = new byte[length];
        stream.Position = start;
        stream.ReadExactly(text);
        var header = Parse(Decode(text, major, source), start + length, source);
        header.RequireData(stream.Length, source);
        return header;
    }

    private static long Length32(ReadOnlySpan<byte> prefix, int read, string source) =>
        read == prefix.Length ? BinaryPrimitives.ReadUInt32LittleEndian(prefix[8..]) : throw new InputException($"{source}: the file ends within its header.");

    private static string Decode(byte[] text, int major, string source)
    {
        try
        {
            return major == 3 ? new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text) : Encoding.Latin1.GetString(text);
        }
        catch (DecoderFallbackException exception)
        {
            throw new InputException($"{source}: the header is not UTF-8.", exception);
        }
    }

    private static NumpyHeader Parse(string text, long dataOffset, string source)
    {
        NumpyHeaderText parsed;
        try
        {
            parsed = NumpyHeaderText.Parse(text);
        }
        catch (FormatException exception)
        {
            throw new InputException($"{source}: the header is malformed: {exception.Message}.", exception);
        }
        // One dimension has one order, whatever the flag says.
        if (parsed.FortranOrder && parsed.Shape.Count > 1)
            throw new InputException($"{source} is in Fortran order (column after column); save numpy.ascontiguousarray(array).");
        return new NumpyHeader(DataTypeOf(parsed.Description, source), parsed.Shape, dataOffset);
    }

    private static string DataTypeOf(string description, string source)
    {
        if (description.Length > 1 && description[0] is '<' or '|' or '=' && DataTypes.TryGetValue(description[1..], out var known)) return known;
        var what = description switch
        {
            ['|' or '<' or '=' or '>', 'O', ..] or "O" => "holds Python objects, which are never read",
            ['>', ..] => $"holds big-endian numbers ('{description}')",
            _ => $"holds elements of type '{description}'",
        };
        throw new InputException($"{source} {what}; it must be one of {string.Join(", ", DataTypes.Keys.Select(name => name[^1] == '1' ? "|" + name : "<" + name))}.");
    }

    private void RequireData(long fileLength, string source)
    {
        var size = (Int128)Models.SafeTensorsHeader.ElementSizes[DataType];
        foreach (var length in Shape)
        {
            size *= length;
            if (size > long.MaxValue) throw new InputException($"{source}: an array of shape ({string.Join(", ", Shape)}) is larger than any file.");
        }
        if (DataOffset + size != fileLength)
            throw new InputException($"{source}: {DataType} ({string.Join(", ", Shape)}) needs {size} bytes after the header; the file has {fileLength - DataOffset}.");
    }
}
