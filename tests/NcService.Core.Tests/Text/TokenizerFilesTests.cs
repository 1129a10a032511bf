using System.Text.Json;
using NcService.Core.Text;

namespace NcService.Core.Tests.Text;

public sealed class TokenizerFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Load_ofWhatWasSaved_GivesTheSameIds()
    {
        var text = OddText.Generate(seed: 1, length: 50_000);
        var trained = TokenizerTrainer.Train([text], 1000, CancellationToken.None);

        trained.Save(folder.Root);
        var loaded = ByteLevelTokenizer.Load(folder.Root);

        Assert.Equal(trained.Encode(text), loaded.Encode(text));
        Assert.Equal((1000, 999), (loaded.VocabularySize, loaded.EndOfTextId));
    }

    [AssetFact]
    public void Save_ofGpt2_WritesTheMergesAndIdsOfTheOriginal()
    {
        ByteLevelTokenizer.LoadGpt2().Save(folder.Root);

        Assert.Equal(File.ReadAllText(Path.Combine(AssetFolder.Find("gpt2"), "vocab.bpe")), File.ReadAllText(folder.At("merges.txt")));
        var original = Vocabulary(Path.Combine(AssetFolder.Find("gpt2"), "encoder.json"));
        Assert.Equal(original.OrderBy(token => token.Value), Vocabulary(folder.At("vocab.json")).OrderBy(token => token.Value));
        using var configuration = JsonDocument.Parse(File.ReadAllText(folder.At("tokenizer_config.json")));
        Assert.Equal("GPT2Tokenizer", configuration.RootElement.GetProperty("tokenizer_class").GetString());
        Assert.Equal("<|endoftext|>", configuration.RootElement.GetProperty("eos_token").GetString());
    }

    [Fact]
    public void Load_fromAnEmptyFolder_NamesTheMissingFile()
    {
        var error = Assert.Throws<InputException>(() => ByteLevelTokenizer.Load(folder.Root));
        Assert.Contains("vocab.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json", "is not a vocabulary")]
    [InlineData("[1]", "is not a vocabulary")]
    [InlineData("{}", "is empty")]
    [InlineData("{\"a\": 1}", "the id 1")]
    [InlineData("{\"a\": 0, \"b\": 0}", "each once")]
    [InlineData("{\"a\": 0}", "no token for the byte 0x00")]
    public void Load_ofADamagedVocabulary_SaysWhatIsWrong(string vocabulary, string message)
    {
        folder.Write("vocab.json", vocabulary);
        folder.Write("merges.txt", "#version: 0.2\n");

        var error = Assert.Throws<InputException>(() => ByteLevelTokenizer.Load(folder.Root));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b c")]
    [InlineData("ab")]
    [InlineData("q x")]
    public void Load_ofADamagedMerge_NamesItsLine(string merge)
    {
        TokenizerTrainer.Train(["ab ab"], 258, CancellationToken.None).Save(folder.Root);
        File.AppendAllText(folder.At("merges.txt"), merge + "\n");

        var error = Assert.Throws<InputException>(() => ByteLevelTokenizer.Load(folder.Root));
        Assert.Contains("merges.txt', line 3", error.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, int> Vocabulary(string path) => JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(path))!;
}
