using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Models;

namespace NcService.Core.Tests.Models;

public sealed class SafeTensorsHeaderTests
{
    [Fact]
    public void A_sound_header_gives_entries_in_the_order_of_their_bytes()
    {
        var header = Read("""{"b":{"dtype":"I64","shape":[1],"data_offsets":[24,32]},"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}""", 32);
        Assert.Equal(["a", "b"], header.Entries.Select(entry => entry.Name));
        Assert.Equal([2, 3], header.Entries[0].Shape);
        Assert.Equal("pt", header.Metadata["format"]);
    }

    [Fact]
    public void Scalars_and_empty_tensors_are_sound()
    {
        var header = Read("""{"e":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]},"s":{"dtype":"F64","shape":[],"data_offsets":[0,8]}}""", 8);
        Assert.Equal(2, header.Entries.Count);
    }

    [Theory]
    [InlineData("""[]""", 0, "begin with")]
    [InlineData("""{"a":""", 0, "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "the file holds 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", 8, "the file holds 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "needs 12 bytes")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", 8, "F8_E4M3")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}""", 8, "two data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", 8, "must have dtype")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "larger than any file")]
    [InlineData("""{"__metadata__":{"format":1}}""", 0, "must be a string")]
    [InlineData("""{"__metadata__":"pt"}""", 0, "object of strings")]
    public void A_broken_header_is_refused_with_the_reason(string json, int dataLength, string reason) =>
        Assert.Contains(reason, Assert.Throws<InputException>(() => Read(json, dataLength)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(100_000_001)]
    [InlineData(17)]
    public void A_header_longer_than_the_file_or_the_limit_is_refused(ulong claimed)
    {
        var bytes = new byte[8 + 16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimed);
        Assert.Contains("claims", Assert.Throws<InputException>(() => SafeTensorsHeader.Read(new MemoryStream(bytes), "test")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_are_no_UTF_8_are_refused()
    {
        var json = Encoding.Latin1.GetBytes("""{"é":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""");
        Assert.Throws<InputException>(() => SafeTensorsHeader.Read(File(json, 0), "test"));
    }

    [Fact]
    public void Any_bytes_give_a_header_or_an_InputException() => Prop.ForAll<byte[]>(bytes =>
    {
        try
        {
            SafeTensorsHeader.Read(new MemoryStream(bytes), "test");
        }
        catch (InputException)
        {
            // The one answer to bad input.
        }
    }).QuickCheckThrowOnFailure();

    private static SafeTensorsHeader Read(string json, int dataLength) => SafeTensorsHeader.Read(File(Encoding.UTF8.GetBytes(json), dataLength), "test");

    private static MemoryStream File(byte[] json, int dataLength)
    {
        var bytes = new byte[8 + json.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        return new MemoryStream(bytes);
    }
}
