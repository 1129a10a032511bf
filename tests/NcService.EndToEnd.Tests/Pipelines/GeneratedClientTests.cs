using System.Diagnostics;

namespace NcService.EndToEnd.Tests.Pipelines;

/// <summary>A client that openapi-typescript makes of docs/openapi.json compiles in strict mode and goes the whole way: tests/clients/typescript.</summary>
[Collection(SingleMachineTests.Name)]
public sealed class GeneratedClientTests(SingleMachine machine)
{
    private static readonly string s_folder = Path.Combine(SharedData.RepositoryRoot, "tests", "clients", "typescript");

    [Fact]
    public async Task A_generated_client_compiles_strictly_and_goes_the_whole_way()
    {
        var installed = Path.Combine(s_folder, "node_modules", ".package-lock.json");
        if (!File.Exists(installed) || File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(Path.Combine(s_folder, "package-lock.json")))
            await RunAsync("npm", "ci", "--silent");
        await RunAsync("npm", "run", "--silent", "build");
        var said = await RunAsync("node", "built/whole-way.js");
        Assert.True(said.Split("ok: ").Length > 12, said);
    }

    private async Task<string> RunAsync(string program, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = s_folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NCSERVICE_URL"] = machine.Address;
        start.Environment["NCSERVICE_TOKEN"] = machine.Token;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = await process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await output}{error}");
        return await output;
    }
}
