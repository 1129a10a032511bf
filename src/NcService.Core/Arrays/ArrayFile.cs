using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Arrays;

/// <summary>
/// An array of numbers in a file, row after row, little-endian: a NumPy .npy file or one tensor of a safetensors file. Opening it reads and checks the header alone;
/// rows are read when asked for, so that an array may be larger than memory.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Name">What the array is, for messages: features, labels, classifier.</param>
/// <param name="DataType">The element type under its safetensors name, such as F32.</param>
/// <param name="Shape">The sizes.</param>
/// <param name="DataOffset">Where the array's bytes begin.</param>
public sealed record ArrayFile(string Path, string Name, string DataType, IReadOnlyList<long> Shape, long DataOffset)
{
    /// <summary>Opens an array. Of a safetensors file it is the tensor named <paramref name="name"/>, or the only one.</summary>
    /// <exception cref="InputException">The file is absent, breaks its format, or has no such array.</exception>
    public static ArrayFile Open(string path, string name)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return Open(stream, path, name);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Sizes as they stand in messages: [3, 4].</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <summary>Whether the elements are floating-point numbers.</summary>
    public bool IsFloatingPoint => DataType is "F16" or "BF16" or "F32" or "F64";

    /// <summary>This array, which must be a matrix of floating-point numbers [any, columns].</summary>
    /// <exception cref="InputException">It is not.</exception>
    public ArrayFile RequireMatrix(long? columns = null)
    {
        if (Shape.Count != 2 || Shape[1] < 1 || (columns is { } wanted && Shape[1] != wanted))
            throw new InputException($"{Path}: {Name} must be a matrix [rows, {(columns is null ? "d" : $"{columns}")}], not {ShapeText}.");
        return IsFloatingPoint ? this : throw new InputException($"{Path}: {Name} must be floating-point numbers, not {DataType}.");
    }

    /// <summary>This array, which must be a list of that many integers.</summary>
    /// <exception cref="InputException">It is not.</exception>
    public ArrayFile RequireLabels(long count)
    {
        if (Shape.Count != 1 || Shape[0] != count) throw new InputException($"{Path}: {Name} must be [{count}], one class id for each row of features, not {ShapeText}.");
        return !IsFloatingPoint && DataType != "BOOL" ? this : throw new InputException($"{Path}: {Name} must be integers, not {DataType}.");
    }

    /// <summary>Some rows (elements of a list) as a new tensor of the array's own type, on the CPU; the current dispose scope owns it.</summary>
    public Tensor ReadRows(long first, long count)
    {
        var rowElements = Shape.Skip(1).Aggregate(1L, (product, size) => product * size);
        using var stream = File.OpenRead(Path);
        stream.Position = DataOffset + (first * rowElements * SafeTensorsHeader.ElementSizes[DataType]);
        var rows = empty([count, .. Shape.Skip(1)], SafeTensors.TypeOf(DataType));
        foreach (var part in SafeTensors.Parts(rows)) stream.ReadExactly(part.bytes);
        return rows;
    }

    private static ArrayFile Open(FileStream stream, string path, string name)
    {
        if (NumpyHeader.Begins(stream))
        {
            var header = NumpyHeader.Read(stream, path);
            return new ArrayFile(path, name, header.DataType, header.Shape, header.DataOffset);
        }
        SafeTensorsHeader tensors;
        try
        {
            tensors = SafeTensorsHeader.Read(stream, path);
        }
        catch (InputException exception)
        {
            throw new InputException($"{path} is neither a .npy nor a safetensors file. {exception.Message}", exception);
        }
        var entry = tensors.Entries.FirstOrDefault(entry => entry.Name == name) ?? (tensors.Entries.Count == 1 ? tensors.Entries[0] : null)
            ?? throw new InputException($"{path}: there is no tensor '{name}'; it has {string.Join(", ", tensors.Entries.Select(entry => entry.Name).Take(10))}.");
        return new ArrayFile(path, name, entry.DataType, entry.Shape, tensors.DataOffset + entry.Start);
    }
}
