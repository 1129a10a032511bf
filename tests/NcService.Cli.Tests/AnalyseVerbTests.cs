using System.Text.Json;
using NcService.Core.Models;
using NcService.Core.Text;
using static TorchSharp.torch;

namespace NcService.Cli.Tests;

public sealed class AnalyseVerbTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Dataset => _folder.File("dataset");

    private string Checkpoint => _folder.File("checkpoint");

    public async Task InitializeAsync()
    {
        // Enough shards that the killer, who shares the cores with other tests, sees some of them before the last.
        var documents = Enumerable.Range(0, 400).Select(i => $"The cat number {i} sees the dog number {i + 1}, and the dog sees the cat.");
        await Ncctl.RunAsync(
            "dataset", "prepare", "--corpus", "text-file", "--path", _folder.Write("corpus.txt", string.Join("\n\n", documents)),
            "--tokenizer", "trained", "--vocabulary", "280", "--context-length", "16", "--validation-fraction", "0.2", "--output", Dataset);
        using var data = TokenDataset.Open(Dataset);
        using var model = new GptNeo(GptNeoConfiguration.Create(16, 2, data.Manifest.VocabularySize, 16), CPU, seed: 3);
        ModelCheckpoint.Save(model, Checkpoint, null);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_analysis_whose_process_is_killed_goes_on_at_its_last_finished_shard()
    {
        string[] arguments = ["analyse", "--checkpoint", Checkpoint, "--dataset", Dataset, "--device", "cpu", "--shard-chunks", "1", "--batch-size", "1", "--json", "--output"];
        var output = _folder.File("killed");
        using (var process = Ncctl.Start([.. arguments, output]))
        {
            var deadline = DateTime.UtcNow.AddSeconds(60);
            while (Shards(output).Length < 3)
            {
                Assert.True(DateTime.UtcNow < deadline && !process.HasExited, "no shard was finished");
                await Task.Delay(5);
            }
            process.Kill();
            await process.WaitForExitAsync();
        }
        Assert.False(File.Exists(Path.Combine(output, "class_statistics.safetensors")), "the analysis ended before it was killed");
        var finished = Shards(output);

        // The finished shards are in place before the first report of the second call, and it leaves them as they are.
        var stamps = finished.ToDictionary(file => file, File.GetLastWriteTimeUtc);
        using var touched = new FileSystemWatcher(Path.GetDirectoryName(finished[0])!, "train-*.safetensors") { EnableRaisingEvents = true };
        var renamed = new List<string>();
        touched.Renamed += (_, change) =>
        {
            lock (renamed) renamed.Add(change.FullPath);
        };
        var resumed = await Ncctl.RunAsync([.. arguments, output]);
        Assert.Equal(0, resumed.ExitCode);
        lock (renamed) Assert.Empty(renamed.Intersect(stamps.Keys));

        var undisturbed = await Ncctl.RunAsync([.. arguments, _folder.File("undisturbed")]);
        var expected = undisturbed.Json.GetProperty("metrics");
        foreach (var metric in resumed.Json.GetProperty("metrics").EnumerateObject())
        {
            var other = expected.GetProperty(metric.Name);
            Assert.Equal(other.ValueKind, metric.Value.ValueKind);
            if (other.ValueKind == JsonValueKind.Number) Assert.Equal(other.GetDouble(), metric.Value.GetDouble(), 1e-9 * (1e-3 + Math.Abs(other.GetDouble())));
        }
        Assert.Equal(undisturbed.Json.GetProperty("validation_counts").GetRawText(), resumed.Json.GetProperty("validation_counts").GetRawText());
    }

    [Fact]
    public async Task The_saved_class_statistics_are_measured_again_without_the_model()
    {
        var output = _folder.File("kept");
        var analysed = await Ncctl.RunAsync("analyse", "--checkpoint", Checkpoint, "--dataset", Dataset, "--device", "cpu", "--train-loss", "--output", output, "--json");
        var measured = await Ncctl.RunAsync("measure", "--statistics", Path.Combine(output, "class_statistics.safetensors"), "--json");
        foreach (var metric in analysed.Json.GetProperty("metrics").EnumerateObject())
        {
            var again = measured.Json.GetProperty("metrics").GetProperty(metric.Name);
            if (metric.Value.ValueKind == JsonValueKind.Number) Assert.Equal(metric.Value.GetDouble(), again.GetDouble(), 1e-9 * (1e-3 + Math.Abs(again.GetDouble())));
            else Assert.Equal(JsonValueKind.Null, again.ValueKind);
        }
        Assert.Equal(analysed.Json.GetProperty("undefined").GetRawText(), measured.Json.GetProperty("undefined").GetRawText());
    }

    [Fact]
    public async Task Every_block_is_measured_on_request()
    {
        var result = await Ncctl.RunAsync("analyse", "--checkpoint", Checkpoint, "--dataset", Dataset, "--device", "cpu", "--layers", "--json");
        var layers = result.Json.GetProperty("layers").EnumerateArray().ToArray();
        Assert.Equal([1, 2], layers.Select(layer => layer.GetProperty("layer").GetInt32()));
        Assert.All(layers, layer => Assert.Equal(JsonValueKind.Number, layer.GetProperty("metrics").GetProperty("cdnv").ValueKind));
    }

    private static string[] Shards(string output) =>
        Directory.Exists(output) ? Directory.GetFiles(output, "train-*.safetensors", SearchOption.AllDirectories) : [];
}
