using NcService.Core.Text;

namespace NcService.Core.Tests.Text;

public sealed class CorpusTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TextFile_IsSplitAtEndOfText_WhereItOccurs()
    {
        var path = folder.Write("a.txt", "One\n\nstill one\r\n<|endoftext|>\n\nTwo<|endoftext|>Three\n<|endoftext|>\n  \n");

        Assert.Equal(["One\n\nstill one", "Two", "Three"], Read(new() { Kind = CorpusKind.TextFile, Path = path }));
    }

    [Fact]
    public void TextFile_IsSplitAtBlankLines_Otherwise()
    {
        var path = folder.Write("a.txt", "\n\nOne\nstill one\n \t\n\nTwo\n");

        Assert.Equal(["One\nstill one", "Two"], Read(new() { Kind = CorpusKind.TextFile, Path = path }));
    }

    [Fact]
    public void Folder_IsReadInOrdinalOrder_WithSubfolders()
    {
        folder.Write("corpus/b.txt", "B");
        folder.Write("corpus/a/z.txt", "Z1<|endoftext|>Z2");
        folder.Write("corpus/B.txt", "capital");
        folder.Write("corpus/notes.md", "not read");

        Assert.Equal(["capital", "Z1", "Z2", "B"], Read(new() { Kind = CorpusKind.Folder, Path = folder.At("corpus") }));
    }

    [Fact]
    public void JsonLines_GiveTheNamedField()
    {
        var path = folder.Write("a.jsonl", "{\"id\": 1, \"story\": \"Ä\\nb\"}\n\n{\"story\": \" \"}\n{\"story\": \"two\"}\n");

        Assert.Equal(["Ä\nb", "two"], Read(new() { Kind = CorpusKind.JsonLines, Path = path, TextField = "story" }));
    }

    [Theory]
    [InlineData("{\"text\": \"ok\"}\n{\"text\": \n", "line 2: not valid JSON")]
    [InlineData("{\"text\": \"ok\"}\n\n[1]\n", "line 3: a JSON object is expected")]
    [InlineData("{\"txt\": \"ok\"}", "line 1: the object has no field 'text'; its fields are 'txt'")]
    [InlineData("{\"text\": 5}", "line 1: field 'text' is Number, not a string")]
    [InlineData("{\"text\": \"\\uD800\"}", "line 1: not valid JSON")]
    public void JsonLines_ThatAreInvalid_AreNamedByLine(string content, string message)
    {
        var path = folder.Write("a.jsonl", content);

        var error = Assert.Throws<InputException>(() => Read(new() { Kind = CorpusKind.JsonLines, Path = path }));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_ThatIsNotUtf8_IsNamedByFileAndLine()
    {
        File.WriteAllBytes(folder.At("latin1.txt"), [.. "caf"u8, 0xE9, .. "\nmore\n"u8]);

        var error = Assert.Throws<InputException>(() => Read(new() { Kind = CorpusKind.TextFile, Path = folder.At("latin1.txt") }));
        Assert.Contains("latin1.txt' is not UTF-8 text", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CorpusKind.TextFile, null, "needs a path")]
    [InlineData(CorpusKind.TextFile, "absent.txt", "There is no corpus file")]
    [InlineData(CorpusKind.TinyStories, ".", "is a folder")]
    [InlineData(CorpusKind.Folder, "absent", "There is no corpus folder")]
    public void Open_OfWhatIsNotThere_SaysSo(CorpusKind kind, string? path, string message)
    {
        var error = Assert.Throws<InputException>(() => Corpus.Open(new() { Kind = kind, Path = path is null ? null : folder.At(path) }));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_WithoutText_IsRefused() =>
        Assert.Throws<InputException>(() => Read(new() { Kind = CorpusKind.Folder, Path = folder.Root }));

    [Fact]
    public void MaximumDocuments_BoundsTheCorpus_ButNotItsValidationFile()
    {
        var specification = new CorpusSpecification
        {
            Kind = CorpusKind.TextFile,
            Path = folder.Write("train.txt", "a\n\nb\n\nc"),
            ValidationPath = folder.Write("valid.txt", "d\n\ne\n\nf"),
            MaximumDocuments = 2,
        };

        Assert.Equal(["a", "b"], Read(specification));
        Assert.Equal(["d", "e", "f"], Corpus.OpenValidation(specification)!.ReadDocuments(CancellationToken.None));
        Assert.Throws<InputException>(() => Corpus.Open(specification with { MaximumDocuments = 0 }));
    }

    [AssetFact]
    public void StateOfTheUnion_IsTheDefault()
    {
        var documents = Read(new());

        Assert.Equal(233, documents.Length);
        Assert.StartsWith("Fellow", documents[0], StringComparison.Ordinal);
        Assert.True(documents.Sum(document => document.Length) > 10_000_000);
    }

    [SharedFact]
    public void TinyStories_AreSplitByStory()
    {
        var stories = Read(new() { Kind = CorpusKind.TinyStories, Path = SharedData.Path("data/tinystories-train.txt") });

        Assert.Equal(7036, stories.Length);
        Assert.StartsWith("One day, a little girl named Lily", stories[0], StringComparison.Ordinal);
        Assert.DoesNotContain(stories, story => story.Contains("endoftext", StringComparison.Ordinal));
    }

    private static string[] Read(CorpusSpecification specification) => [.. Corpus.Open(specification).ReadDocuments(CancellationToken.None)];
}
