using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace NcService.Platform.Tests;

/// <summary>A real PostgreSQL server of the tests' own: a temporary folder, a free port, and a database for each test.</summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private static readonly string? Binaries = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Max()
        : null;

    private readonly string folder = Path.Combine("/tmp", $"ncservice-postgres-{Guid.NewGuid():N}");
    private int port;

    /// <summary>Why tests on PostgreSQL are skipped, or null.</summary>
    public static string? SkipReason => Binaries is null ? "needs the server binaries of Debian's postgresql-15" : null;

    /// <summary>A connection string to a fresh database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={port};Username=ncservice;Database=postgres;Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        await command.ExecuteNonQueryAsync();
        return $"Host=127.0.0.1;Port={port};Username=ncservice;Database={name}";
    }

    public async Task InitializeAsync()
    {
        if (Binaries is null) return;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        Directory.CreateDirectory(folder);
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", "nobody", folder);
        await RunServerToolAsync("initdb", "-D", folder + "/data", "-U", "ncservice", "-A", "trust", "--no-sync", "-E", "UTF8");
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (Binaries is null) return;
        await StopAsync("immediate");
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Starts the server, with the databases it had.</summary>
    public Task StartAsync() => RunServerToolAsync("pg_ctl", "-D", folder + "/data", "-w", "-l", folder + "/log",
        "-o", $"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off", "start");

    /// <summary>Stops the server: <c>fast</c> ends its sessions, <c>immediate</c> is a crash.</summary>
    public Task StopAsync(string mode) => RunServerToolAsync("pg_ctl", "-D", folder + "/data", "-m", mode, "-w", "stop");

    /// <summary>The server refuses to run as root, so its tools run as nobody there.</summary>
    private static Task RunServerToolAsync(string tool, params string[] arguments)
    {
        var path = Path.Combine(Binaries!, tool);
        return Environment.IsPrivilegedProcess ? RunAsync("runuser", ["-u", "nobody", "--", path, .. arguments]) : RunAsync(path, arguments);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // Nobody's working directory has to be one that nobody may enter. The server inherits the streams, so they are not awaited.
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = "/tmp", UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = new List<string?>();
        process.ErrorDataReceived += (_, line) => errors.Add(line.Data);
        process.OutputDataReceived += (_, line) => errors.Add(line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var deadline = DateTime.UtcNow.AddMinutes(1);
        while (!process.WaitForExit(100))
        {
            if (DateTime.UtcNow > deadline) throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end: {string.Join('\n', errors)}");
            await Task.Yield();
        }
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {string.Join('\n', errors)}");
    }
}

/// <summary>Tests that share the server.</summary>
[CollectionDefinition(Name)]
public sealed class PostgreSqlTests : ICollectionFixture<PostgreSqlServer>
{
    public const string Name = "PostgreSQL";
}

/// <summary>A test that needs PostgreSQL's server and is skipped, with the reason printed, where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgreSqlFactAttribute : FactAttribute
{
    public PostgreSqlFactAttribute() => Skip = PostgreSqlServer.SkipReason;
}
