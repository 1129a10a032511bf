using System.Text.Json;
using System.Xml.Linq;
using NcService.EndToEnd.Tests.Faults;

namespace NcService.EndToEnd.Tests.Pipelines;

/// <summary>The whole way of a CI job, with ncctl and the server as processes: a study is trained, its model taken out, sent in again as a pipeline would, and gated.</summary>
[Collection(SingleMachineTests.Name)]
public sealed class PipelineTests(SingleMachine machine)
{
    private const string Study = """
        {"name": "trained", "dataset": "text", "heads": 2, "batchSize": 8, "learningRate": 0.01, "maximumSteps": 30, "permutations": 0,
         "grids": [{"widths": [16], "depths": [1]}]}
        """;

    private const string Dataset = """
        {"name": "text", "specification": {"corpus": {"kind": "textFile", "path": "corpus.txt"}, "tokenizer": {"kind": "trained", "vocabularySize": 300}, "contextLength": 32}}
        """;

    [Fact]
    public async Task A_checkpoint_is_sent_analysed_like_our_own_compared_with_the_branch_and_gated()
    {
        await DoneAsync(0, "submit", "dataset", "--input", Write("dataset.json", Dataset));
        var study = (await DoneAsync(0, "submit", "study", "--input", Write("study.json", Study), "--json")).GetProperty("id").GetInt64();
        await DoneAsync(0, "wait", "--study", $"{study}", "--timeout", "200");
        var run = (await machine.GetJsonAsync($"/api/v1/studies/{study}/runs")).GetProperty("items")[0].GetProperty("id").GetInt64();
        var folder = await TakeOutAsync(run);

        // The first pipeline of a project has nothing to compare with.
        var (junit, summary) = (Path.Combine(folder, "..", "gate.xml"), Path.Combine(folder, "..", "summary.md"));
        string[] submit = ["submit", "--checkpoint", folder, "--dataset", "text", "--study", "ci", "--tag", "main", "--wait", "--timeout", "200", "--json", "--baseline", "latest:main", "--max-regression", "val_loss=1%"];
        var first = await DoneAsync(0, [.. submit, "--gate", "ncc_agreement>=0.01", "--gate", "val_loss <= 100", "--junit", junit, "--summary", summary]);
        Assert.True(first.GetProperty("met").GetBoolean());
        Assert.Equal(JsonValueKind.Null, first.GetProperty("baseline_run_id").ValueKind);
        Assert.Equal(2, first.GetProperty("conditions").GetArrayLength());
        var firstRun = first.GetProperty("run_id").GetInt64();
        Assert.Equal(await MeasurementsAsync(run), await MeasurementsAsync(firstRun));
        Assert.Equal("0", XDocument.Load(junit).Root!.Element("testsuite")!.Attribute("failures")!.Value);
        Assert.Contains("passed", await File.ReadAllTextAsync(summary), StringComparison.Ordinal);

        // The second one has: as good as it, and a condition that nothing meets.
        var second = await DoneAsync(1, [.. submit, "--gate", "val_loss <= 0", "--junit", junit, "--summary", summary]);
        Assert.Equal(firstRun, second.GetProperty("baseline_run_id").GetInt64());
        Assert.Equal([false, true], second.GetProperty("conditions").EnumerateArray().Select(row => row.GetProperty("met").GetBoolean()));
        var failure = Assert.Single(XDocument.Load(junit).Descendants("failure"));
        Assert.Equal("val_loss <= 0", failure.Parent!.Attribute("name")!.Value);
        Assert.Contains("FAILED", await File.ReadAllTextAsync(summary), StringComparison.Ordinal);

        // The third lies on the web.
        await using var web = await FileServer.StartAsync(Path.GetDirectoryName(folder)!);
        submit[Array.IndexOf(submit, folder)] = $"{web.Address}/model/";
        var third = await DoneAsync(0, [.. submit, "--name", "fetched"]);
        Assert.Equal(await MeasurementsAsync(run), await MeasurementsAsync(third.GetProperty("run_id").GetInt64()));
        Assert.Contains("/model/vocab.json", web.Asked);
    }

