namespace NcService.Cli.Tests;

public sealed class TrainVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_dataset_is_prepared_trained_on_evaluated_and_analysed()
    {
        var documents = Enumerable.Range(0, 60).Select(i => $"The cat number {i} sees the dog number {i + 1}, and the dog sees the cat.");
        var dataset = _folder.File("dataset");
        await Ncctl.RunAsync(
            "dataset", "prepare", "--corpus", "text-file", "--path", _folder.Write("corpus.txt", string.Join("\n\n", documents)),
            "--tokenizer", "trained", "--vocabulary", "280", "--context-length", "16", "--validation-fraction", "0.2", "--output", dataset);

        var trained = await Ncctl.RunAsync(
            "train", "--dataset", dataset, "--width", "16", "--depth", "2", "--batch-size", "8", "--learning-rate", "0.01", "--epochs", "3",
            "--device", "cpu", "--output", _folder.File("run"), "--json");

        Assert.Equal(0, trained.ExitCode);
        Assert.InRange(trained.Json.GetProperty("val_loss").GetDouble(), 0.1, trained.Json.GetProperty("initial_val_loss").GetDouble() - 0.5);
        var checkpoint = trained.Json.GetProperty("checkpoint").GetString()!;
        Assert.True(File.Exists(Path.Combine(checkpoint, "model.safetensors")));
        var evaluated = await Ncctl.RunAsync("evaluate", "--checkpoint", checkpoint, "--tokens", _folder.Write("ids.json", "[[1,2,3]]"), "--json");
        Assert.Equal(2, evaluated.Json.GetProperty("loss_per_token")[0].GetArrayLength());

        var whole = await Ncctl.RunAsync("evaluate", "--checkpoint", checkpoint, "--dataset", dataset, "--device", "cpu", "--json");
        Assert.Equal(trained.Json.GetProperty("val_loss").GetDouble(), whole.Json.GetProperty("val_loss").GetDouble(), 1e-5);
        Assert.Equal(trained.Json.GetProperty("train_loss").GetDouble(), whole.Json.GetProperty("train_loss").GetDouble(), 1e-5);

        string[] sample = ["sample", "--checkpoint", checkpoint, "--prompt", "The cat", "--maximum-tokens", "8", "--count", "2", "--seed", "3", "--device", "cpu", "--json"];
        var sampled = await Ncctl.RunAsync(sample);
        Assert.Equal(2, sampled.Json.GetArrayLength());
        Assert.StartsWith("The cat", sampled.Json[1].GetString(), StringComparison.Ordinal);
        Assert.Equal(sampled.Output, (await Ncctl.RunAsync(sample)).Output);

        var analysed = await Ncctl.RunAsync("analyse", "--checkpoint", checkpoint, "--dataset", dataset, "--device", "cpu", "--json");
        Assert.Equal(0, analysed.ExitCode);
        var metrics = analysed.Json.GetProperty("metrics");
        Assert.Equal(trained.Json.GetProperty("val_loss").GetDouble(), metrics.GetProperty("val_loss").GetDouble(), 1e-4);
        Assert.InRange(metrics.GetProperty("ncc_agreement").GetDouble(), 0, 1);
        var gate = await Ncctl.RunAsync("gate", "--input", _folder.Write("metrics.json", analysed.Output), "--require", "val_loss < 100", "--require", "cdnv > 0");
        Assert.Equal(0, gate.ExitCode);
    }

    [Theory]
    [InlineData("--epochs", "0", "Epochs is 0")]
    [InlineData("--precision", "float16", "did you mean 'bfloat16'?")]
    public async Task Settings_out_of_range_are_refused(string option, string value, string message)
    {
        var result = await Ncctl.RunAsync("train", "--dataset", _folder.File("none"), "--width", "16", "--depth", "1", "--output", _folder.File("run"), option, value);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }
}
