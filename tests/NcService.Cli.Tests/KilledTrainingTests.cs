using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace NcService.Cli.Tests;

/// <summary>Training in a process of its own, killed (SIGKILL) at random steps. NCSERVICE_KILLS says how often; the default keeps the test short.</summary>
public sealed class KilledTrainingTests : IDisposable
{
    private const int Steps = 160;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_at_random_steps_the_remaining_losses_and_the_weights_are_those_of_the_undisturbed_run_bit_for_bit()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("NCSERVICE_KILLS") ?? "3", CultureInfo.InvariantCulture);
        var documents = Enumerable.Range(0, 60).Select(i => $"The cat number {i} sees the dog number {i + 1}, and the dog sees the cat.");
        await Ncctl.RunAsync(
            "dataset", "prepare", "--corpus", "text-file", "--path", _folder.Write("corpus.txt", string.Join("\n\n", documents)),
            "--tokenizer", "trained", "--vocabulary", "280", "--context-length", "16", "--validation-fraction", "0.2", "--output", _folder.File("dataset"));
        Assert.Equal(0, (await Ncctl.ExecuteAsync(Train("undisturbed"))).ExitCode);

        var seed = Random.Shared.Next();
        var random = new Random(seed);
        // In rising order, so that each kill meets the run that the one before it left; in the first half, so that a late kill still meets it.
        var targets = Enumerable.Range(1, Steps / 2).OrderBy(_ => random.Next()).Take(kills).Order().ToArray();
        foreach (var target in targets) await KillAtAsync(target);
        Assert.Equal(0, (await Ncctl.ExecuteAsync(Train("killed"))).ExitCode);

        Assert.True(Metrics("undisturbed").SequenceEqual(Metrics("killed")), $"The losses differ after kills at steps {string.Join(", ", targets)} (seed {seed}).");
        Assert.Equal(File.ReadAllBytes(Weights("undisturbed")), File.ReadAllBytes(Weights("killed")));
    }

    private async Task KillAtAsync(int step)
    {
        using var process = Ncctl.Start(Train("killed"));
        var output = process.StandardError.ReadToEndAsync();
        var deadline = Stopwatch.StartNew();
        while (LastStep() < step)
        {
            Assert.False(process.HasExited, $"The run ended before step {step}: {(process.HasExited ? await output : "")}");
            Assert.True(deadline.Elapsed < TimeSpan.FromMinutes(2), $"Step {step} was not reached.");
            await Task.Delay(1);
        }
        process.Kill();
        await process.WaitForExitAsync();
        Assert.Equal(128 + 9, process.ExitCode);
    }

    private int LastStep()
    {
        var path = Path.Combine(_folder.File("killed"), "metrics.jsonl");
        if (!File.Exists(path)) return -1;
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        var steps = Regex.Matches(reader.ReadToEnd(), "\"step\":(?<step>[0-9]+),", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        return steps.Count == 0 ? -1 : int.Parse(steps[^1].Groups["step"].Value, CultureInfo.InvariantCulture);
    }

    private string[] Train(string name) =>
    [
        "train", "--dataset", _folder.File("dataset"), "--width", "48", "--depth", "2", "--batch-size", "16", "--learning-rate", "0.01", "--epochs", "1000",
        "--maximum-steps", Steps.ToString(CultureInfo.InvariantCulture), "--evaluation-interval", "1", "--checkpoint-interval", "3", "--kept-states", "2",
        "--device", "cpu", "--output", _folder.File(name), "--json",
    ];

    private string[] Metrics(string name) => [.. File.ReadAllLines(Path.Combine(_folder.File(name), "metrics.jsonl"))
        .Select(line => Regex.Replace(line, "\"seconds\":[^,]*,", "", RegexOptions.None, TimeSpan.FromSeconds(1)))];

    private string Weights(string name) => Path.Combine(_folder.File(name), "checkpoint", "model.safetensors");
}
