using System.Diagnostics;
using System.Globalization;
using NcService.Platform.Artifacts;

namespace NcService.Platform.Jobs;

/// <summary>How a child ended.</summary>
/// <param name="ExitCode">Its exit code; 128 + n where signal n ended it.</param>
/// <param name="LastErrors">The last lines of its standard error.</param>
internal sealed record ChildExit(int ExitCode, string LastErrors)
{
    private const int SignalBase = 128;

    public override string ToString()
    {
        var how = ExitCode > SignalBase ? $"killed by signal {ExitCode - SignalBase}" : $"ended with exit code {ExitCode}";
        return LastErrors.Length == 0 ? how + "." : $"{how}. Its last words:\n{LastErrors}";
    }
}

/// <summary>
/// One execution of a job in a process of its own. Its output goes to the job's log; the end of its standard input tells it to stop and
/// hand the job back, so it also stops when whoever started it dies in any way.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private const int KeptLines = 20;
    private const int MaximumLineLength = 2_000;
    private const long MaximumLogBytes = 16L << 20;

    private readonly Process process;
    private readonly StreamWriter log;
    private readonly Queue<string> lastErrors = new();
    private readonly Lock gate = new();
    private readonly TimeProvider time;

    private ChildProcess(Process process, StreamWriter log, TimeProvider time)
    {
        this.process = process;
        this.log = log;
        this.time = time;
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public long MemoryBytes
    {
        get
        {
            try
            {
                process.Refresh();
                return process.HasExited ? 0 : process.WorkingSet64;
            }
            catch (InvalidOperationException)
            {
                return 0;
            }
        }
    }

    /// <summary>Where the log of a job is, relative to the artifact root.</summary>
    public static string LogPath(long jobId) => $"{LogFolder(jobId)}/log.txt";

    /// <summary>The folder of the log of a job.</summary>
    public static string LogFolder(long jobId) => $"jobs/{jobId}";

    public static ChildProcess Start(NcServiceOptions options, ArtifactStore artifacts, TimeProvider time, long jobId, int attempt, int threads)
    {
        var start = WorkerLocator.CreateStartInfo(options.WorkerPath);
        start.ArgumentList.Add("execute");
        start.ArgumentList.Add(jobId.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(attempt.ToString(CultureInfo.InvariantCulture));
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.UseShellExecute = false;
        ChildEnvironment.Set(start.Environment, options, threads);

        artifacts.CreateFolder(LogFolder(jobId));
        var file = new StreamWriter(new FileStream(artifacts.Resolve(LogPath(jobId)), FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        try
        {
            var child = new ChildProcess(new Process { StartInfo = start }, file, time);
            child.Begin(attempt);
            return child;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Asks the process to stop and hand its job back.</summary>
    public void AskToStop()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }
    }

    public void Kill() => process.Kill(entireProcessTree: true);

    public async Task<ChildExit> WaitAsync()
    {
        // Waits for the end of both streams as well.
        await process.WaitForExitAsync(CancellationToken.None);
        lock (gate) return new ChildExit(process.ExitCode, string.Join('\n', lastErrors));
    }

    public void Dispose()
    {
        if (!process.HasExited) Kill();
        process.Dispose();
        lock (gate)
        {
            try
            {
                log.Dispose();
            }
            catch (IOException)
            {
                // What a full disk kept back is lost with it.
            }
        }
    }

    private void Begin(int attempt)
    {
        process.OutputDataReceived += (_, line) => Write(line.Data, isError: false);
        process.ErrorDataReceived += (_, line) => Write(line.Data, isError: true);
        Write($"attempt {attempt} on {Environment.MachineName}", isError: false);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private void Write(string? line, bool isError)
    {
        if (line is null) return;
        if (line.Length > MaximumLineLength) line = line[..MaximumLineLength] + " …";
        lock (gate)
        {
            if (isError)
            {
                lastErrors.Enqueue(line);
                if (lastErrors.Count > KeptLines) lastErrors.Dequeue();
            }
            if (!log.BaseStream.CanWrite || log.BaseStream.Length > MaximumLogBytes) return;
            try
            {
                log.WriteLine($"{time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {line}");
            }
            catch (IOException)
            {
                // A full disk: the job's own writes meet it as well, and its row has room to say so. The node goes on.
            }
        }
    }
}
