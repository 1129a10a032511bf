using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using NcService.EndToEnd.Tests.Faults;

namespace NcService.EndToEnd.Tests.Pipelines;

/// <summary>
/// What one person would run: the web process with its store in SQLite, executing jobs itself, and ncctl as a pipeline calls it. Both as <c>scripts/publish</c> makes
/// them and the images hold them, started from another folder with nothing of the repository's beside them; <c>NCSERVICE_PUBLISHED=FOLDER</c> tries what lies there instead.
/// </summary>
public sealed class SingleMachine : IAsyncLifetime
{
    private readonly int port = ServiceCluster.FreePort();
    private string programs = Environment.GetEnvironmentVariable("NCSERVICE_PUBLISHED") ?? "";
    private ServiceProcess? web;

    public string DataDirectory { get; } = Directory.CreateTempSubdirectory("ncservice-pipeline-").FullName;

    public string Address => $"http://127.0.0.1:{port}";

    public HttpClient Client { get; private set; } = null!;

    /// <summary>The printed link that signs one browser in, once.</summary>
    public Uri LoginLink => new(web!.Output.Split('\n').Single(line => line.StartsWith(Invitation, StringComparison.Ordinal))["NcService: ".Length..].Trim());

    private const string Invitation = "NcService: http";

    private string Corpus => Path.Combine(DataDirectory, "corpus");

    public async Task InitializeAsync()
    {
        if (programs.Length == 0) await PublishAsync(programs = Path.Combine(DataDirectory, "app"));
        Directory.CreateDirectory(Corpus);
        await File.WriteAllTextAsync(Path.Combine(Corpus, "corpus.txt"), FaultWork.Corpus(paragraphs: 400));
        await StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(Address) };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public Task DisposeAsync()
    {
        Client?.Dispose();
        web?.Dispose();
        Directory.Delete(DataDirectory, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Starts the server, on the data that there are.</summary>
    public async Task StartAsync() => web = await ServiceProcess.StartProgramAsync(Path.Combine(programs, "web", "NcService.Web.dll"), Corpus, Invitation, new Dictionary<string, string>
    {
        ["NcService__DataDirectory"] = DataDirectory,
        ["NcService__CorpusDirectories"] = Corpus,
        ["NcService__Device"] = "cpu",
        ["NcService__Threads"] = "1",
        ["NcService__GpuJobs"] = "2",
    }, "--urls", Address);

    /// <summary>SIGTERM to the server; its exit status.</summary>
    public async Task<int> StopAsync()
    {
        using (web) return await web!.TerminateAsync();
    }

    /// <summary>The JSON of a successful GET.</summary>
    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"GET {path}: {(int)response.StatusCode} {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>Runs ncctl as a process of its own, with the server and token in its environment.</summary>
    public async Task<(int Status, string Output, string Error)> NcctlAsync(params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(programs, "cli", "ncctl.dll"), .. arguments]);
        start.Environment["NCSERVICE_URL"] = Address;
        start.Environment["NCSERVICE_TOKEN"] = Token;
        foreach (var name in new[] { "GITHUB_REF_NAME", "GITHUB_SHA", "CI_COMMIT_REF_NAME", "CI_COMMIT_SHA" }) start.Environment.Remove(name);
        return await RunAsync(start);
    }

    /// <summary>Publishes what was built with these tests.</summary>
    private static async Task PublishAsync(string folder)
    {
        var start = new ProcessStartInfo(Path.Combine(SharedData.RepositoryRoot, "scripts", "publish"), [folder, "--no-build", "--nologo"]);
        start.Environment["CONFIGURATION"] = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Parent!.Name;
        var (status, output, error) = await RunAsync(start);
        Assert.True(status == 0, $"{start.FileName} ended with {status}:\n{output}{error}");
    }

    private static async Task<(int Status, string Output, string Error)> RunAsync(ProcessStartInfo start)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = await process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, error);
    }

    /// <summary>The token that the server made at its first start.</summary>
    public string Token => File.ReadAllText(Path.Combine(DataDirectory, "api-token")).Trim();
}

/// <summary>Tests that share the machine.</summary>
[CollectionDefinition(Name)]
public sealed class SingleMachineTests : ICollectionFixture<SingleMachine>
{
    public const string Name = "one machine";
}
