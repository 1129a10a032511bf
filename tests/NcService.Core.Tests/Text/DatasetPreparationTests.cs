using System.Security.Cryptography;
using NcService.Core.Text;

namespace NcService.Core.Tests.Text;

public sealed class DatasetPreparationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DatasetSpecification specification;

    public DatasetPreparationTests()
    {
        var documents = Enumerable.Range(0, 100).Select(i => $"Document {i} says: {string.Join(' ', Enumerable.Range(i, 30).Select(n => $"w{n * n % 97}"))}.");
        specification = new DatasetSpecification
        {
            Corpus = new() { Kind = CorpusKind.TextFile, Path = folder.Write("corpus.txt", string.Join("\n\n", documents)) },
            Tokenizer = new() { Kind = TokenizerKind.Trained, VocabularySize = 300 },
            ContextLength = 32,
            ValidationFraction = 0.1,
            Seed = 1,
        };
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Chunks_hold_the_documents_of_their_split_in_order()
    {
        await Prepare(specification);
        using var dataset = TokenDataset.Open(folder.At("dataset"));

        var (train, validation) = (Decode(dataset, dataset.Train), Decode(dataset, dataset.Validation));
        var documents = Corpus.Open(specification.Corpus).ReadDocuments(CancellationToken.None).ToArray();
        var validates = DocumentSplit.ChooseValidation(100, 0.1, seed: 1);
        Assert.StartsWith(train, string.Concat(documents.Where((_, i) => !validates[i]).Select(text => text + Corpus.EndOfText)), StringComparison.Ordinal);
        Assert.StartsWith(validation, string.Concat(documents.Where((_, i) => validates[i]).Select(text => text + Corpus.EndOfText)), StringComparison.Ordinal);
        Assert.Equal((90, 10, 100), (dataset.Manifest.TrainDocuments, dataset.Manifest.ValidationDocuments, dataset.Manifest.DocumentCount));
    }

    [Fact]
    public async Task Manifest_counts_and_hashes_what_was_written()
    {
        var manifest = await Prepare(specification);

        Assert.Equal(manifest.TrainTokens, manifest.TrainChunks * 32L);
        Assert.Equal(manifest.TrainTokens * 2, new FileInfo(folder.At("dataset/train.bin")).Length);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder.At("dataset/train.bin")))), manifest.TrainHash);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder.At("dataset/validation.bin")))), manifest.ValidationHash);
        using var dataset = TokenDataset.Open(folder.At("dataset"));
        Assert.Equal(manifest, dataset.Manifest);
        Assert.Equal(dataset.Train.ChunkCount * 31L, dataset.Train.SampleCount);
    }

    [Fact]
    public async Task The_same_specification_gives_the_same_bytes_and_another_seed_others()
    {
        var first = await Prepare(specification, "first");

        Assert.Equal(first.Hash, (await Prepare(specification, "second")).Hash);
        Assert.NotEqual(first.Hash, (await Prepare(specification with { Seed = 2 }, "third")).Hash);
    }

    [Fact]
    public async Task ClassCounts_count_the_labels_of_each_chunk()
    {
        await Prepare(specification);
        using var dataset = TokenDataset.Open(folder.At("dataset"));

        var counts = dataset.Train.ClassCounts();

        var expected = new long[300];
        foreach (var chunk in Chunks(dataset.Train))
        {
            for (var t = 1; t < 32; t++) expected[chunk[t]]++;
        }
        Assert.Equal(expected, counts);
        Assert.Equal(dataset.Train.SampleCount, counts.Sum());
    }

    [Fact]
    public async Task A_validation_file_is_the_validation_split_whole()
    {
        var text = string.Join("\n\n", Enumerable.Repeat("A validation paragraph of some words.", 20));
        var withFile = specification with { Corpus = specification.Corpus with { ValidationPath = folder.Write("valid.txt", text), MaximumDocuments = 50 } };

        var manifest = await Prepare(withFile);

        Assert.Equal((50, 20), (manifest.TrainDocuments, manifest.ValidationDocuments));
        using var dataset = TokenDataset.Open(folder.At("dataset"));
        Assert.StartsWith("A validation paragraph of some words.<|endoftext|>A validation", Decode(dataset, dataset.Validation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preparing_again_does_nothing_and_another_specification_is_refused()
    {
        var manifest = await Prepare(specification);
        var written = File.GetLastWriteTimeUtc(folder.At("dataset/train.bin"));

        Assert.Equal(manifest, await Prepare(specification));
        Assert.Equal(written, File.GetLastWriteTimeUtc(folder.At("dataset/train.bin")));
        var error = await Assert.ThrowsAsync<InputException>(() => Prepare(specification with { ContextLength = 16 }));
        Assert.Contains("another specification", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_goes_on_where_it_was_and_gives_the_same_bytes()
    {
        // Three documents fill a batch: 20 batches, a mark after the sixteenth.
        var text = string.Join("\n\n", Enumerable.Range(0, 60).Select(i => string.Concat(Enumerable.Range(0, 80_000).Select(n => $"word{(i + n) % 11} of {n % 7}"))));
        var large = specification with
        {
            Corpus = specification.Corpus with { Path = folder.Write("large.txt", text) },
            Tokenizer = specification.Tokenizer with { VocabularySize = 265 },
        };
        using var cancellation = new CancellationTokenSource();
        var stages = new List<(string Stage, long Documents)>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DatasetPreparation.PrepareAsync(large, folder.At("dataset"), new CallOnReport(progress =>
        {
            if (progress is { Stage: "tokenise", Documents: > 50 }) cancellation.Cancel();
        }), cancellation.Token));
        Assert.False(Directory.Exists(folder.At("dataset")));

        var continued = await DatasetPreparation.PrepareAsync(large, folder.At("dataset"), new CallOnReport(progress => stages.Add((progress.Stage, progress.Documents))), default);

        Assert.All(stages, stage => Assert.Equal("tokenise", stage.Stage));   // neither counted nor trained again
        Assert.InRange(stages[0].Documents, 49, 60);                           // and not tokenised from the start
        Assert.Equal((await Prepare(large, "undisturbed")).Hash, continued.Hash);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root, ".*"));
    }

    [Fact]
    public async Task A_run_that_fails_leaves_nothing_and_one_that_is_under_way_elsewhere_is_not_disturbed()
    {
        await Assert.ThrowsAsync<InputException>(() => Prepare(specification with { ContextLength = 60_000 }));
        Assert.Empty(Directory.GetDirectories(folder.Root));

        using (new PreparationFolder(specification, folder.At("dataset")))
        {
            var error = await Assert.ThrowsAsync<InputException>(() => Prepare(specification));
            Assert.Contains("another process", error.Message, StringComparison.Ordinal);
        }
        await Prepare(specification);
    }

    [Theory]
    [InlineData("train.bin", "is damaged")]
    [InlineData("validation.bin", "is damaged")]
    [InlineData("dataset.json", "is damaged")]
    public async Task Opening_a_truncated_file_says_so(string file, string message)
    {
        await Prepare(specification);
        using (var stream = File.OpenWrite(folder.At("dataset/" + file))) stream.SetLength(stream.Length - 3);

        var error = Assert.Throws<InputException>(() => TokenDataset.Open(folder.At("dataset")));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opening_what_is_missing_or_of_another_version_says_so()
    {
        Assert.Throws<InputException>(() => TokenDataset.Open(folder.At("absent")));
        Assert.Throws<InputException>(() => TokenDataset.Open(folder.Root));
        await Prepare(specification);
        var manifest = File.ReadAllText(folder.At("dataset/dataset.json"));
        File.WriteAllText(folder.At("dataset/dataset.json"), manifest.Replace("\"formatVersion\": 1", "\"formatVersion\": 9", StringComparison.Ordinal));

        var error = Assert.Throws<InputException>(() => TokenDataset.Open(folder.At("dataset")));
        Assert.Contains("version 9", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_beyond_the_vocabulary_is_found_before_a_model_sees_it()
    {
        await Prepare(specification);
        using (var stream = File.OpenWrite(folder.At("dataset/train.bin"))) stream.Write([0xFF, 0xFF]);
        using var dataset = TokenDataset.Open(folder.At("dataset"));

        Assert.Throws<InputException>(() => dataset.Train.CopyChunk(0, new long[32]));
        dataset.Train.CopyChunk(1, new long[32]);
    }

    [Fact]
    public async Task A_split_that_is_disposed_cannot_be_read()
    {
        await Prepare(specification);
        var dataset = TokenDataset.Open(folder.At("dataset"));
        dataset.Dispose();

        Assert.Throws<ObjectDisposedException>(() => dataset.Train.CopyChunk(0, new long[32]));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("one paragraph only", "one document")]
    [InlineData("two\n\nparagraphs", "too short")]
    public async Task A_corpus_too_small_is_refused_with_the_reason(string text, string message)
    {
        var small = specification with
        {
            Corpus = specification.Corpus with { Path = folder.Write("small.txt", text) },
            Tokenizer = specification.Tokenizer with { VocabularySize = 257 },
        };

        var error = await Assert.ThrowsAsync<InputException>(() => Prepare(small));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_out_of_range_are_refused_by_name()
    {
        await AssertRefused(specification with { ContextLength = 1 }, "ContextLength");
        await AssertRefused(specification with { ValidationFraction = 0 }, "ValidationFraction");
        await AssertRefused(specification with { ValidationFraction = double.NaN }, "ValidationFraction");
        await AssertRefused(specification with { PackingShards = 0 }, "PackingShards");
        await AssertRefused(specification with { Tokenizer = new() { Kind = TokenizerKind.Trained, VocabularySize = 100 } }, "from 257");
        await AssertRefused(specification with { Tokenizer = new() { Kind = TokenizerKind.Gpt2, VocabularySize = 100 } }, "50257");
    }

    [AssetFact]
    public async Task A_vocabulary_beyond_16_bits_takes_4_bytes_a_token()
    {
        Assert.Equal((2, 4), (TokenFileWriter.BytesPerToken(65_535), TokenFileWriter.BytesPerToken(65_536)));
        var gpt2 = specification with { Tokenizer = new() };

        var manifest = await Prepare(gpt2);

        Assert.Equal(50257, manifest.VocabularySize);
        using var dataset = TokenDataset.Open(folder.At("dataset"));
        Assert.StartsWith("Document ", Decode(dataset, dataset.Train), StringComparison.Ordinal);
    }

    [SharedFact]
    public async Task TinyStories_pack_as_in_the_study_without_a_separator()
    {
        var stories = new DatasetSpecification
        {
            Corpus = new()
            {
                Kind = CorpusKind.TinyStories,
                Path = SharedData.Path("data/tinystories-train.txt"),
                ValidationPath = SharedData.Path("data/tinystories-valid.txt"),
            },
            Tokenizer = new() { Kind = TokenizerKind.Trained, VocabularySize = 512 },
            ContextLength = 128,
        };

        var manifest = await Prepare(stories);

        Assert.Equal((PackingStyle.StudyBatches, 7036), (manifest.Packing, manifest.TrainDocuments));
        using var dataset = TokenDataset.Open(folder.At("dataset"));
        Assert.Equal(0, dataset.Train.ClassCounts()[511]);
        // 8 batches of training stories and 2 of validation stories drop less than a chunk each.
        Assert.InRange(manifest.DroppedTokens, 1, 10 * 127);
    }

    /// <summary>
    /// With a vocabulary of bytes a token is a letter, so that all can be worked out on paper. T = 4, two shards, no separator: the first shard's three documents
    /// are abcdefghi (two chunks, i is left), the second's two jklmno (one chunk, n and o are left); a chunk of four gives three samples.
    /// </summary>
    [Fact]
    public async Task A_miniature_packed_as_in_the_study_has_the_chunks_and_samples_worked_out_by_hand()
    {
        var miniature = OfLetters("abc\n\ndefg\n\nhi\n\njklmn\n\no", "pqrs\n\ntuvwx", contextLength: 4, shards: 2);

        var manifest = await Prepare(miniature, "miniature");

        using var dataset = TokenDataset.Open(folder.At("miniature"));
        Assert.Equal("abcdefghjklm", Decode(dataset, dataset.Train));
        Assert.Equal("pqrstuvw", Decode(dataset, dataset.Validation));
        Assert.Equal((3, 2, 4), (manifest.TrainChunks, manifest.ValidationChunks, manifest.DroppedTokens));
        Assert.Equal((9, 6), (dataset.Train.SampleCount, dataset.Validation.SampleCount));
    }

    /// <summary>A batch of 1,000 stories of three tokens fills 428 chunks of seven and leaves 4; two stories more fill none. As one stream they would fill 429.</summary>
    [Fact]
    public async Task Each_thousand_stories_of_a_shard_are_cut_by_themselves()
    {
        var stories = OfLetters(string.Join("\n\n", Enumerable.Repeat("abc", 1002)), "defghij", contextLength: 7, shards: 1);

        var manifest = await Prepare(stories, "thousand");

        Assert.Equal((428, 1, 10), (manifest.TrainChunks, manifest.ValidationChunks, manifest.DroppedTokens));
    }

    /// <summary>Documents whose tokens are their letters, packed as in the study.</summary>
    private DatasetSpecification OfLetters(string documents, string validation, int contextLength, int shards) => new()
    {
        Corpus = new() { Kind = CorpusKind.TextFile, Path = folder.Write("letters.txt", documents), ValidationPath = folder.Write("letters-valid.txt", validation) },
        Tokenizer = new() { Kind = TokenizerKind.Trained, VocabularySize = TokenizerSpecification.MinimumVocabularySize },
        ContextLength = contextLength,
        Packing = PackingStyle.StudyBatches,
        PackingShards = shards,
    };

    private async Task AssertRefused(DatasetSpecification wrong, string message)
    {
        var error = await Assert.ThrowsAsync<InputException>(() => Prepare(wrong));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private Task<DatasetManifest> Prepare(DatasetSpecification wanted, string name = "dataset") =>
        DatasetPreparation.PrepareAsync(wanted, folder.At(name), progress: null, CancellationToken.None);

    private static IEnumerable<long[]> Chunks(TokenSplit split)
    {
        for (var i = 0; i < split.ChunkCount; i++)
        {
            var chunk = new long[split.ContextLength];
            split.CopyChunk(i, chunk);
            yield return chunk;
        }
    }

    private static string Decode(TokenDataset dataset, TokenSplit split) =>
        dataset.Tokenizer.Decode(Chunks(split).SelectMany(chunk => chunk).Select(id => (int)id).ToArray());

    private sealed class CallOnReport(Action<DatasetProgress> action) : IProgress<DatasetProgress>
    {
        public void Report(DatasetProgress value) => action(value);
    }
}
