using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace NcService.EndToEnd.Tests.Faults;

/// <summary>A web or worker process of the cluster under test: started, signalled and killed for real.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private const int KeptLines = 400;
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();

    private ServiceProcess(Process process) => this.process = process;

    /// <summary>Its last lines.</summary>
    public string Output => string.Join('\n', output);

    public bool HasExited => process.HasExited;

    public int Id => process.Id;

    /// <summary>What the processor has done for it, and for what it has started and seen end.</summary>
    public (TimeSpan Own, TimeSpan Children) ProcessorTime
    {
        get
        {
            // Fields 14 to 17 of proc(5), in ticks of 10 ms; the words begin with the third.
            var ticks = WordsOf(process.Id)[11..15].Select(word => long.Parse(word, CultureInfo.InvariantCulture)).ToArray();
            return (TimeSpan.FromMilliseconds(10 * (ticks[0] + ticks[1])), TimeSpan.FromMilliseconds(10 * (ticks[2] + ticks[3])));
        }
    }

    /// <summary>The processes that it has started and that are alive.</summary>
    public IReadOnlyList<int> Children => ChildrenOf(process.Id);

    /// <summary>Starts a program of the solution and waits until it has said a line that begins so.</summary>
    public static Task<ServiceProcess> StartAsync(string project, string readyLine, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        // These tests lie in bin/CONFIGURATION/FRAMEWORK, and so does what was built with them.
        var built = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var folder = Path.Combine(SharedData.RepositoryRoot, "src", project, "bin", built.Parent!.Name, built.Name);
        return StartProgramAsync(Path.Combine(folder, project + ".dll"), folder, readyLine, environment, arguments);
    }

    /// <summary>Starts a program in a folder and waits until it has said a line that begins so.</summary>
    public static async Task<ServiceProcess> StartProgramAsync(string program, string folder, string readyLine, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var started = new ServiceProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        started.process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"{Path.GetFileName(program)} ended before it was ready:\n{started.Output}"));
        started.process.Start();
        started.Follow(started.process.StandardOutput, readyLine, ready);
        started.Follow(started.process.StandardError, readyLine, ready);
        try
        {
            await ready.Task.WaitAsync(s_startLimit);
            return started;
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    /// <summary>SIGKILL to this process alone; what it has started lives on.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task<int> TerminateAsync()
    {
        Signal("TERM", process.Id);
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        return process.ExitCode;
    }

    /// <summary>SIGSTOP to this process and all that it has started, which is returned.</summary>
    public IReadOnlyList<int> Suspend()
    {
        Signal("STOP", process.Id);
        var children = Children;
        foreach (var child in children) Signal("STOP", child);
        return children;
    }

    /// <summary>SIGCONT to this process and those it had started.</summary>
    public void Wake(IReadOnlyList<int> children)
    {
        foreach (var child in children) Signal("CONT", child);
        Signal("CONT", process.Id);
    }

    public static void Signal(string signal, int processId)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", processId.ToString(CultureInfo.InvariantCulture)]) { UseShellExecute = false, RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    public static bool IsAlive(int processId) => File.Exists($"/proc/{processId}/stat") && StatOf(processId) is { } stat && stat.State != 'Z';

    public void Dispose()
    {
        if (!process.HasExited)
        {
            // A suspended process would keep the signal for later.
            Signal("CONT", process.Id);
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        process.Dispose();
    }

    private static List<int> ChildrenOf(int parent) =>
        [.. Directory.GetDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && StatOf(id) is { } stat && stat.Parent == parent && stat.State != 'Z')];

    /// <summary>What the system says of a process after its name in parentheses.</summary>
    private static string[] WordsOf(int processId)
    {
        var stat = File.ReadAllText($"/proc/{processId}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    /// <summary>State and parent of a process.</summary>
    private static (char State, int Parent)? StatOf(int processId)
    {
        try
        {
            var words = WordsOf(processId);
            return (words[0][0], int.Parse(words[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Reads what it says on a thread of its own. As callbacks of the process two threads of the pool would wait for each process, for which the pool has to grow first,
    /// with everybody else waiting; and its end would wait for the end of streams that what it started may hold.
    /// </summary>
    private void Follow(StreamReader stream, string readyLine, TaskCompletionSource ready) => new Thread(() =>
    {
        try
        {
            while (stream.ReadLine() is { } line) Read(line, readyLine, ready);
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException)
        {
            // Disposed while it was read.
        }
    })
    { IsBackground = true, Name = "output of a process" }.Start();

    private void Read(string line, string readyLine, TaskCompletionSource ready)
    {
        output.Enqueue(line);
        if (output.Count > KeptLines) output.TryDequeue(out _);
        if (line.Contains(readyLine, StringComparison.Ordinal)) ready.TrySetResult();
    }
}
