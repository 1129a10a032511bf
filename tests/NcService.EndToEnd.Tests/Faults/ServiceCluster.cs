using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Platform;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;

namespace NcService.EndToEnd.Tests.Faults;

/// <summary>
/// What a group of people would run: PostgreSQL, one web process that schedules, two worker nodes, artifacts on a disk of their own (a small
/// tmpfs, where these tests may mount one). All of them real processes on this machine.
/// </summary>
public class ServiceCluster : IAsyncLifetime
{
    /// <summary>Seconds after which a silent node counts as lost.</summary>
    public const double LeaseSeconds = 6;

    private const string DiskSize = "64m";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    private readonly PostgreSqlServer database = new();
    private readonly string dataDirectory = Directory.CreateTempSubdirectory("ncservice-faults-").FullName;
    private readonly Dictionary<string, string> environment = [];
    private readonly int port = FreePort();
    private ServiceProvider? platform;
    private ServiceProcess? web;
    private bool mounted;

    /// <summary>Why tests on a cluster are skipped, or null.</summary>
    public static string? SkipReason => PostgreSqlServer.SkipReason;

    /// <summary>True where artifacts lie on a disk of their own, which can be filled.</summary>
    public bool CanFillDisk => mounted;

    internal PostgreSqlServer Database => database;

    internal Dictionary<string, ServiceProcess> Nodes { get; } = [];

    internal ArtifactStore Artifacts => platform!.GetRequiredService<ArtifactStore>();

    internal string DataDirectory => dataDirectory;

    public async Task InitializeAsync()
    {
        if (SkipReason is not null) return;
        await database.InitializeAsync();
        var artifacts = Directory.CreateDirectory(Path.Combine(dataDirectory, "artifacts")).FullName;
        mounted = Environment.IsPrivilegedProcess && await RunAsync("mount", "-t", "tmpfs", "-o", $"size={DiskSize},mode=0700", "ncservice-test", artifacts) == 0;
        var corpus = Path.Combine(dataDirectory, "corpus");
        Directory.CreateDirectory(corpus);
        await File.WriteAllTextAsync(Path.Combine(corpus, "corpus.txt"), FaultWork.Corpus());

        // fsync of the tests' server is off: what is tested is the processes' way with crashes, not the disk's.
        var connection = await database.CreateDatabaseAsync() + ";Maximum Pool Size=20;Timeout=5";
        foreach (var (name, value) in new (string, string)[]
        {
            ("DataDirectory", dataDirectory), ("ConnectionString", connection), ("CorpusDirectories", corpus), ("Device", "cpu"), ("Threads", "1"),
            ("LeaseSeconds", $"{LeaseSeconds}"), ("StopGraceSeconds", "20"), ("Retry:FirstDelaySeconds", "2"),
        }) environment[$"NcService__{name.Replace(":", "__", StringComparison.Ordinal)}"] = value;
        platform = new ServiceCollection().AddLogging()
            .AddNcServicePlatform(new NcServiceOptions { DataDirectory = dataDirectory, ConnectionString = connection }).BuildServiceProvider();
        await StartWebAsync();
        await Task.WhenAll(StartNodeAsync("a"), StartNodeAsync("b"));
    }

    public async Task DisposeAsync()
    {
        if (SkipReason is not null) return;
        foreach (var node in Nodes.Values) node.Dispose();
        web?.Dispose();
        if (platform is not null) await platform.DisposeAsync();
        Npgsql.NpgsqlConnection.ClearAllPools();
        if (mounted) await RunAsync("umount", Path.Combine(dataDirectory, "artifacts"));
        await database.DisposeAsync();
        Directory.Delete(dataDirectory, recursive: true);
    }

    internal NcServiceContext OpenStore() => platform!.GetRequiredService<IDbContextFactory<NcServiceContext>>().CreateDbContext();

    internal async Task StartWebAsync() => web = await WithoutProgressAsync(ServiceProcess.StartAsync(
        "NcService.Web", "NcService: http", environment, "--urls", $"http://127.0.0.1:{port}", "--NcService:ExecuteJobs=false"));

