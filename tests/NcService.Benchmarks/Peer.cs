using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;

namespace NcService.Benchmarks;

/// <summary>One round of work: how long it took (seconds) and the most memory its process has held (bytes).</summary>
internal readonly record struct Round(double Seconds, long PeakBytes);

/// <summary>A peer in Python or JavaScript: it sets itself up once and then does one round for each line it is sent.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Process process;

    private Peer(Process process) => this.process = process;

    /// <summary>Starts a script of <c>peers/</c>, or says in <paramref name="reason"/> why it cannot run here.</summary>
    public static Peer? TryStart(string script, string arguments, out string? reason, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var program = script.EndsWith(".py", StringComparison.Ordinal) ? "/usr/bin/python3" : "node";
        return TryStart(program, [Path.Combine(AppContext.BaseDirectory, "peers", script), .. arguments.Split(' ')], environment, out reason);
    }

    /// <summary>Starts a named peer, or says in <paramref name="reason"/> why it cannot run here.</summary>
    public static Peer? TryStart(NamedPeer named, out string? reason) =>
        TryStart(named.Script, named.Arguments, out reason, named.AsShipped ? new Dictionary<string, string?> { ["OPENBLAS_CORETYPE"] = null } : null);

    /// <summary>Starts our own side in a process of its own: this program with a first argument that says what to serve.</summary>
    public static Peer Ourselves(string served, string arguments) =>
        TryStart("dotnet", [typeof(Peer).Assembly.Location, served, .. arguments.Split(' ')], null, out var reason) ?? throw new InvalidOperationException(reason);

    private static Peer? TryStart(string program, string[] arguments, IReadOnlyDictionary<string, string?>? environment, out string? reason)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What NcService.Torch gives itself: without the last an OpenBLAS older than the processor multiplies at a fifth of its rate.
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        start.Environment["GOMP_SPINCOUNT"] = "1000";
        if (Avx512F.IsSupported) start.Environment["OPENBLAS_CORETYPE"] = "SkylakeX";
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        try
        {
            var peer = new Peer(Process.Start(start)!);
            reason = peer.process.StandardOutput.ReadLine() is null ? peer.process.StandardError.ReadToEnd().Trim().Split('\n')[^1] : null;
            if (reason is null) return peer;
            peer.Dispose();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            reason = exception.Message;
        }
        return null;
    }

    /// <summary>One round.</summary>
    /// <exception cref="InvalidOperationException">The peer died.</exception>
    public Round Run()
    {
        process.StandardInput.WriteLine();
        process.StandardInput.Flush();
        var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The peer died: {process.StandardError.ReadToEnd()}");
        using var round = JsonDocument.Parse(line);
        return new Round(round.RootElement.GetProperty("seconds").GetDouble(), round.RootElement.GetProperty("peak_bytes").GetInt64());
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}
