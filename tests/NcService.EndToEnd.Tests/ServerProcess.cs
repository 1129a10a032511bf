using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;

namespace NcService.EndToEnd.Tests;

/// <summary>The real web host as a process of its own, on a free port, with a data directory of its own that it takes along when it goes.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    // The line that invites the person at the terminal: "NcService: http://127.0.0.1:PORT/login?code=CODE".
    private const string Invitation = "NcService: http";
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(3);
    private readonly string[] settings;
    private readonly ConcurrentQueue<string> output = new();
    private Process process = null!;

    private ServerProcess(string dataDirectory, string[] settings) => (DataDirectory, this.settings) = (dataDirectory, settings);

    /// <summary>The printed link that signs one browser in, once.</summary>
    public Uri LoginLink { get; private set; } = null!;

    /// <summary>Where it listens.</summary>
    public Uri Address => new(LoginLink, "/");

    /// <summary>Its store and artifacts.</summary>
    public string DataDirectory { get; }

    /// <summary>What it has written so far.</summary>
    public string Output => string.Join('\n', output);

    /// <summary>Starts a server on an empty store.</summary>
    /// <param name="executeJobs">True makes it a worker too; false leaves its jobs queued.</param>
    /// <param name="connection">A database of PostgreSQL; without it the store is a file of its own.</param>
    public static async Task<ServerProcess> StartAsync(bool executeJobs, string? connection = null)
    {
        string[] chosen = [$"--NcService:ExecuteJobs={executeJobs}", .. connection is null ? Array.Empty<string>() : [$"--NcService:ConnectionString={connection}"]];
        var server = new ServerProcess(Directory.CreateTempSubdirectory("ncservice-e2e-").FullName, chosen);
        try
        {
            await server.LaunchAsync("http://127.0.0.1:0");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the process and starts another on the same port and data.</summary>
    public async Task StartAgainAsync()
    {
        var address = Address.GetLeftPart(UriPartial.Authority);
        await KillAsync();
        await LaunchAsync(address);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(DataDirectory, recursive: true);
    }

    /// <summary>Its store, where that is a file.</summary>
    public NcServiceContext OpenStore() =>
        new(new DbContextOptionsBuilder<NcServiceContext>().UseSqlite($"Data Source={Path.Combine(DataDirectory, "ncservice.db")};Pooling=False;Default Timeout=30").Options);

    private async Task LaunchAsync(string address)
    {
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process = new Process { StartInfo = StartInfo(address), EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Read(line.Data, listening);
        process.ErrorDataReceived += (_, line) => Read(line.Data, listening);
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException($"The server ended before it listened:\n{Output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        LoginLink = await listening.Task.WaitAsync(s_startLimit);
    }

    private async Task KillAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
        process.Dispose();
    }

    private ProcessStartInfo StartInfo(string address)
    {
        // These tests lie in bin/CONFIGURATION/FRAMEWORK, and so does the server that was built with them.
        var built = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var project = Path.Combine(SharedData.RepositoryRoot, "src", "NcService.Web");
        var assembly = Path.Combine(project, "bin", built.Parent!.Name, built.Name, "NcService.Web.dll");
        string[] arguments = [assembly, "--urls", address, $"--NcService:DataDirectory={DataDirectory}", .. settings];
        return new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = project, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
    }

    private void Read(string? line, TaskCompletionSource<Uri> listening)
    {
        if (line is null) return;
        output.Enqueue(line);
        if (line.StartsWith(Invitation, StringComparison.Ordinal)) listening.TrySetResult(new Uri(line["NcService: ".Length..].Trim()));
    }
}
