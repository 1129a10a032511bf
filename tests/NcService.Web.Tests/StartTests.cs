using System.Diagnostics;

namespace NcService.Web.Tests;

/// <summary>The real process: what it refuses to start with.</summary>
public sealed class StartTests
{
    private const string GoodHash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("no tokens are configured", "--urls=http://0.0.0.0:0")]
    [InlineData("no tokens are configured", "--http_ports=0")]
    [InlineData("no tokens are configured", "--Kestrel:Endpoints:Open:Url=http://*:0")]
    [InlineData("RequireSignIn", "--urls=http://[::]:0", "--NcService:RequireSignIn=false", "--NcService:Tokens:0:Name=a", "--NcService:Tokens:0:Hash=" + GoodHash)]
    [InlineData("NcService:Tokens:0:Hash", "--NcService:Tokens:0:Name=a", "--NcService:Tokens:0:Hash=secret")]
    [InlineData("NcService:Tokens:0:Scope", "--NcService:Tokens:0:Name=a", "--NcService:Tokens:0:Hash=" + GoodHash, "--NcService:Tokens:0:Scope=root")]
    [InlineData("NcService:DeviceName: there is no such setting; did you mean 'Device'?", "--NcService:DeviceName=cpu")]
    [InlineData("NcService:GpuJobs", "--NcService:GpuJobs=many")]
    [InlineData("NcService:Device is 'gpu'", "--NcService:Device=gpu")]
    [InlineData("NcService:LeaseSeconds is 0", "--NcService:LeaseSeconds=0")]
    [InlineData("NcService:Retry:Attempts is 0", "--NcService:Retry:Attempts=0")]
    [InlineData("NcService:Retry:Kinds:Training", "--NcService:Retry:Kinds:Training:Attempts=2")]
    [InlineData("NcService:ConnectionString", "--NcService:ConnectionString=nonsense")]
    [InlineData("NcService:CheckpointDirectories", "--NcService:CheckpointDirectories=/no/such/folder")]
    public async Task A_server_that_would_be_open_or_wrongly_configured_does_not_start(string reason, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("ncservice-start-").FullName;
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = folder };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "NcService.Web.dll"), "--NcService:ExecuteJobs=false", "--NcService:DataDirectory=" + folder, .. arguments])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = await process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);

            Assert.True(process.ExitCode == 2, $"exit code {process.ExitCode}: {error}{await output}");
            Assert.Contains(reason, error, StringComparison.Ordinal);
            Assert.Single(error.Trim().Split('\n'));
        }
        finally
        {
            if (!process.HasExited) process.Kill();
            Directory.Delete(folder, recursive: true);
        }
    }
}