    [Fact]
    public async Task What_is_no_checkpoint_is_told_before_anything_is_sent()
    {
        var folder = Directory.CreateDirectory(Path.Combine(machine.DataDirectory, "empty")).FullName;
        var (status, _, error) = await machine.NcctlAsync("submit", "--checkpoint", folder, "--dataset", "text");
        Assert.Equal(2, status);
        Assert.Contains("config.json", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_lies_on_the_web_and_is_no_checkpoint_is_told_with_its_address()
    {
        var root = Directory.CreateDirectory(Path.Combine(machine.DataDirectory, "web")).FullName;
        Directory.CreateDirectory(Path.Combine(root, "sharded"));
        await File.WriteAllTextAsync(Path.Combine(root, "sharded", "config.json"), "{}");
        await File.WriteAllTextAsync(Path.Combine(root, "sharded", "model.safetensors.index.json"), """{"metadata": {"total_size": 8}, "weight_map": {"a": "../../secret.safetensors"}}""");
        Directory.CreateDirectory(Path.Combine(root, "damaged"));
        await File.WriteAllTextAsync(Path.Combine(root, "damaged", "config.json"), "{}");
        await File.WriteAllTextAsync(Path.Combine(root, "damaged", "model.safetensors.index.json"), """{"weight_map": ["a"]}""");
        await using var web = await FileServer.StartAsync(root);
        foreach (var (address, said) in new[]
        {
            ($"{web.Address}/nothing", $"there is no config.json at {web.Address}/nothing/"),
            ($"{web.Address}/{FileServer.Broken}", "answered 500"),
            ($"{web.Address}/sharded", "secret.safetensors"),
            ($"{web.Address}/damaged", "no index of weights"),
            ($"http://127.0.0.1:{ServiceCluster.FreePort()}/model", "cannot fetch"),
        })
        {
            var (status, _, error) = await machine.NcctlAsync("submit", "--checkpoint", address, "--dataset", "text");
            Assert.True(status == 2 && error.Contains(said, StringComparison.Ordinal), $"{address}: {status} {error}");
        }
        Assert.DoesNotContain(web.Asked, path => path.Contains("secret", StringComparison.Ordinal));
    }

    private async Task<JsonElement> DoneAsync(int expected, params IReadOnlyList<string> arguments)
    {
        var (status, output, error) = await machine.NcctlAsync(arguments);
        Assert.True(status == expected, $"ncctl {string.Join(' ', arguments)} ended with {status}: {output}{error}");
        return arguments.Contains("--json") ? JsonSerializer.Deserialize<JsonElement>(output) : default;
    }

    private async Task<string> TakeOutAsync(long run)
    {
        var checkpoint = (await machine.GetJsonAsync($"/api/v1/checkpoints?runId={run}")).GetProperty("items")[0];
        var folder = Directory.CreateDirectory(Path.Combine(machine.DataDirectory, "out", "model")).FullName;
        foreach (var name in checkpoint.GetProperty("files").EnumerateArray().Select(file => file.GetString()!))
            await File.WriteAllBytesAsync(Path.Combine(folder, name), await machine.Client.GetByteArrayAsync($"/api/v1/checkpoints/{checkpoint.GetProperty("id")}/files/{name}"));
        Assert.True(File.Exists(Path.Combine(folder, "model.safetensors")) && File.Exists(Path.Combine(folder, "vocab.json")));
        return folder;
    }

    private async Task<List<string>> MeasurementsAsync(long run) =>
        [.. (await machine.GetJsonAsync($"/api/v1/runs/{run}/analyses")).GetProperty("items")[0].GetProperty("measurements").EnumerateArray().Select(row => row.GetRawText())];

    private string Write(string name, string text)
    {
        var path = Path.Combine(machine.DataDirectory, name);
        File.WriteAllText(path, text);
        return path;
    }
}
