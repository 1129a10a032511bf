using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using NcService.EndToEnd.Tests.Faults;

namespace NcService.EndToEnd.Tests.Pipelines;

/// <summary>What one person would run: the web process with its store in SQLite, executing jobs itself; and ncctl as a pipeline calls it.</summary>
public sealed class SingleMachine : IAsyncLifetime
{
    private readonly int port = ServiceCluster.FreePort();
    private ServiceProcess? web;

    public string DataDirectory { get; } = Directory.CreateTempSubdirectory("ncservice-pipeline-").FullName;

    public string Address => $"http://127.0.0.1:{port}";

    public HttpClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var corpus = Directory.CreateDirectory(Path.Combine(DataDirectory, "corpus")).FullName;
        await File.WriteAllTextAsync(Path.Combine(corpus, "corpus.txt"), FaultWork.Corpus(paragraphs: 400));
        var environment = new Dictionary<string, string>
        {
            ["NcService__DataDirectory"] = DataDirectory, ["NcService__CorpusDirectories"] = corpus, ["NcService__Device"] = "cpu", ["NcService__Threads"] = "1",
        };
        web = await ServiceProcess.StartAsync("NcService.Web", "NcService: http", environment, "--urls", Address);
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
        var built = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(SharedData.RepositoryRoot, "src", "NcService.Cli", "bin", built.Parent!.Name, built.Name, "ncctl.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NCSERVICE_URL"] = Address;
        start.Environment["NCSERVICE_TOKEN"] = Token;
        foreach (var name in new[] { "GITHUB_REF_NAME", "GITHUB_SHA", "CI_COMMIT_REF_NAME", "CI_COMMIT_SHA" }) start.Environment.Remove(name);
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
