using System.Diagnostics;
using System.Text.Json;

namespace NcService.Cli.Tests;

/// <summary>Runs ncctl in this process, or the built program in one of its own.</summary>
internal sealed record Ncctl(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output as JSON; fails where anything else is there.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public static async Task<Ncctl> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await NcctlCommand.RunAsync(arguments, output, error);
        return new Ncctl(code, output.ToString(), error.ToString());
    }

    public static Process Start(params string[] arguments)
    {
        // Whatever starts the tests may ignore SIGINT (a shell does for its background); a user's terminal does not.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "ncctl.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        return Process.Start(start)!;
    }

    public static async Task<Ncctl> ExecuteAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Ncctl(process.ExitCode, await output, await error);
    }
}
