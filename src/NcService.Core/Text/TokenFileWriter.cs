using System.Buffers.Binary;
using System.Security.Cryptography;

namespace NcService.Core.Text;

/// <summary>Writes token ids as little-endian integers of 2 or 4 bytes and hashes what it writes.</summary>
internal sealed class TokenFileWriter(string path, int bytesPerToken) : IDisposable
{
    private readonly FileStream stream = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] buffer = [];

    /// <summary>2 where ids fit in 16 bits, else 4.</summary>
    public static int BytesPerToken(int vocabularySize) => vocabularySize <= ushort.MaxValue ? 2 : 4;

    /// <summary>Appends ids; each must be below the vocabulary's size.</summary>
    public void Write(ReadOnlySpan<int> ids)
    {
        var length = ids.Length * bytesPerToken;
        if (buffer.Length < length) buffer = new byte[length];
        for (var i = 0; i < ids.Length; i++)
        {
            if (bytesPerToken == 2) BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(2 * i), (ushort)ids[i]);
            else BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(4 * i), ids[i]);
        }
        stream.Write(buffer, 0, length);
        hash.AppendData(buffer, 0, length);
    }

    /// <summary>Makes the file durable and gives the SHA-256 of its content in lower-case hexadecimal.</summary>
    public string Finish()
    {
        stream.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        stream.Dispose();
        hash.Dispose();
    }
}
