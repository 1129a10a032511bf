using System.Text.Json;

namespace NcService.Cli.Tests;

public sealed class EvaluateVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SharedFact]
    public async Task Losses_of_the_reference_checkpoint_come_out_token_by_token()
    {
        using var parity = JsonDocument.Parse(File.ReadAllText(SharedData.Path("golden/gptneo/parity.json")));
        var cases = parity.RootElement.GetProperty("cases").EnumerateArray().ToArray();
        var sequences = cases.SelectMany(item => item.GetProperty("input_ids").EnumerateArray()).ToArray();
        var expected = cases.SelectMany(item => item.GetProperty("loss_per_token").EnumerateArray()).ToArray();

        var result = await Ncctl.RunAsync(
            "evaluate", "--checkpoint", SharedData.Path("golden/gptneo"), "--tokens", _folder.Write("ids.json", JsonSerializer.Serialize(sequences)), "--device", "cpu", "--json");

        Assert.Equal("", result.Error);
        var losses = result.Json.GetProperty("loss_per_token").EnumerateArray().ToArray();
        Assert.Equal(expected.Length, losses.Length);
        var all = new List<double>();
        for (var i = 0; i < losses.Length; i++)
        {
            var (wanted, got) = (Doubles(expected[i]), Doubles(losses[i]));
            Assert.Equal(wanted.Length, got.Length);
            for (var t = 0; t < got.Length; t++) Assert.Equal(wanted[t], got[t], 1e-4 * wanted[t]);
            all.AddRange(wanted);
        }
        Assert.Equal(all.Average(), result.Json.GetProperty("mean_loss").GetDouble(), 1e-4);
    }

    [Theory]
    [InlineData("[]", "holds no sequence")]
    [InlineData("[[1, 2], [3]]", "sequence 1 has fewer than 2 token ids")]
    [InlineData("[1, 2]", "must be a JSON array of arrays of token ids")]
    [InlineData("{", "must be a JSON array of arrays of token ids")]
    public async Task Ids_of_another_form_are_refused(string ids, string message)
    {
        var result = await Ncctl.RunAsync("evaluate", "--checkpoint", _folder.File("none"), "--tokens", _folder.Write("ids.json", ids), "--json");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_checkpoint_is_refused()
    {
        var result = await Ncctl.RunAsync("evaluate", "--checkpoint", _folder.File("none"), "--tokens", _folder.Write("ids.json", "[[1, 2]]"), "--json");
        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
    }

    [Fact]
    public async Task A_device_that_is_not_there_is_refused()
    {
        var result = await Ncctl.RunAsync(
            "evaluate", "--checkpoint", _folder.File("none"), "--tokens", _folder.Write("ids.json", "[[1, 2]]"), "--device", "cuda:99", "--json");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--device 'cuda:99' is not one of auto, cpu", result.Error, StringComparison.Ordinal);
    }

    private static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetDouble())];
}