    internal async Task StartNodeAsync(string name)
    {
        if (Nodes.Remove(name, out var old)) old.Dispose();
        var node = await WithoutProgressAsync(ServiceProcess.StartAsync("NcService.Worker", "Application started", environment, "--name", name));
        lock (Nodes) Nodes[name] = node;
    }

    internal async Task KillWebAsync()
    {
        await web!.KillAsync();
        web.Dispose();
    }

    /// <summary>
    /// Keeps the processes of jobs from working while another process starts, which may take longer than all of their work: that is not to be over before the next fault,
    /// however fast the machine is. Their nodes go on to beat for them.
    /// </summary>
    private async Task<ServiceProcess> WithoutProgressAsync(Task<ServiceProcess> start)
    {
        var held = new HashSet<int>();
        try
        {
            for (var tick = TimeSpan.FromMilliseconds(50); !start.IsCompleted; await Task.WhenAny(start, Task.Delay(tick)))
            {
                ServiceProcess[] nodes;
                lock (Nodes) nodes = [.. Nodes.Values];
                foreach (var child in nodes.SelectMany(node => node.Children).Where(held.Add)) ServiceProcess.Signal("STOP", child);
            }
            return await start;
        }
        finally
        {
            foreach (var child in held) ServiceProcess.Signal("CONT", child);
        }
    }

    /// <summary>The node that runs a job now.</summary>
    internal async Task<ServiceProcess> NodeOfAsync(long jobId) => Nodes[(await JobAsync(jobId)).WorkerName!];

    internal async Task<Job> JobAsync(long jobId)
    {
        await using var store = OpenStore();
        return await store.Jobs.AsNoTracking().SingleAsync(job => job.Id == jobId);
    }

    /// <summary>Waits until a job is as wanted; fails after some minutes with what it was last and what the processes said.</summary>
    internal async Task<Job> WaitAsync(long jobId, Func<Job, bool> wanted)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var job = await JobAsync(jobId);
            if (wanted(job)) return job;
            Assert.True(clock.Elapsed < s_patience, $"Job {jobId} ({job.Kind}) is {job.State}, attempt {job.Attempt}, '{job.ProgressText}', {job.Error}\n{LogOf(jobId)}\n{string.Join('\n', Nodes.Values.Select(node => node.Output))}");
            // What has ended changes no more: to wait for it would take all patience for nothing.
            Assert.True(job.State is JobState.Queued or JobState.Running, $"Job {jobId} ({job.Kind}) is {job.State} at attempt {job.Attempt}, before it was as wanted. {job.Error}\n{LogOf(jobId)}");
            await Task.Delay(50);
        }
    }

    /// <summary>POST to the API; the answer's JSON.</summary>
    internal async Task<JsonElement> PostAsync(string path, HttpContent content, string? key = null, bool asynchronous = false)
    {
        // A connection of its own: the server may have been killed since the last one.
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(dataDirectory, "api-token"))).Trim());
        if (key is not null) client.DefaultRequestHeaders.Add("Idempotency-Key", key);
        if (asynchronous) client.DefaultRequestHeaders.Add("Prefer", "respond-async");
        using var response = await client.PostAsync(path, content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"POST {path}: {(int)response.StatusCode} {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    internal Task<JsonElement> PostAsync(string path, object body) => PostAsync(path, JsonContent.Create(body, options: JsonSerializerOptions.Web));

    /// <summary>Fills the artifact disk; disposing makes room again.</summary>
    internal IDisposable FillDisk() => new Filling(Path.Combine(dataDirectory, "artifacts", ".filling"));

    private string LogOf(long jobId)
    {
        var path = Artifacts.Resolve($"jobs/{jobId}/log.txt");
        return File.Exists(path) ? File.ReadAllText(path, Encoding.UTF8) : "";
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private sealed class Filling : IDisposable
    {
        private readonly string path;

        public Filling(string path)
        {
            this.path = path;
            var block = new byte[1 << 16];
            try
            {
                using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1);
                while (true) file.Write(block);
            }
            catch (IOException)
            {
                // Full.
            }
        }

        public void Dispose() => File.Delete(path);
    }
}

/// <summary>A test on a cluster, skipped with the reason printed where the database's server is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute() => Skip = ServiceCluster.SkipReason;
}
