using System.Globalization;
using System.Runtime.InteropServices;

namespace NcService.Cli.Tests;

/// <summary>The built program as scripts see it: its streams and its exit status.</summary>
public sealed partial class ProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SharedFact]
    public async Task A_row_of_the_published_table_comes_out_as_json_and_nothing_else()
    {
        var result = await Ncctl.ExecuteAsync(
            "permutation-test", "--input", SharedData.Path("golden/paper/lc-2024_05_18.csv"), "--rows", "02x0768_01d[0-9][0-9]@0", "--rows", "02x0768_01d@0",
            "--x", "matches/(matches+misses)", "--y", "val_loss", "--permutations", "10000", "--seed", "3", "--json");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Error);
        Assert.Equal(21, result.Json.GetProperty("n").GetInt32());
        Assert.Equal(0.490278, result.Json.GetProperty("r2").GetDouble(), 6);
        Assert.InRange(result.Json.GetProperty("p_two_sided").GetDouble(), 1e-4, 1.3e-3);
    }

    [Fact]
    public async Task Bad_input_is_one_line_on_standard_error_and_status_2()
    {
        var result = await Ncctl.ExecuteAsync("correlate", "--input", _folder.File("missing.csv"), "--x", "a", "--json");
        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.StartsWith("ncctl correlate: cannot read ", Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_long_verb_with_status_4()
    {
        var rows = Enumerable.Range(0, 21).Select(i => string.Create(CultureInfo.InvariantCulture, $"m{i},{i * i % 23},{i * 7 % 19}\n"));
        var table = _folder.Write("table.csv", "model,a,val_loss\n" + string.Concat(rows));
        using var process = Ncctl.Start("permutation-test", "--input", table, "--x", "a", "--permutations", "1000000000000");
        var firstProgress = await process.StandardError.ReadLineAsync();
        Assert.Contains("permuting", firstProgress, StringComparison.Ordinal);
        Assert.Equal(0, Kill(process.Id, SignalInterrupt));
        var rest = process.StandardError.ReadToEndAsync();
        using var minute = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            await process.WaitForExitAsync(minute.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Assert.Fail("It went on for a minute after SIGINT.");
        }
        Assert.EndsWith("ncctl permutation-test: cancelled", (await rest).TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(4, process.ExitCode);
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync());
    }

    private const int SignalInterrupt = 2;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
