using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;

namespace NcService.Web.Tests;

/// <summary>A real server: Kestrel on a free port, SQLite and artifacts in a temporary folder.</summary>
public class ApiServer : WebApplicationFactory<Program>
{
    public ApiServer() => UseKestrel(0);

    public string DataDirectory { get; } = Directory.CreateTempSubdirectory("ncservice-web-").FullName;

    public ArtifactStore Artifacts => Services.GetRequiredService<ArtifactStore>();

    /// <summary>A client with the token that the server made at its first start.</summary>
    public HttpClient Client => field ??= CreateClient(File.ReadAllText(Path.Combine(StartedDataDirectory(), "api-token")).Trim());

    /// <summary>A client without token and cookies that follows no redirects.</summary>
    public HttpClient Stranger => field ??= CreatePlainClient();

    public HttpClient CreateClient(string token)
    {
        var client = CreatePlainClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public async Task<T> InStoreAsync<T>(Func<NcServiceContext, Task<T>> work)
    {
        StartServer();
        await using var context = await Services.GetRequiredService<IDbContextFactory<NcServiceContext>>().CreateDbContextAsync();
        return await work(context);
    }

    public async Task<T> AddAsync<T>(T entity)
        where T : class => await InStoreAsync(async context =>
        {
            context.Add(entity);
            await context.SaveChangesAsync();
            return entity;
        });

    /// <summary>The JSON of a successful GET.</summary>
    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"GET {path}: {(int)response.StatusCode} {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>Status and JSON (or text as a JSON string) of a request.</summary>
    public static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpClient client, HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(client);
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var json = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) ?? false;
        return (response.StatusCode, json ? JsonSerializer.Deserialize<JsonElement>(text) : JsonSerializer.SerializeToElement(text));
    }

    private HttpClient CreatePlainClient()
    {
        StartServer();
        // The factory's own clients follow redirects and keep cookies whatever its options say, once Kestrel serves.
        return new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = ClientOptions.BaseAddress };
    }

    private string StartedDataDirectory()
    {
        StartServer();
        return DataDirectory;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.UseSetting("NcService:DataDirectory", DataDirectory);
        builder.UseSetting("NcService:ExecuteJobs", "false");
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && Directory.Exists(DataDirectory)) Directory.Delete(DataDirectory, recursive: true);
    }
}
