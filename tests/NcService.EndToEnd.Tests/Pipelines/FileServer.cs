using System.Collections.Concurrent;

namespace NcService.EndToEnd.Tests.Pipelines;

/// <summary>The files of a folder by http, on a free port, as a model hub serves them.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    /// <summary>Where it answers with 500.</summary>
    public const string Broken = "broken";

    private readonly WebApplication application;

    private FileServer(WebApplication application) => this.application = application;

    public string Address => application.Urls.Single();

    /// <summary>The paths that it was asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public static async Task<FileServer> StartAsync(string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new FileServer(builder.Build());
        server.application.MapGet("/{**path}", (string path) =>
        {
            server.Asked.Enqueue("/" + path);
            var file = Path.GetFullPath(Path.Combine(folder, path));
            return path.StartsWith(Broken, StringComparison.Ordinal) ? Results.StatusCode(500) : File.Exists(file) ? Results.File(file) : Results.NotFound();
        });
        await server.application.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();
}
