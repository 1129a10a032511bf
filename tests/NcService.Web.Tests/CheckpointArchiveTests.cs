using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using NcService.Platform.Store;

namespace NcService.Web.Tests;

/// <summary>A server that takes four million bytes of checkpoint.</summary>
public sealed class SmallCheckpointServer : ApiServer
{
    public const int Bytes = 4_000_000;

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("NcService:MaximumCheckpointBytes", $"{Bytes}");
    }
}

/// <summary>Checkpoints that come as one zip archive, and archives that are made to do harm.</summary>
public sealed class CheckpointArchiveTests(SmallCheckpointServer server) : IClassFixture<SmallCheckpointServer>
{
    private const string Configuration =
        """{"model_type": "gpt_neo", "vocab_size": 300, "hidden_size": 8, "num_layers": 1, "num_heads": 2, "max_position_embeddings": 32, "attention_types": [[["global"], 1]], "attention_layers": ["global"]}""";

    private static readonly byte[] s_weights = Tensors();

    /// <summary>An archive, why it must be refused, and what the answer says.</summary>
    public sealed record Attack(string Name, Func<byte[]> Archive, string Says, int Status = 400)
    {
        public override string ToString() => Name;
    }

    public static TheoryData<Attack> Attacks { get; } =
    [
        new("a folder above", () => Zip(("../config.json", Configuration), ("../model.safetensors", "x")), "leads out"),
        new("a folder above, further in", () => Zip(("config.json", Configuration), ("model/../../../model.safetensors", "x")), "leads out"),
        new("a root", () => Zip(("/etc/cron.d/config.json", Configuration)), "leads out"),
        new("a backslash", () => Zip(("..\\..\\model.safetensors", "x"), ("config.json", Configuration)), "leads out"),
        new("a drive", () => Zip(("C:\\config.json", Configuration)), "leads out"),
        new("a folder above, beside a good checkpoint", () => Zip(("config.json", Configuration), ("model.safetensors", "x"), ("../../.bashrc", "x")), "leads out"),
        new("a symbolic link", Linked, "symbolic link"),
        new("a bomb", () => Zip(("config.json", Configuration), ("model.safetensors", new string('\0', 3 * SmallCheckpointServer.Bytes))), "MaximumCheckpointBytes", 413),
        new("a bomb in many files", () => Zip([.. Enumerable.Range(1, 20).Select(i => ($"model-{i:00000}-of-00020.safetensors", new string('\0', SmallCheckpointServer.Bytes / 10)))]), "MaximumCheckpointBytes", 413),
        new("a bomb that says it is small", LyingBomb, "damaged"),
        new("more files than memory should hold", () => Zip([.. Enumerable.Range(0, 30_000).Select(i => ($"{i}", ""))]), "MaximumContentsBytes"),
        new("more files than it says", UncountedFiles, "damaged"),
        new("too many shards", () => Zip([.. Enumerable.Range(1, 201).Select(i => ($"model-{i:00000}-of-00201.safetensors", ""))]), "MaximumFiles"),
        new("a password", () => Patched(Zip(("config.json", Configuration), ("model.safetensors", "x")), 6, 8, flags => (ushort)(flags | 1)), "password"),
        new("an unknown compression", () => Patched(Zip(("config.json", Configuration)), 8, 10, _ => 99), "damaged"),
        new("a byte that fell over", () => Damaged(Stored(("config.json", Configuration), ("model.safetensors", Encoding.Latin1.GetString(s_weights)))), "check sum"),
        new("an archive cut short", () => Zip(("config.json", Configuration))[..^30], "damaged"),
        new("no archive", () => Encoding.UTF8.GetBytes("PK? no."), "no zip file"),
        new("nothing", () => [], "no zip file"),
        new("an archive in an archive", () => Zip(("checkpoint.zip", Encoding.Latin1.GetString(Zip(("config.json", Configuration))))), "no file of a checkpoint"),
        new("two checkpoints", () => Zip(("one/config.json", Configuration), ("two/config.json", Configuration)), "more than one checkpoint"),
        new("a file twice", () => Zip(("config.json", Configuration), ("config.json", "{}"), ("model.safetensors", "x")), "config.json comes twice"),
        new("a pickle", () => Zip(("config.json", Configuration), ("pytorch_model.bin", "x")), "pickled weights are never read"),
        new("weights that are none", () => Zip(("config.json", Configuration), ("model.safetensors", "x")), "model.safetensors"),
        new("an archive that is too large itself", () => Stored(("config.json", Configuration), ("model.safetensors", new string('\0', 2 * SmallCheckpointServer.Bytes))), "MaximumCheckpointBytes", 413),
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task What_an_archive_must_not_do_is_refused_and_leaves_nothing(Attack attack)
    {
        ArgumentNullException.ThrowIfNull(attack);
        await AddDatasetAsync();
        var before = Files();
        var (status, body) = await SendAsync("attack", ("evil.zip", attack.Archive()));
        Assert.Equal(attack.Status, (int)status);
        var detail = body.GetProperty("detail").GetString()!;
        Assert.Contains(attack.Says, detail, StringComparison.Ordinal);
        Assert.DoesNotContain(server.DataDirectory, detail, StringComparison.Ordinal);
        Assert.Equal(before, Files());
        Assert.False(await server.InStoreAsync(store => Task.FromResult(store.Runs.Any(run => run.Name == "attack"))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a small model/")]
    public async Task An_archive_of_a_folder_is_taken_in_as_the_folder_is(string folder)
    {
        await AddDatasetAsync();
        var name = $"good {folder.Length}";
        var (status, body) = await SendAsync(name, ("model.ZIP", Zip(
            (folder + "README.md", "not part of it"), ("__MACOSX/._config.json", "nor this"), (folder + "checkpoint-10/config.json", "{}"), (folder + "checkpoint-10/model.safetensors", "x"),
            (folder + "config.json", Configuration), (folder + "model.safetensors", Encoding.Latin1.GetString(s_weights)))));
        Assert.True(status == HttpStatusCode.Accepted, body.ToString());
        var run = (await server.GetJsonAsync($"/api/v1/runs/{body.GetProperty("runId").GetInt64()}")).GetProperty("run");
        Assert.Equal((name, 8, 1), (run.GetProperty("name").GetString(), run.GetProperty("width").GetInt32(), run.GetProperty("depth").GetInt32()));
        var parameters = await server.InStoreAsync(store => Task.FromResult(store.Jobs.Where(job => job.Kind == JobKind.ImportCheckpoint).OrderBy(job => job.Id).Last().Parameters));
        var upload = server.Artifacts.Resolve(JsonSerializer.Deserialize<JsonElement>(parameters).GetProperty("artifactPath").GetString()!);
        Assert.Equal(["config.json", "model.safetensors"], Directory.GetFiles(upload).Select(Path.GetFileName).Order());
        Assert.Equal(s_weights, await File.ReadAllBytesAsync(Path.Combine(upload, "model.safetensors")));
        Assert.Equal(Configuration, await File.ReadAllTextAsync(Path.Combine(upload, "config.json")));
    }

    [Fact]
    public async Task An_archive_comes_alone()
    {
        await AddDatasetAsync();
        var archive = Zip(("config.json", Configuration), ("model.safetensors", Encoding.Latin1.GetString(s_weights)));
        foreach (var parts in new[] { new[] { ("a.zip", archive), ("config.json", s_weights) }, [("a.zip", archive), ("b.zip", archive)] })
        {
            var (status, body) = await SendAsync("not alone", parts);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Matches("An archive comes alone|comes twice", body.GetProperty("detail").GetString()!);
        }
    }

    private async Task AddDatasetAsync()
    {
        if (!await server.InStoreAsync(store => Task.FromResult(store.Datasets.Any()))) await server.AddAsync(new Dataset { Name = "text", Specification = "{}", ContextLength = 8, CreatedAt = StoredStudy.Noon });
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string name, params (string Name, byte[] Content)[] parts)
    {
        using var content = new MultipartFormDataContent();
        foreach (var (file, bytes) in parts) content.Add(new ByteArrayContent(bytes), "file", file);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/checkpoints/upload?study=zipped&name={name}&dataset=text") { Content = content };
        return await ApiServer.SendAsync(server.Client, request);
    }

    /// <summary>All that lies in the folder above the server's, but for its own store.</summary>
    private List<string> Files() =>
        [.. Directory.EnumerateFiles(server.DataDirectory, "*", SearchOption.AllDirectories).Where(path => !Path.GetFileName(path).Contains(".db", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static byte[] Zip(params (string Name, string Text)[] files) => Pack(CompressionLevel.Fastest, files);

    private static byte[] Stored(params (string Name, string Text)[] files) => Pack(CompressionLevel.NoCompression, files);

    private static byte[] Pack(CompressionLevel level, (string Name, string Text)[] files, Action<ZipArchiveEntry>? change = null)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                var entry = zip.CreateEntry(name, level);
                change?.Invoke(entry);
                using var stream = entry.Open();
                stream.Write(Encoding.Latin1.GetBytes(text));
            }
        }
        return memory.ToArray();
    }

    private static byte[] Linked() => Pack(CompressionLevel.Fastest, [("model.safetensors", "/etc/passwd"), ("config.json", Configuration)], entry =>
    {
        if (entry.Name == "model.safetensors") entry.ExternalAttributes = unchecked((int)0xA1FF0000);
    });

    private static byte[] LyingBomb() =>
        Patched(Patched(Zip(("model.safetensors", new string('\0', 3 * SmallCheckpointServer.Bytes))), 22, 24, _ => 100), 24, 26, _ => 0);

    private static byte[] UncountedFiles()
    {
        var archive = Zip([.. Enumerable.Range(0, 30_000).Select(i => ($"{i}", ""))]);
        // The end says that there is one file, and that its entry is short.
        var end = archive.AsSpan(archive.Length - 22);
        BinaryPrimitives.WriteUInt16LittleEndian(end[8..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(end[10..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(end[12..], 50);
        return archive;
    }

    /// <summary>Changes two bytes of every file's header, both where the file lies and in the list of contents.</summary>
    private static byte[] Patched(byte[] archive, int local, int central, Func<ushort, ushort> change)
    {
        for (var i = 0; i + 4 <= archive.Length; i++)
        {
            var place = BinaryPrimitives.ReadUInt32LittleEndian(archive.AsSpan(i)) switch { 0x04034b50 => i + local, 0x02014b50 => i + central, _ => -1 };
            if (place < 0) continue;
            BinaryPrimitives.WriteUInt16LittleEndian(archive.AsSpan(place), change(BinaryPrimitives.ReadUInt16LittleEndian(archive.AsSpan(place))));
        }
        return archive;
    }

    private static byte[] Damaged(byte[] archive)
    {
        // The last byte of the weights: their headers are whole.
        archive[archive.AsSpan().LastIndexOf(s_weights) + s_weights.Length - 1] ^= 1;
        return archive;
    }

    private static byte[] Tensors()
    {
        var header = Encoding.UTF8.GetBytes("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""");
        var file = new byte[sizeof(long) + header.Length + sizeof(float)];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, sizeof(long));
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(sizeof(long) + header.Length), 0.5f);
        return file;
    }
}
