namespace NcService.Web.Checkpoints;

/// <summary>A stream of which no more than so many bytes are read, wherever they lie.</summary>
internal sealed class LimitedReading(Stream inner, long limit) : Stream
{
    private long read;

    /// <summary>More was read than the limit lets pass.</summary>
    public sealed class PassedException() : IOException("More was read than the limit lets pass.");

    /// <summary>Most bytes that may be read in all.</summary>
    public long Limit { get; set; } = limit;

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position { get => inner.Position; set => inner.Position = value; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => Counted(inner.Read(buffer));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Counted(await inner.ReadAsync(buffer, cancellationToken));

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush() => inner.Flush();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Counted(int count) => (read += count) <= Limit ? count : throw new PassedException();
}
