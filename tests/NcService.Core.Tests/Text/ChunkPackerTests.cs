using NcService.Core.Text;

namespace NcService.Core.Tests.Text;

public sealed class ChunkPackerTests : IDisposable
{
    private const int EndOfText = 999;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Continuous_puts_end_of_text_after_each_document_and_drops_only_the_tail()
    {
        var (tokens, chunks, dropped) = Pack(PackingStyle.Continuous, contextLength: 4, shards: 2, [[1, 2, 3], [4], [5, 6, 7, 8, 9]]);

        Assert.Equal([1, 2, 3, EndOfText, 4, EndOfText, 5, 6, 7, 8, 9, EndOfText], tokens);
        Assert.Equal((3, 0), (chunks, dropped));

        (tokens, chunks, dropped) = Pack(PackingStyle.Continuous, contextLength: 5, shards: 2, [[1, 2, 3], [4], [5, 6, 7, 8, 9]]);
        Assert.Equal([1, 2, 3, EndOfText, 4, EndOfText, 5, 6, 7, 8], tokens);
        Assert.Equal((2, 2), (chunks, dropped));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(999, 2)]
    [InlineData(1000, 1)]
    [InlineData(2001, 2)]
    [InlineData(2500, 1)]
    [InlineData(5003, 3)]
    [InlineData(7, 8)]
    public void StudyBatches_equal_the_study_scripts_grouping(int documentCount, int shards)
    {
        var random = new Random(documentCount);
        var documents = Enumerable.Range(0, documentCount).Select(_ => Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.Next(900)).ToArray()).ToArray();

        var (tokens, chunks, dropped) = Pack(PackingStyle.StudyBatches, contextLength: 16, shards, documents);

        var expected = GroupAsTheStudy(documents, shards, contextLength: 16);
        Assert.Equal(expected, tokens);
        Assert.Equal(expected.Count / 16, chunks);
        Assert.Equal(documents.Sum(document => document.Length), tokens.Length + dropped);
    }

    /// <summary>datasets' contiguous shards, map with batches of 1,000, run_clm's group_texts: written from their definitions.</summary>
    private static List<int> GroupAsTheStudy(int[][] documents, int shards, int contextLength)
    {
        var tokens = new List<int>();
        for (var shard = 0; shard < shards; shard++)
        {
            var start = documents.Length / shards * shard + Math.Min(shard, documents.Length % shards);
            var length = documents.Length / shards + (shard < documents.Length % shards ? 1 : 0);
            foreach (var batch in documents.Skip(start).Take(length).Chunk(1000))
            {
                var all = batch.SelectMany(document => document).ToArray();
                tokens.AddRange(all.Take(all.Length / contextLength * contextLength));
            }
        }
        return tokens;
    }

    private (int[] Tokens, int Chunks, long Dropped) Pack(PackingStyle style, int contextLength, int shards, int[][] documents)
    {
        var path = folder.At(Guid.NewGuid().ToString("N"));
        var specification = new DatasetSpecification { ContextLength = contextLength, Packing = style, PackingShards = shards };
        using var writer = new TokenFileWriter(path, bytesPerToken: 4);
        var packer = new ChunkPacker(writer, specification, EndOfText, documents.Length);
        foreach (var document in documents) packer.Add(document);
        writer.Finish();
        writer.Dispose();
        var bytes = File.ReadAllBytes(path);
        return ([.. Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToInt32(bytes, 4 * i))], packer.Chunks, packer.DroppedTokens);
    }
}
