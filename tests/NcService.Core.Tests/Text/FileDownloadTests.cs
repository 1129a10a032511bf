using System.Net;
using System.Security.Cryptography;
using NcService.Core.Text;

namespace NcService.Core.Tests.Text;

public sealed class FileDownloadTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly byte[] content = RandomNumberGenerator.GetBytes(300_000);

    private string Destination => folder.At("downloads/file.txt");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_file_is_brought_whole_and_nothing_else_is_left()
    {
        using var server = new ScriptedServer((_, request) => ScriptedServer.File(request, content, "\"v1\""));

        var file = await Fetch(server, Hash(content));

        Assert.Equal(content, File.ReadAllBytes(Destination));
        Assert.Equal((Destination, 300_000L, Hash(content)), (file.Path, file.Bytes, file.Sha256));
        Assert.Equal([Destination], Directory.GetFiles(folder.At("downloads")));
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_is_resumed_where_it_was_cut()
    {
        using var server = new ScriptedServer((number, request) => ScriptedServer.File(request, content, "\"v1\"", cutAt: number switch { 0 => 100_000, 1 => 250_000, _ => null }));

        await Fetch(server, Hash(content));

        Assert.Equal(content, File.ReadAllBytes(Destination));
        Assert.Equal([0, 100_000, 250_000], server.Requests.Select(request => request.RangeStart));
        Assert.Equal([null, "\"v1\"", "\"v1\""], server.Requests.Select(request => request.Header("If-Range")));
    }

    [Fact]
    public async Task A_later_run_resumes_what_an_earlier_one_left()
    {
        using (var cutting = new ScriptedServer((_, request) => ScriptedServer.File(request, content, "\"v1\"", cutAt: 100_000)))
        {
            await Assert.ThrowsAsync<IOException>(() => Fetch(cutting));
            Assert.False(File.Exists(Destination));
            Assert.Equal(100_000, new FileInfo(Destination + ".partial").Length);
            // What a run left names its address; the next server has another port.
            RewriteSource(cutting.Address("/file"), new Uri("http://127.0.0.1:9/file"));
        }

        using var server = new ScriptedServer((_, request) => ScriptedServer.File(request, content, "\"v1\""));
        RewriteSource(new Uri("http://127.0.0.1:9/file"), server.Address("/file"));
        await Fetch(server);

        Assert.Equal(content, File.ReadAllBytes(Destination));
        Assert.Equal(100_000, server.Requests.Single().RangeStart);
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_sends_all_again_and_nothing_is_doubled()
    {
        using var server = new ScriptedServer((number, _) => new ServedResponse(200, content, "ETag: \"v1\"") { SentBytes = number == 0 ? 100_000 : null });

        await Fetch(server, Hash(content));

        Assert.Equal(content, File.ReadAllBytes(Destination));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_is_taken_from_its_start()
    {
        var changed = RandomNumberGenerator.GetBytes(200_000);
        using var server = new ScriptedServer((number, request) => number == 0
            ? ScriptedServer.File(request, content, "\"v1\"", cutAt: 100_000)
            : ScriptedServer.File(request, changed, "\"v2\""));

        await Fetch(server);

        Assert.Equal(changed, File.ReadAllBytes(Destination));
    }

    [Fact]
    public async Task A_part_of_another_version_or_place_is_not_appended()
    {
        using var server = new ScriptedServer((number, request) => number switch
        {
            0 => ScriptedServer.File(request, content, "\"v1\"", cutAt: 100_000),
            1 => new ServedResponse(206, content[100_000..], "ETag: \"v2\"", "Content-Range: bytes 100000-299999/300000"),
            2 => ScriptedServer.File(request, content, "\"v3\"", cutAt: 100_000),
            3 => new ServedResponse(206, content[50_000..], "ETag: \"v3\"", "Content-Range: bytes 50000-299999/300000"),
            _ => ScriptedServer.File(request, content, "\"v3\""),
        });

        await Fetch(server, policy: Loopback with { MaximumAttempts = 5 });

        Assert.Equal(content, File.ReadAllBytes(Destination));
        Assert.Equal(5, server.Requests.Count);
    }

    [Theory]
    [InlineData("ETag: W/\"weak\"")]
    [InlineData("X-Nothing: here")]
    public async Task Without_a_strong_mark_of_the_version_nothing_is_resumed(string header)
    {
        using var server = new ScriptedServer((number, _) => new ServedResponse(200, content, header) { SentBytes = number == 0 ? 100_000 : null });

        await Fetch(server);

        Assert.Equal(content, File.ReadAllBytes(Destination));
        Assert.All(server.Requests, request => Assert.Null(request.Header("Range")));
    }

    [Fact]
    public async Task A_download_killed_before_the_renaming_is_only_renamed()
    {
        using var server = new ScriptedServer((_, request) => ScriptedServer.File(request, content, "\"v1\""));
        Directory.CreateDirectory(folder.At("downloads"));
        File.WriteAllBytes(Destination + ".partial", content);
        File.WriteAllText(Destination + ".partial.json", $$"""{"Source": "{{server.Address("/file")}}", "ETag": "\"v1\"", "LastModified": null}""");

        await Fetch(server, Hash(content));

        Assert.Equal(content, File.ReadAllBytes(Destination));
        Assert.Equal(300_000, server.Requests.Single().RangeStart);
    }

    [Fact]
    public async Task Content_with_another_checksum_is_not_used()
    {
        using var server = new ScriptedServer((_, request) => ScriptedServer.File(request, content, "\"v1\""));

        var error = await Assert.ThrowsAsync<InputException>(() => Fetch(server, Hash([1, 2, 3])));

        Assert.Contains(Hash(content), error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.At("downloads")));
    }

    [Fact]
    public async Task A_file_that_is_there_is_not_asked_for_unless_its_checksum_is_wrong()
    {
        using var server = new ScriptedServer((_, request) => ScriptedServer.File(request, content, "\"v1\""));
        folder.Write("downloads/file.txt", "old");

        await Fetch(server);
        Assert.Empty(server.Requests);
        await Fetch(server, Hash(content));

        Assert.Equal(content, File.ReadAllBytes(Destination));
    }

    [Fact]
    public async Task Server_faults_are_tried_again_and_refusals_are_not()
    {
        using var faulty = new ScriptedServer((number, request) => number < 3 ? new ServedResponse(503, []) : ScriptedServer.File(request, content, "\"v1\""));
        await Fetch(faulty);
        Assert.Equal(4, faulty.Requests.Count);

        using var refusing = new ScriptedServer((_, _) => new ServedResponse(404, []));
        File.Delete(Destination);
        var error = await Assert.ThrowsAsync<InputException>(() => Fetch(refusing));
        Assert.Contains("404", error.Message, StringComparison.Ordinal);
        Assert.Single(refusing.Requests);
    }

    [Fact]
    public async Task A_server_that_never_gets_further_is_given_up()
    {
        using var server = new ScriptedServer((_, request) => ScriptedServer.File(request, content, "\"v1\"", cutAt: 100_000));

        var error = await Assert.ThrowsAsync<IOException>(() => Fetch(server));

        Assert.Contains("4 attempts in a row", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task A_file_larger_than_allowed_is_refused_before_it_is_written()
    {
        using var server = new ScriptedServer((_, request) => ScriptedServer.File(request, content, "\"v1\""));

        var error = await Assert.ThrowsAsync<InputException>(() => Fetch(server, policy: Loopback with { MaximumBytes = 299_999 }));

        Assert.Contains("299999", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Destination));
    }

    [Fact]
    public async Task Redirects_are_followed_but_not_to_hosts_that_are_not_allowed()
    {
        using var server = new ScriptedServer((_, request) => request.Path switch
        {
            "/file" => new ServedResponse(302, [], "Location: /real"),
            "/away" => new ServedResponse(302, [], "Location: https://elsewhere.example/file"),
            "/inside" => new ServedResponse(302, [], "Location: http://169.254.169.254/latest"),
            "/loop" => new ServedResponse(302, [], "Location: /loop"),
            _ => ScriptedServer.File(request, content, "\"v1\""),
        });

        await Fetch(server);
        Assert.Equal(content, File.ReadAllBytes(Destination));
        File.Delete(Destination);
        foreach (var path in (string[])["/away", "/inside", "/loop"]) await Assert.ThrowsAsync<InputException>(() => Fetch(server, path: path));
    }

    [Theory]
    [InlineData("http://data.example/file", "not an https address")]
    [InlineData("file:///etc/passwd", "not an https address")]
    [InlineData("https://evil.example/file", "not among the allowed")]
    [InlineData("https://data.example.evil.example/file", "not among the allowed")]
    [InlineData("https://notdata.example/file", "not among the allowed")]
    [InlineData("http://127.0.0.1/file", "not an https address")]
    [InlineData("https://localhost/file", "not among the allowed")]
    public void Addresses_outside_the_policy_are_refused(string address, string message)
    {
        var policy = new DownloadPolicy { AllowedHosts = ["data.example", "*.data.example"] };

        var error = Assert.Throws<InputException>(() => policy.Check(new Uri(address)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        policy.Check(new Uri("https://data.example/file"));
        policy.Check(new Uri("https://cdn.Data.example/file"));
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    public void Only_public_addresses_are_connected_to(string address, bool allowed) =>
        Assert.Equal(allowed, new DownloadPolicy { AllowedHosts = [] }.MayConnect(IPAddress.Parse(address)));

    [Fact]
    public async Task An_allowed_name_that_resolves_inwards_is_refused_at_once()
    {
        using var download = new FileDownload(new DownloadPolicy { AllowedHosts = ["localhost"], RetryDelay = TimeSpan.Zero });

        var error = await Assert.ThrowsAsync<InputException>(() => download.FetchAsync(new Uri("https://localhost/file"), Destination, null, null, CancellationToken.None));

        Assert.Contains("resolves to no address", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_keeps_what_has_arrived()
    {
        using var server = new ScriptedServer((_, request) => ScriptedServer.File(request, content, "\"v1\"", cutAt: 100_000));
        using var cancellation = new CancellationTokenSource();
        using var download = new FileDownload(Loopback);
        var progress = new CancelAtOnce(cancellation);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download.FetchAsync(server.Address("/file"), Destination, null, progress, cancellation.Token));

        Assert.True(new FileInfo(Destination + ".partial").Length > 0);
    }

    [Fact]
    public async Task TinyStories_are_fetched_as_a_corpus()
    {
        var story = "A story.\n<|endoftext|>\nAnother.\n<|endoftext|>\n"u8.ToArray();
        using var server = new ScriptedServer((_, request) => ScriptedServer.File(request, story, "\"v1\""));
        using var download = new FileDownload(Loopback);
        var source = new TinyStoriesSource(server.Address("/train"), server.Address("/valid"), Hash(story), Hash(story));

        var specification = await TinyStoriesDownload.FetchAsync(download, source, folder.Root, null, CancellationToken.None);

        Assert.Equal(["A story.", "Another."], Corpus.Open(specification).ReadDocuments(CancellationToken.None));
        Assert.Equal(["A story.", "Another."], Corpus.OpenValidation(specification)!.ReadDocuments(CancellationToken.None));
        Assert.All([TinyStoriesSource.Published.Train, TinyStoriesSource.Published.Validation], new DownloadPolicy { AllowedHosts = TinyStoriesSource.PublishedHosts }.Check);
    }

    private static DownloadPolicy Loopback { get; } = new() { AllowedHosts = [], AllowLoopback = true, RetryDelay = TimeSpan.Zero, MaximumAttempts = 4 };

    private async Task<DownloadedFile> Fetch(ScriptedServer server, string? sha256 = null, DownloadPolicy? policy = null, string path = "/file")
    {
        using var download = new FileDownload(policy ?? Loopback);
        return await download.FetchAsync(server.Address(path), Destination, sha256, progress: null, CancellationToken.None);
    }

    private void RewriteSource(Uri from, Uri to)
    {
        var state = Destination + ".partial.json";
        File.WriteAllText(state, File.ReadAllText(state).Replace(from.AbsoluteUri, to.AbsoluteUri, StringComparison.Ordinal));
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private sealed class CancelAtOnce(CancellationTokenSource cancellation) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => cancellation.Cancel();
    }
}
