using NcService.Core.Text;

namespace NcService.Cli.Tests;

public sealed class DatasetVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Prepare_writes_a_dataset_and_says_what_is_in_it()
    {
        var documents = Enumerable.Range(0, 40).Select(i => $"Document {i} tells of cats and dogs, {i * i} of them.");
        var corpus = _folder.Write("corpus.txt", string.Join("\n\n", documents));
        var output = _folder.File("dataset");
        var result = await Ncctl.RunAsync(
            "dataset", "prepare", "--corpus", "text-file", "--path", corpus, "--tokenizer", "trained", "--vocabulary", "300",
            "--context-length", "16", "--validation-fraction", "0.25", "--output", output, "--json");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(40, result.Json.GetProperty("documents").GetInt32());
        Assert.Equal(300, result.Json.GetProperty("vocabulary_size").GetInt32());
        using var dataset = TokenDataset.Open(output);
        Assert.Equal(dataset.Train.ChunkCount, result.Json.GetProperty("train_chunks").GetInt32());
        Assert.Equal(16, dataset.Validation.ContextLength);
    }

    [Fact]
    public async Task A_wrong_kind_of_corpus_is_refused_with_the_right_ones()
    {
        var result = await Ncctl.RunAsync("dataset", "prepare", "--corpus", "tiny-storys", "--output", _folder.File("dataset"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("did you mean 'tiny-stories'?", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trained_tokenizer_needs_its_size()
    {
        var result = await Ncctl.RunAsync("dataset", "prepare", "--tokenizer", "trained", "--output", _folder.File("dataset"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("needs --vocabulary", result.Error, StringComparison.Ordinal);
    }
}
