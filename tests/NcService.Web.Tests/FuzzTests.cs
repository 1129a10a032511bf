using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Data.Sqlite;

namespace NcService.Web.Tests;

/// <summary>Generated requests: none gets a 5xx, and one that is refused changes nothing.</summary>
public sealed class FuzzTests(SeededServer server) : IClassFixture<SeededServer>, IDisposable
{
    private SqliteConnection? watcher;

    public void Dispose() => watcher?.Dispose();

    private static readonly string[] s_posts =
    [
        "/api/v1/studies", "/api/v1/datasets", "/api/v1/studies/1/permutation-tests", "/api/v1/webhooks", "/api/v1/tokens", "/api/v1/checkpoints", "/api/v1/jobs/1/priority",
    ];

    private static readonly string[] s_gets =
    [
        "/api/v1/studies", "/api/v1/studies/1", "/api/v1/studies/1/runs", "/api/v1/studies/1/correlations", "/api/v1/studies/1/results.csv", "/api/v1/runs/1/curve", "/api/v1/jobs",
        "/api/v1/jobs/1/log", "/api/v1/checkpoints", "/api/v1/analyses/1", "/api/v1/permutation-tests/1", "/api/v1/webhooks/1/deliveries", "/login",
    ];

    // Names that exist, so that generated bodies and queries come past the first check.
    private static readonly string[] s_names =
    [
        "name", "notes", "grids", "widths", "depths", "seeds", "epochs", "weightDecays", "dataset", "corpus", "kind", "path", "tokenizer", "vocabularySize", "contextLength", "heads", "batchSize",
        "learningRate", "precision", "permutations", "maximumSteps", "preset", "specification", "runIds", "measurements", "outcome", "seed", "url", "scope", "expiresAt", "study", "tags", "analysisChunks",
        "priority", "page", "pageSize", "state", "sort", "width", "tag", "points", "covariate", "measurement", "returnUrl", "code", "studyId", "runId",
    ];

    private static readonly string[] s_words =
    [
        "", "x", "demo", "taken", "val_loss", "cdnv", "trained", "textFile", "../../etc/passwd", "http://169.254.169.254/", "<script>alert(1)</script>", "'; DROP TABLE Jobs; --", "=1+1", "\u0000", "\uD800",
        "‮", "😀", "NaN", "-1", "1e999", "99999999999999999999", "0x10", "%00", "%2e%2e%2f", "2031-02-31T00:00:00Z", "https://hooks.example.org/", "admin",
    ];

