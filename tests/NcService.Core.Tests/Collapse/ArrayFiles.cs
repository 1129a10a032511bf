using System.Buffers.Binary;
using System.Text;

namespace NcService.Core.Tests.Collapse;

/// <summary>Writes .npy files as NumPy does, byte by byte.</summary>
internal static class ArrayFiles
{
    public static byte[] Npy(string description, string shape, byte[] data, int version = 1, string order = "False")
    {
        var text = $"{{'descr': '{description}', 'fortran_order': {order}, 'shape': {shape}, }}";
        return Raw(text, data, version);
    }

    public static byte[] Raw(string dictionary, byte[] data, int version = 1)
    {
        var prefix = version == 1 ? 10 : 12;
        var padding = 64 - ((prefix + dictionary.Length + 1) % 64);
        var header = Encoding.UTF8.GetBytes(dictionary + new string(' ', padding) + "\n");
        var bytes = new byte[prefix + header.Length + data.Length];
        byte[] magic = [0x93, .. "NUMPY"u8, (byte)version, 0];
        magic.CopyTo(bytes, 0);
        if (version == 1) BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)header.Length);
        else BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), header.Length);
        header.CopyTo(bytes, prefix);
        data.CopyTo(bytes, prefix + header.Length);
        return bytes;
    }

    public static byte[] Npy(double[] values, int columns, int version = 1) =>
        Npy("<f8", $"({values.Length / columns}, {columns})", [.. values.SelectMany(BitConverter.GetBytes)], version);

    public static byte[] NpySingle(double[] values, int columns) =>
        Npy("<f4", $"({values.Length / columns}, {columns})", [.. values.SelectMany(value => BitConverter.GetBytes((float)value))]);

    public static byte[] Npy(long[] values) => Npy("<i8", $"({values.Length},)", [.. values.SelectMany(BitConverter.GetBytes)]);
}
