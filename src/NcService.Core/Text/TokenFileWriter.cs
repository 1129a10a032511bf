using System.Buffers.Binary;

namespace NcService.Core.Text;

/// <summary>Writes token ids as little-endian integers of 2 or 4 bytes, from the file's beginning or after what is there.</summary>
internal sealed class TokenFileWriter : IDisposable
{
    private readonly FileStream stream;
    private readonly int bytesPerToken;
    private byte[] buffer = [];

    /// <summary>Opens the file behind its first <paramref name="keptTokens"/> tokens; what is after them is dropped.</summary>
    /// <exception cref="InputException">The file holds fewer tokens.</exception>
    public TokenFileWriter(string path, int bytesPerToken, long keptTokens = 0)
    {
        this.bytesPerToken = bytesPerToken;
        stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1 << 20);
        if (stream.Length < keptTokens * bytesPerToken)
        {
            stream.Dispose();
            throw new InputException($"'{path}' is damaged: it is shorter than it was. Delete its folder and prepare the dataset again.");
        }
        stream.SetLength(keptTokens * bytesPerToken);
        stream.Position = stream.Length;
    }

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
    }

    /// <summary>Makes what was written durable.</summary>
    public void Flush() => stream.Flush(flushToDisk: true);

    /// <summary>Closes the file, durable, and gives the SHA-256 of its content in lower-case hexadecimal.</summary>
    public string Finish()
    {
        Flush();
        stream.Dispose();
        return DurableFile.Hash(stream.Name);
    }

    public void Dispose() => stream.Dispose();
}