    [Fact]
    public async Task Generated_bodies_never_bring_the_server_down()
    {
        await server.FillAsync("");
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Gen.Elements(s_posts).Zip(Values(3)).ToArbitrary(), request =>
        {
            var (path, body) = request;
            return IsRefusedOrDone(HttpMethod.Post, path, body?.ToJsonString() ?? "null", "application/json");
        }));
    }

    [Fact]
    public async Task Generated_queries_never_bring_the_server_down()
    {
        await server.FillAsync("");
        var query = Gen.Elements(s_names).Zip(Gen.Elements(s_words)).ListOf();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(Gen.Elements(s_gets).Zip(query).ToArbitrary(), request =>
        {
            var (path, parts) = request;
            return IsRefusedOrDone(HttpMethod.Get, $"{path}?{string.Join('&', parts.Select(part => $"{part.Item1}={Escaped(part.Item2)}"))}", null, null);
        }));
    }

    [Fact]
    public async Task Damaged_checkpoints_are_refused_when_they_are_sent()
    {
        await server.FillAsync("");
        var whole = await File.ReadAllBytesAsync(SafeTensors([("transformer.wte.weight", "F32", [2, 2], 0, 16)]));
        var mutations = Gen.Choose(0, whole.Length - 1).Zip(Gen.Choose(0, 255)).NonEmptyListOf();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150), Prop.ForAll(mutations.ToArbitrary(), changes =>
        {
            var bytes = whole.ToArray();
            foreach (var (position, value) in changes) bytes[position] = (byte)value;
            return IsRefusedOrDone(bytes);
        }));
    }

    [Theory]
    [InlineData("longer than the file", "FFFFFFFFFFFFFF7F")]
    [InlineData("negative", "FFFFFFFFFFFFFFFF")]
    [InlineData("huge", "0000000001000000")]
    [InlineData("empty", "0000000000000000")]
    [InlineData("cut short", "0100")]
    public async Task A_header_length_that_lies_is_refused(string why, string prefix)
    {
        await server.FillAsync("");
        Assert.True(IsRefused([.. Convert.FromHexString(prefix), .. "{}"u8], out var text), $"{why}: {text}");
        Assert.Contains("model.safetensors", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("overlap", 0, 16, 8, 24)]
    [InlineData("end before they begin", 16, 0, 16, 32)]
    [InlineData("lie outside", 0, 16, 1000, 1016)]
    [InlineData("are not of their shape", 0, 4, 4, 20)]
    [InlineData("begin before the data", -16, 0, 0, 16)]
    public async Task Tensors_whose_places_are_wrong_are_refused(string why, long start, long end, long secondStart, long secondEnd)
    {
        await server.FillAsync("");
        var bytes = await File.ReadAllBytesAsync(SafeTensors([("a", "F32", [2, 2], start, end), ("b", "F32", [2, 2], secondStart, secondEnd)]));
        Assert.True(IsRefused(bytes, out var text), $"{why}: {text}");
    }

    private bool IsRefusedOrDone(byte[] weights) => SendUpload(weights, out _) is { } status && (int)status < 500;

    private bool IsRefused(byte[] weights, out string text) => SendUpload(weights, out text) is HttpStatusCode.BadRequest;

    private HttpStatusCode SendUpload(byte[] weights, out string text)
    {
        using var content = new MultipartFormDataContent
        {
            { new StringContent(Configuration), "file", "config.json" },
            { new ByteArrayContent(weights), "file", "model.safetensors" },
        };
        using var response = server.Client.PostAsync($"/api/v1/checkpoints/upload?study=fuzz&name={Guid.NewGuid():N}&dataset=taken", content).GetAwaiter().GetResult();
        text = response.Content.ReadAsStringAsync().GetAwaiter().GetResult();
        if (!response.IsSuccessStatusCode) Assert.False(Directory.Exists(Path.Combine(server.DataDirectory, "artifacts", "uploads")) && Directory.EnumerateFileSystemEntries(Path.Combine(server.DataDirectory, "artifacts", "uploads")).Any());
        return response.StatusCode;
    }

    private bool IsRefusedOrDone(HttpMethod method, string path, string? body, string? type)
    {
        var before = DataVersion();
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type!);
        using var response = server.Client.SendAsync(request).GetAwaiter().GetResult();
        var refused = (int)response.StatusCode >= 400;
        return (int)response.StatusCode < 500 && (!refused || before == DataVersion());
    }

    /// <summary>A number of this connection that SQLite changes whenever another has written.</summary>
    private long DataVersion()
    {
        if (watcher is null)
        {
            watcher = new SqliteConnection($"Data Source={Path.Combine(server.DataDirectory, "ncservice.db")};Pooling=False");
            watcher.Open();
        }
        using var command = watcher.CreateCommand();
        command.CommandText = "PRAGMA data_version";
        return (long)command.ExecuteScalar()!;
    }

    private const string Configuration = """
        {"model_type": "gpt_neo", "vocab_size": 300, "hidden_size": 8, "num_layers": 1, "num_heads": 2, "max_position_embeddings": 32, "attention_types": [[["global"], 1]], "attention_layers": ["global"]}
        """;

    private string SafeTensors(params IReadOnlyList<(string Name, string Type, int[] Shape, long Start, long End)> tensors)
    {
        var header = new JsonObject();
        foreach (var (name, type, shape, start, end) in tensors)
            header[name] = new JsonObject { ["dtype"] = type, ["shape"] = JsonSerializer.SerializeToNode(shape), ["data_offsets"] = new JsonArray(start, end) };
        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        var path = Path.Combine(server.DataDirectory, $"{Guid.NewGuid():N}.safetensors");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)text.Length), .. text, .. new byte[32]]);
        return path;
    }

    private static Gen<JsonNode?> Values(int depth)
    {
        var leaves = Gen.OneOf(
            Gen.Elements(s_words).Select(word => (JsonNode?)JsonValue.Create(word)),
            Gen.Choose(-2, 100).Select(number => (JsonNode?)JsonValue.Create(number)),
            Gen.Elements(0.5, -1e300, 1e-300, 4294967296.0, 1e18).Select(number => (JsonNode?)JsonValue.Create(number)),
            Gen.Elements(true, false).Select(truth => (JsonNode?)JsonValue.Create(truth)),
            Gen.Constant((JsonNode?)null));
        if (depth == 0) return leaves;
        var lists = Values(depth - 1).ListOf().Select(items => (JsonNode?)new JsonArray([.. items.Take(4).Select(item => item?.DeepClone())]));
        var objects = Gen.Elements(s_names).Zip(Values(depth - 1)).ListOf()
            .Select(members => (JsonNode?)new JsonObject(members.DistinctBy(member => member.Item1).Take(8).Select(member => KeyValuePair.Create(member.Item1, member.Item2?.DeepClone()))));
        return Gen.Frequency((2, leaves), (1, lists), (4, objects));
    }

    // Not every word is one that Uri would let pass.
    private static string Escaped(string word) => string.Concat(Encoding.UTF8.GetBytes(word).Select(value => $"%{value:X2}"));
}
