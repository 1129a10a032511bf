using System.Runtime.InteropServices;
using NcService.Core;
using NcService.Core.Models;

namespace NcService.Web.Dashboard.Explorer;

/// <summary>Reads tensors of a safetensors file into plain arrays: the web process loads no tensor engine.</summary>
internal sealed class TensorFile(string path)
{
    private readonly SafeTensorsHeader header = SafeTensorsHeader.Read(path);

    /// <summary>True where the file has the tensor.</summary>
    public bool Has(string name) => header.Entries.Any(entry => entry.Name == name);

    /// <summary>The sizes of a tensor.</summary>
    /// <exception cref="InputException">The file does not have it.</exception>
    public IReadOnlyList<long> Shape(string name) => Find(name).Shape;

    /// <summary>The elements of a tensor of F32, F64, BF16 or I64 as float64, in row-major order.</summary>
    /// <exception cref="InputException">The file does not have it, or of another type.</exception>
    public double[] Read(string name)
    {
        var entry = Find(name);
        var bytes = new byte[entry.End - entry.Start];
        using (var stream = File.OpenRead(path))
        {
            stream.Position = header.DataOffset + entry.Start;
            stream.ReadExactly(bytes);
        }
        // The format is little-endian, as every machine that .NET runs on.
        return entry.DataType switch
        {
            "F64" => MemoryMarshal.Cast<byte, double>(bytes).ToArray(),
            "F32" => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), value => (double)value),
            "BF16" => Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(bytes).ToArray(), value => (double)BitConverter.UInt32BitsToSingle((uint)value << 16)),
            "I64" => Array.ConvertAll(MemoryMarshal.Cast<byte, long>(bytes).ToArray(), value => (double)value),
            _ => throw new InputException($"{path}: tensor '{name}' has type {entry.DataType}, which is not read here."),
        };
    }

    private SafeTensorsEntry Find(string name) =>
        header.Entries.FirstOrDefault(entry => entry.Name == name) ?? throw new InputException($"{path} has no tensor '{name}'.");
}
