using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace NcService.Web.Tests;

/// <summary>Embeddings that come with a request.</summary>
public sealed class EmbeddingUploadTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Uploaded_embeddings_become_an_analysis_with_a_job()
    {
        var (status, body) = await PostAsync("?minimumSamples=2&unbiased=true", ("features", Npy("<f8", "(4, 2)", 1.0, 2, 3, 4, 5, 7, 0, 1)), ("labels", Npy("<i8", "(4,)", 0L, 1, 1, 0)));
        Assert.True(status == HttpStatusCode.Created, body.GetRawText());
        Assert.Equal(JsonValueKind.Null, body.GetProperty("runId").ValueKind);
        var job = await server.GetJsonAsync($"/api/v1/jobs/{body.GetProperty("jobId").GetInt64()}");
        Assert.Equal("measureEmbeddings", job.GetProperty("kind").GetString());
        Assert.Equal(body.GetProperty("id").GetInt64(), (await server.GetJsonAsync($"/api/v1/analyses/{body.GetProperty("id").GetInt64()}")).GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_at_once_and_leaves_no_file()
    {
        var features = ("features", Npy("<f8", "(2, 2)", 1.0, 2, 3, 4));
        await RefusedAsync("The part 'features' is missing", ("labels", Npy("<i8", "(1,)", 0L)));
        await RefusedAsync("A part is unknown. The parts are files by the names features, labels", ("../evil", [1]));
        await RefusedAsync("comes twice", features, features);
        await RefusedAsync("must be [2], one class id for each row", features, ("labels", Npy("<i8", "(3,)", 0L, 1, 0)));
        await RefusedAsync("classifier must be a matrix [rows, 2]", features, ("labels", Npy("<i8", "(2,)", 0L, 1)), ("classifier", Npy("<f8", "(1, 3)", 1.0, 2, 3)));
        await RefusedAsync("neither a .npy nor a safetensors file", ("features", Encoding.UTF8.GetBytes("a,b\n1,2\n")), ("labels", Npy("<i8", "(2,)", 0L, 1)));
        var uploads = Path.Combine(server.Artifacts.Root, "uploads");
        Assert.True(!Directory.Exists(uploads) || Directory.GetFileSystemEntries(uploads).All(entry => File.Exists(Path.Combine(entry, "labels"))), "a refused upload stays");

        using var text = new HttpRequestMessage(HttpMethod.Post, "/api/v1/analyses") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await ApiServer.SendAsync(server.Client, text)).Status);
    }

    private async Task RefusedAsync(string message, params (string Name, byte[] Content)[] parts)
    {
        var (status, body) = await PostAsync("", parts);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        var detail = body.GetProperty("detail").GetString()!;
        Assert.Contains(message, detail, StringComparison.Ordinal);
        Assert.DoesNotContain(server.DataDirectory, detail, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string query, params (string Name, byte[] Content)[] parts)
    {
        using var content = new MultipartFormDataContent();
        foreach (var (name, bytes) in parts)
        {
            var part = new ByteArrayContent(bytes);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            content.Add(part, name, name);
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/analyses" + query) { Content = content };
        return await ApiServer.SendAsync(server.Client, request);
    }

    internal static byte[] Npy<T>(string description, string shape, params T[] values)
        where T : unmanaged
    {
        var header = $"{{'descr': '{description}', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header), .. MemoryMarshal.AsBytes<T>(values)];
    }
}
