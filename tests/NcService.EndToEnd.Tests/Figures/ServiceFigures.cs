using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.EntityFrameworkCore;
using NcService.EndToEnd.Tests.Faults;
using NcService.Platform;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using Xunit.Abstractions;

namespace NcService.EndToEnd.Tests.Figures;

/// <summary>Measured, not tested: how fast the API answers over ten thousand runs, and how many jobs a second the queue hands out. <c>make figures</c>.</summary>
public sealed class ServiceFigures(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Runs = 10_000;
    private const int Requests = 200;
    private const int Jobs = 600;
    private static readonly string[] s_measurements =
    [
        "cdnv", "vci", "ncc_agreement", "norms_log_std", "norms_log_mean", "perplexity", "val_accuracy", "nc1_pinv", "nc1_quot", "equinorm", "equiangularity", "self_duality", "uniform_duality", "nc4", "kernel",
    ];

    private readonly PostgreSqlServer database = new();
    private readonly string folder = Directory.CreateTempSubdirectory("ncservice-figures-").FullName;

    public Task InitializeAsync() => database.InitializeAsync();

    public async Task DisposeAsync()
    {
        Npgsql.NpgsqlConnection.ClearAllPools();
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [FiguresFact]
    public async Task The_API_over_ten_thousand_runs()
    {
        foreach (var (name, connection) in new[] { ("SQLite", (string?)null), ("PostgreSQL", await database.CreateDatabaseAsync()) })
        {
            var data = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
            await using (var platform = Platform(data, connection))
            {
                await platform.GetRequiredService<StoreMigrator>().MigrateAsync(default);
                await FillAsync(platform);
            }
            var port = ServiceCluster.FreePort();
            using var web = await ServiceProcess.StartAsync("NcService.Web", "NcService: http", Settings(data, connection), "--urls", $"http://127.0.0.1:{port}", "--NcService:ExecuteJobs=false");
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(data, "api-token"))).Trim());
            foreach (var path in new[] { "/api/v1/studies/1/runs?pageSize=50&page=100&sort=validationLoss", "/api/v1/studies/1/runs?pageSize=200", "/api/v1/studies/1/correlations?outcome=val_loss&measurement=cdnv", "/api/v1/studies/1/correlations", "/api/v1/studies" })
            {
                var times = new List<double>();
                var first = 0.0;
                for (var i = 0; i < Requests; i++)
                {
                    var clock = Stopwatch.GetTimestamp();
                    (await client.GetStringAsync(path)).ToString();
                    if (i == 0) first = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
                    if (i >= Requests / 10) times.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
                    if (times.Sum() > 30_000) break;
                }
                times.Sort();
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: GET {path}: p50 {At(times, 0.5):F1} ms, p99 {At(times, 0.99):F1} ms ({times.Count} requests), the very first {first:F0} ms"));
            }
            var start = Stopwatch.GetTimestamp();
            using var deleted = await client.DeleteAsync("/api/v1/studies/1");
            deleted.EnsureSuccessStatusCode();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: DELETE /api/v1/studies/1 with {Runs} runs: {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s"));
        }
    }

    [FiguresFact]
    public async Task Jobs_that_the_queue_hands_out()
    {
        // A process that does nothing but say that its job is done: what is measured is the queue, and the start of a process.
        var script = Path.Combine(folder, "nothing");
        foreach (var nodes in new[] { 1, 2, 4 })
        {
            var connection = await database.CreateDatabaseAsync();
            await using var platform = Platform(folder, connection);
            await platform.GetRequiredService<StoreMigrator>().MigrateAsync(default);
            var address = new Npgsql.NpgsqlConnectionStringBuilder(connection);
            await File.WriteAllTextAsync(script, $"""
                #!/bin/sh
                exec psql -q -h 127.0.0.1 -p {address.Port} -U {address.Username} {address.Database} -c "UPDATE \"Jobs\" SET \"State\" = 'Succeeded', \"FinishedAt\" = now() WHERE \"Id\" = $2 AND \"Attempt\" = $3"
                """);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await using (var store = platform.GetRequiredService<IDbContextFactory<NcServiceContext>>().CreateDbContext())
            {
                for (var i = 0; i < Jobs; i++) platform.GetRequiredService<JobQueue>().Add(store, new JobRequest(JobKind.PermutationTest, new JobParameters { PermutationTestId = 1 }));
                await store.SaveChangesAsync();
            }
            var settings = Settings(folder, connection);
            settings["NcService__WorkerPath"] = script;
            settings["NcService__CpuJobs"] = "4";
            var started = await Task.WhenAll(Enumerable.Range(0, nodes).Select(i => ServiceProcess.StartAsync("NcService.Worker", "Application started", settings, "node", "--name", $"n{i}")));
            try
            {
                await using var store = platform.GetRequiredService<IDbContextFactory<NcServiceContext>>().CreateDbContext();
                for (var clock = Stopwatch.StartNew(); await store.Jobs.AnyAsync(job => job.State != JobState.Succeeded); await Task.Delay(100))
                    Assert.True(clock.Elapsed < TimeSpan.FromMinutes(5), string.Join('\n', started.Select(node => node.Output)));
                var jobs = await store.Jobs.OrderBy(job => job.FinishedAt).Select(job => new { job.FinishedAt, job.Attempt, job.WorkerName }).ToListAsync();
                Assert.All(jobs, job => Assert.Equal(1, job.Attempt));
                // The nodes' first jobs are those that .NET compiles their code for, and the last ones leave slots empty: what is between them is how the queue goes on for hours.
                var (first, last) = (jobs[Jobs / 2], jobs[Jobs * 9 / 10]);
                var seconds = (last.FinishedAt!.Value - first.FinishedAt!.Value).TotalSeconds;
                var used = started.Select(node => node.ProcessorTime).ToList();
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{nodes} worker processes: {(Jobs * 9 / 10 - Jobs / 2) / seconds:F1} jobs/s ({Jobs} jobs, each once; by node {string.Join(", ", jobs.GroupBy(job => job.WorkerName).Select(group => group.Count()))}); processor time a job, with the start of the nodes: {used.Sum(time => time.Own.TotalMilliseconds) / Jobs:F0} ms in nodes, {used.Sum(time => time.Children.TotalMilliseconds) / Jobs:F0} ms in the jobs' processes"));
            }
            finally
            {
                foreach (var node in started) node.Dispose();
            }
        }
    }

    [FiguresFact]
    public async Task The_start_of_a_jobs_process()
    {
        // One that opens the store, finds no such job, and ends: what each job pays before it begins.
        foreach (var (name, connection) in new[] { ("SQLite", (string?)null), ("PostgreSQL", await database.CreateDatabaseAsync()) })
        {
            var data = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
            await using (var platform = Platform(data, connection)) await platform.GetRequiredService<StoreMigrator>().MigrateAsync(default);
            var settings = Settings(data, connection);
            settings["DOTNET_PROCESSOR_COUNT"] = "1";
            var times = new List<double>();
            for (var i = 0; i < 10; i++)
            {
                var clock = Stopwatch.GetTimestamp();
                await Assert.ThrowsAsync<InvalidOperationException>(() => ServiceProcess.StartAsync("NcService.Worker", "never said", settings, "execute", "999", "1"));
                times.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
            }
            times.Sort();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: a job's process that opens the store and ends: fastest {times[0]:F0} ms, median {At(times, 0.5):F0} ms of {times.Count}"));
        }
    }

    private static double At(List<double> sorted, double quantile) => sorted[(int)(quantile * (sorted.Count - 1))];

    private static ServiceProvider Platform(string data, string? connection) =>
        new ServiceCollection().AddLogging().AddNcServicePlatform(new NcServiceOptions { DataDirectory = data, ConnectionString = connection }).BuildServiceProvider();

    private static Dictionary<string, string> Settings(string data, string? connection)
    {
        var settings = new Dictionary<string, string> { ["NcService__DataDirectory"] = data, ["NcService__Device"] = "cpu" };
        if (connection is not null) settings["NcService__ConnectionString"] = connection;
        return settings;
    }

    private static async Task FillAsync(ServiceProvider platform)
    {
        var now = DateTime.UtcNow;
        var random = new Random(1);
        for (var first = 0; first < Runs; first += 1000)
        {
            await using var store = platform.GetRequiredService<IDbContextFactory<NcServiceContext>>().CreateDbContext();
            var study = await store.Studies.SingleOrDefaultAsync() ?? new Study { Name = "large", ImportedFrom = "figures", CreatedAt = now };
            store.ChangeTracker.AutoDetectChangesEnabled = false;
            for (var i = first; i < first + 1000; i++)
            {
                var run = new Run { Study = study, Name = $"run {i}", Width = 64, Depth = 2, Epochs = 1, Seed = i, Imported = true, ParameterCount = 1, ValidationLoss = random.NextDouble(), CreatedAt = now };
                var analysis = new Analysis { Run = run, CreatedAt = now };
                foreach (var name in s_measurements) analysis.Measurements.Add(new MeasurementRow { Name = name, Value = random.NextDouble() });
                store.Add(analysis);
            }
            await store.SaveChangesAsync();
        }
    }
}

/// <summary>Runs only where it is asked for: it measures.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FiguresFactAttribute : FactAttribute
{
    public FiguresFactAttribute() => Skip = PostgreSqlServer.SkipReason ?? (Environment.GetEnvironmentVariable("NCSERVICE_FIGURES") == "1" ? null : "runs by: make figures");
}
