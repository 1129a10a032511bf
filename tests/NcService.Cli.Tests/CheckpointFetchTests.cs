using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace NcService.Cli.Tests;

/// <summary>What <c>ncctl submit --checkpoint URL</c> does not fetch, against servers that mean no good.</summary>
public sealed class CheckpointFetchTests : IAsyncLifetime
{
    private const int SoMuch = 3 << 20;
    private readonly List<string> _asked = [];
    private WebApplication _server = null!;

    private string Address => _server.Urls.Single();

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapGet("/{way}/{name}", async (string way, string name, HttpContext http) =>
        {
            lock (_asked) _asked.Add($"{http.Request.Host.Host}/{way}/{name}");
            switch (way)
            {
                case "sizeless":
                    for (var i = 0; i < SoMuch; i += 1 << 16) await http.Response.Body.WriteAsync(new byte[1 << 16], http.RequestAborted);
                    break;
                case "large":
                    http.Response.ContentLength = SoMuch;
                    await http.Response.Body.WriteAsync(new byte[SoMuch], http.RequestAborted);
                    break;
                case "weights" when name == "model.safetensors":
                    await http.Response.Body.WriteAsync(new byte[2000]);
                    break;
                case "inside":
                    http.Response.Redirect($"http://localhost:{http.Connection.LocalPort}/secret/{name}");
                    break;
                case "metadata":
                    http.Response.Redirect("http://169.254.169.254/latest/meta-data/");
                    break;
                case "file":
                    http.Response.Redirect("file:///etc/passwd");
                    break;
                case "round":
                    http.Response.Redirect($"/round/{name}");
                    break;
                case "here":
                    http.Response.Redirect($"/weights/{name}");
                    break;
                case "many" when name == "model.safetensors.index.json":
                    await http.Response.WriteAsync("""{"weight_map": {""" + string.Join(',', Enumerable.Range(1, 201).Select(i => $"\"w{i}\": \"model-{i:00000}-of-00201.safetensors\"")) + "}}", Encoding.UTF8);
                    break;
                case "weights" or "many" when name == "config.json":
                    await http.Response.WriteAsync("{}");
                    break;
                default:
                    http.Response.StatusCode = StatusCodes.Status404NotFound;
                    break;
            }
        });
        await _server.StartAsync();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("{0}/sizeless", "{0}/sizeless/config.json goes on after 1,048,576 bytes; no config.json is larger than 1,048,576 bytes")]
    [InlineData("{0}/large/", "{0}/large/config.json has 3,145,728 bytes; no config.json is larger than 1,048,576 bytes")]
    [InlineData("{0}/weights", "{0}/weights/model.safetensors goes on after 1,498 bytes; a checkpoint may have 1,500 bytes in all (--max-bytes)")]
    [InlineData("{0}/here", "{0}/here/model.safetensors goes on after 1,498 bytes")]
    [InlineData("{0}/many", "names 201 files of weights; at most 200 are possible")]
    [InlineData("{0}/inside", "{0}/inside/config.json redirects to localhost, an address inside this network, which is not followed")]
    [InlineData("{0}/metadata", "{0}/metadata/config.json redirects to 169.254.169.254, an address inside this network, which is not followed")]
    [InlineData("{0}/file", "{0}/file/config.json redirects to a file address, which is not followed")]
    [InlineData("{0}/round", "{0}/round/config.json redirects more than 5 times")]
    [InlineData("{0}/weights?revision=main", "{0}/weights: the address of a folder is needed, without what follows ? or #")]
    [InlineData("ftp://127.0.0.1/model", "--checkpoint ftp://…: only http and https addresses are fetched")]
    [InlineData("file:///etc", "--checkpoint file://…: only http and https addresses are fetched")]
    [InlineData("http://user:secret@127.0.0.1:1/model", "cannot fetch http://127.0.0.1:1/model/config.json")]
    public async Task What_is_too_large_or_leads_elsewhere_is_told_and_not_fetched(string place, string said)
    {
        var before = Directory.GetDirectories(Path.GetTempPath(), "ncctl-checkpoint-*");
        var limit = place.Contains("/weights", StringComparison.Ordinal) || place.Contains("/here", StringComparison.Ordinal) ? 1500 : 1L << 40;
        var result = await Ncctl.RunAsync("submit", "--checkpoint", string.Format(null, place, Address), "--dataset", "d", "--server", "http://127.0.0.1:1", "--max-bytes", $"{limit}");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(string.Format(null, said, Address), result.Error.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.DoesNotContain(":secret", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_asked, path => path.Contains("/secret/", StringComparison.Ordinal));
        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), "ncctl-checkpoint-*").Except(before));
    }
}
