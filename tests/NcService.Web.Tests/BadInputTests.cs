using System.Net.Http.Headers;
using System.Text;
using Microsoft.Data.Sqlite;
using NcService.Platform.Store;

namespace NcService.Web.Tests;

/// <summary>A request that must be refused.</summary>
/// <param name="Why">What is wrong with it; names the case.</param>
/// <param name="Request">Method and path; {study}, {job}, {done} stand for ids that exist.</param>
/// <param name="Status">The status it must get.</param>
/// <param name="Says">What the problem must mention.</param>
/// <param name="Body">The body; null for none.</param>
/// <param name="Type">The body's content type; null for none.</param>
/// <param name="Key">The Idempotency-Key; null for none.</param>
public sealed record BadInput(string Why, string Request, int Status, string Says, string? Body = null, string? Type = "application/json", string? Key = null)
{
    public override string ToString() => Why;
}

/// <summary>A server with a study, a queued job and a finished one.</summary>
public sealed class SeededServer : ApiServer
{
    private Dictionary<string, long>? ids;

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("NcService:WebhookHosts", "hooks.example.org");
        builder.UseSetting("NcService:CheckpointDirectories", Directory.CreateDirectory(Path.Combine(DataDirectory, "checkpoints")).FullName);
    }

    public async Task<string> FillAsync(string template)
    {
        if (ids is null)
        {
            var study = await AddAsync(StoredStudy.Trained("taken"));
            await AddAsync(new Dataset { Name = "taken", Specification = "{}", ContextLength = 8, CreatedAt = StoredStudy.Noon });
            var checkpoint = await AddAsync(new Checkpoint { ArtifactPath = "runs/1/1/checkpoint", CreatedAt = StoredStudy.Noon });
            var job = await AddAsync(StoredStudy.Job(JobKind.TrainRun, JobState.Queued));
            var done = await AddAsync(StoredStudy.Job(JobKind.TrainRun, JobState.Succeeded));
            ids = new() { ["{study}"] = study.Id, ["{job}"] = job.Id, ["{done}"] = done.Id, ["{run}"] = study.Runs[0].Id, ["{checkpoint}"] = checkpoint.Id };
        }
        return ids.Aggregate(template, (text, id) => text.Replace(id.Key, $"{id.Value}", StringComparison.Ordinal));
    }
}

public sealed class BadInputTests(SeededServer server) : IClassFixture<SeededServer>
{
    private const string Studies = "POST /api/v1/studies";
    private const string Datasets = "POST /api/v1/datasets";
    private const string Webhooks = "POST /api/v1/webhooks";
    private const string Tokens = "POST /api/v1/tokens";
    private const string Checkpoints = "POST /api/v1/checkpoints";
    private const string Upload = "POST /api/v1/checkpoints/upload?study=ci&name=x&dataset=taken";
    private const string Form = "multipart/form-data; boundary=b";
    private const string Test = "POST /api/v1/studies/{study}/permutation-tests";

    public static TheoryData<BadInput> Cases { get; } =
    [
        // Addresses and methods
        new("no such address", "GET /api/v1/nothing", 404, "/swagger"),
        new("no such version", "GET /api/v2/studies", 404, "/swagger"),
        new("method not possible", "DELETE /api/v1/studies", 405, "GET"),
        new("method unheard of", "BREW /api/v1/studies", 405, "GET"),
        new("PUT on a job", "PUT /api/v1/jobs/{job}", 405, "GET", "{}"),
        new("path traversal", "GET /api/v1/studies/..%2f..%2fetc%2fpasswd", 400, "id"),
        new("path traversal, encoded twice", "GET /api/v1/runs/%252e%252e%252f1/curve", 400, "id"),
        new("path traversal by backslash", "GET /api/v1/jobs/..%5c..%5cstore/log", 400, "id"),
        new("path parameter", "GET /api/v1/jobs/1;x=2/log", 400, "id"),

        // Ids
        new("id is a word", "GET /api/v1/studies/abc", 400, "id"),
        new("id is a fraction", "GET /api/v1/runs/1.5", 400, "id"),
        new("id is too large", "GET /api/v1/runs/99999999999999999999", 400, "id"),
        new("id is SQL", "GET /api/v1/studies/1%20OR%201=1", 400, "id"),
        new("id is negative", "GET /api/v1/studies/-1", 404, "study"),
        new("no such study", "GET /api/v1/studies/999999", 404, "study 999999"),
        new("no such run", "GET /api/v1/runs/999999", 404, "run 999999"),
        new("no such curve", "GET /api/v1/runs/999999/curve", 404, "run 999999"),
        new("no such analysis", "GET /api/v1/analyses/999999", 404, "analysis 999999"),
        new("no such dataset", "GET /api/v1/datasets/999999", 404, "dataset 999999"),
        new("no such job", "GET /api/v1/jobs/999999", 404, "job 999999"),
        new("no such log", "GET /api/v1/jobs/999999/log", 404, "job 999999"),
        new("no such events", "GET /api/v1/jobs/999999/events", 404, "job 999999"),
        new("no such study's events", "GET /api/v1/studies/999999/events", 404, "study 999999"),
        new("no such permutation test", "GET /api/v1/permutation-tests/999999", 404, "permutation test 999999"),
        new("correlations of no study", "GET /api/v1/studies/999999/correlations", 404, "study 999999"),
        new("results of no study", "GET /api/v1/studies/999999/results", 404, "study 999999"),
        new("columns that no table has", "GET /api/v1/studies/{study}/results.csv?columns=may", 400, "october"),
        new("table of no study", "GET /api/v1/studies/999999/results.csv", 404, "study 999999"),
        new("cancelling no study", "POST /api/v1/studies/999999/cancel", 404, "study 999999"),
        new("cancelling no job", "POST /api/v1/jobs/999999/cancel", 404, "job 999999"),
        new("retrying a job that succeeded", "POST /api/v1/jobs/{done}/retry", 409, "succeeded"),
        new("retrying a job that waits", "POST /api/v1/jobs/{job}/retry", 409, "queued"),

        // Queries
        new("page 0", "GET /api/v1/studies?page=0", 400, "page"),
        new("page beyond counting", "GET /api/v1/studies?page=2147483647", 400, "page"),
        new("page is a word", "GET /api/v1/jobs?page=two", 400, "page"),
        new("page size 0", "GET /api/v1/jobs?pageSize=0", 400, "pageSize"),
        new("page size above the limit", "GET /api/v1/studies?pageSize=201", 400, "200"),
        new("page size negative", "GET /api/v1/datasets?pageSize=-1", 400, "pageSize"),
        new("unknown filter", "GET /api/v1/jobs?status=running", 400, "status"),
        new("unknown filter beside a good one", "GET /api/v1/studies/{study}/runs?width=64&heads=2", 400, "heads"),
        new("unknown state", "GET /api/v1/jobs?state=done", 400, "succeeded"),
        new("state by number", "GET /api/v1/jobs?state=2", 400, "succeeded"),
        new("unknown kind", "GET /api/v1/jobs?kind=Shell", 400, "trainRun"),
        new("width is a word", "GET /api/v1/studies/{study}/runs?width=wide", 400, "width"),
        new("sorted by nothing known", "GET /api/v1/studies/{study}/runs?sort=loss", 400, "validationLoss"),
        new("sorted by SQL", "GET /api/v1/studies/{study}/runs?sort=id;DROP%20TABLE%20Runs", 400, "sort"),
        new("curve of one point", "GET /api/v1/runs/{run}/curve?points=1", 400, "points"),
        new("curve of a million points", "GET /api/v1/runs/{run}/curve?points=1000000", 400, "5000"),
        new("unknown outcome", "GET /api/v1/studies/{study}/correlations?outcome=happiness", 400, "happiness"),
        new("misspelt measurement", "GET /api/v1/studies/{study}/correlations?measurement=cndv", 400, "cdnv"),
        new("unknown covariate", "GET /api/v1/studies/{study}/correlations?covariate=phase", 400, "logParameters"),

        // Bodies
        new("no body", Studies, 400, ""),
        new("empty body", Studies, 400, "", ""),
        new("not JSON", Studies, 400, "JSON", "name=x"),
        new("JSON cut short", Studies, 400, "JSON", """{"name": "x", "grids": ["""),
        new("JSON with a comma too many", Studies, 400, "JSON", """{"preset": "demo",}"""),
        new("JSON in UTF-16", Studies, 400, "", "\u0000{\u0000}"),
        new("a list for an object", Studies, 400, "", "[]"),
        new("null for an object", Studies, 400, "", "null"),
        new("a word for an object", Studies, 400, "", "\"demo\""),
        new("nested beyond reason", Studies, 400, "", string.Concat(Enumerable.Repeat("[", 5000))),
        new("no content type", Studies, 415, "application/json", """{"preset": "demo"}""", null),
        new("form for JSON", Studies, 415, "/swagger", "preset=demo", "application/x-www-form-urlencoded"),
        new("XML for JSON", Studies, 415, "/swagger", "<study/>", "application/xml"),
        new("text for JSON", Studies, 415, "/swagger", """{"preset": "demo"}""", "text/plain"),
        new("2 MB of body", Studies, 413, "1,048,576", $$"""{"preset": "demo", "notes": "{{new string('x', 2 << 20)}}"}"""),

        // Studies
        new("unknown preset", Studies, 400, "paper-grid", """{"preset": "everything"}"""),
        new("unknown member beside the preset", Studies, 400, "widths", """{"preset": "demo", "widths": [1]}"""),
        new("unknown member", Studies, 400, "depth", """{"name": "x", "grids": [{"widths": [8], "depths": [1], "depth": 2}]}"""),
        new("member twice", Studies, 400, "name", """{"name": "x", "name": "y", "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("notes with a NUL", Studies, 400, "NUL", """{"name": "x", "notes": "a\u0000b", "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("filter with a NUL", "GET /api/v1/studies/{study}/runs?tag=a%00b", 400, "NUL"),
        new("number for a word", Studies, 400, "name", """{"name": 5, "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("grids missing", Studies, 400, "grids", """{"name": "x"}"""),
        new("widths missing", Studies, 400, "widths", """{"name": "x", "grids": [{"depths": [1]}]}"""),
        new("name null", Studies, 400, "name", """{"name": null, "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("name empty", Studies, 400, "name", """{"name": "", "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("name with a control character", Studies, 400, "name", """{"name": "a\u0007b", "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("name too long", Studies, 400, "MaximumNameLength", $$"""{"name": "{{new string('n', 101)}}", "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("name taken", Studies, 409, "taken", """{"name": "taken", "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("number in quotes", Studies, 400, "widths", """{"name": "x", "grids": [{"widths": ["8"], "depths": [1]}]}"""),
        new("fraction for a whole number", Studies, 400, "widths", """{"name": "x", "grids": [{"widths": [8.5], "depths": [1]}]}"""),
        new("number beyond 32 bits", Studies, 400, "widths", """{"name": "x", "grids": [{"widths": [99999999999], "depths": [1]}]}"""),
        new("no grid", Studies, 400, "grids", """{"name": "x", "grids": []}"""),
        new("grid null", Studies, 400, "grids", """{"name": "x", "grids": [null]}"""),
        new("no width", Studies, 400, "widths", """{"name": "x", "grids": [{"widths": [], "depths": [1]}]}"""),
        new("width 0", Studies, 400, "widths", """{"name": "x", "grids": [{"widths": [0], "depths": [1]}]}"""),
        new("width beyond the limit", Studies, 400, "MaximumWidth", """{"name": "x", "grids": [{"widths": [1000000], "depths": [1]}]}"""),
        new("depth negative", Studies, 400, "depths", """{"name": "x", "grids": [{"widths": [8], "depths": [-1]}]}"""),
        new("epochs 0", Studies, 400, "epochs", """{"name": "x", "grids": [{"widths": [8], "depths": [1], "epochs": [0]}]}"""),
        new("weight decay negative", Studies, 400, "weightDecays", """{"name": "x", "grids": [{"widths": [8], "depths": [1], "weightDecays": [-1]}]}"""),
        new("more runs than possible", Studies, 400, "MaximumRuns", $$"""{"name": "x", "grids": [{"widths": [8, 16], "depths": [1, 2], "seeds": [{{string.Join(',', Enumerable.Range(0, 500))}}]}]}"""),
        new("learning rate 0", Studies, 400, "learningRate", """{"name": "x", "learningRate": 0, "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("learning rate infinite", Studies, 400, "learningRate", """{"name": "x", "learningRate": 1e999, "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("batch size 0", Studies, 400, "batchSize", """{"name": "x", "batchSize": 0, "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("context length 1", Studies, 400, "contextLength", """{"name": "x", "contextLength": 1, "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("unknown precision", Studies, 400, "precision", """{"name": "x", "precision": "float8", "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("enumeration by number", Studies, 400, "precision", """{"name": "x", "precision": 0, "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("permutations negative", Studies, 400, "permutations", """{"name": "x", "permutations": -1, "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("no such dataset by name", Studies, 400, "dataset", """{"name": "x", "dataset": "nowhere", "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("corpus outside the allowed folders", Studies, 400, "CorpusDirectories", """{"name": "x", "corpus": {"kind": "textFile", "path": "/etc/passwd"}, "grids": [{"widths": [8], "depths": [1]}]}"""),
        new("idempotency key too long", Studies, 400, "Idempotency-Key", """{"preset": "demo", "name": "key"}""", Key: new string('k', 201)),
        new("idempotency key of a test too long", Test, 400, "Idempotency-Key", "{}", Key: new string('k', 201)),
        new("idempotency key of embeddings empty", "POST /api/v1/analyses", 400, "Idempotency-Key", "--b--\r\n", Form, Key: ""),
        new("idempotency key empty", Studies, 400, "Idempotency-Key", """{"preset": "demo", "name": "key"}""", Key: ""),

        // Datasets
        new("dataset without name", Datasets, 400, "name", """{"specification": {}}"""),
        new("dataset name taken", Datasets, 409, "taken", """{"name": "taken", "specification": {}}"""),
        new("dataset of a file of the system", Datasets, 400, "CorpusDirectories", """{"name": "x", "specification": {"corpus": {"kind": "textFile", "path": "/etc/shadow"}}}"""),
        new("dataset by traversal", Datasets, 400, "CorpusDirectories", """{"name": "x", "specification": {"corpus": {"kind": "folder", "path": "../../etc"}}}"""),
        new("validation text from elsewhere", Datasets, 400, "validationPath", """{"name": "x", "specification": {"corpus": {"validationPath": "/etc/passwd"}}}"""),
        new("dataset from a URL", Datasets, 400, "CorpusDirectories", """{"name": "x", "specification": {"corpus": {"kind": "textFile", "path": "http://169.254.169.254/latest"}}}"""),
        new("file corpus without path", Datasets, 400, "path", """{"name": "x", "specification": {"corpus": {"kind": "jsonLines"}}}"""),
        new("unknown corpus", Datasets, 400, "kind", """{"name": "x", "specification": {"corpus": {"kind": "internet"}}}"""),
        new("vocabulary too small", Datasets, 400, "257", """{"name": "x", "specification": {"tokenizer": {"kind": "trained", "vocabularySize": 2}}}"""),
        new("validation fraction 1", Datasets, 400, "ValidationFraction", """{"name": "x", "specification": {"validationFraction": 1}}"""),

        // Permutation tests
        new("test of two runs", Test, 400, "3", """{"runIds": [1, 2]}"""),
        new("test of foreign runs", Test, 400, "999997", """{"runIds": [999997, 999998, 999999]}"""),
        new("test of nothing known", Test, 400, "cdnv", """{"measurements": ["cdnw"]}"""),
        new("no permutations", Test, 400, "permutations", """{"permutations": 0}"""),
        new("too many permutations", Test, 400, "MaximumPermutations", """{"permutations": 1000000000000}"""),
        new("test with an unknown member", Test, 400, "trials", """{"trials": 10}"""),

        // Deleting
        new("deleting no study", "DELETE /api/v1/studies/999999", 404, "study 999999"),
        new("deleting no run", "DELETE /api/v1/runs/999999", 404, "run 999999"),
        new("deleting no analysis", "DELETE /api/v1/analyses/999999", 404, "analysis 999999"),
        new("deleting no dataset", "DELETE /api/v1/datasets/999999", 404, "dataset 999999"),
        new("deleting no permutation test", "DELETE /api/v1/permutation-tests/999999", 404, "permutation test 999999"),
        new("deleting all studies", "DELETE /api/v1/studies/*", 400, "id"),
        new("deleting by traversal", "DELETE /api/v1/runs/..%2f..%2fjobs", 400, "id"),
        new("deleting by force", "DELETE /api/v1/studies/{study}?force=true", 400, "force"),

        // Priorities and holds
        new("pausing no job", "POST /api/v1/jobs/999999/pause", 404, "job 999999"),
        new("resuming no job", "POST /api/v1/jobs/999999/resume", 404, "job 999999"),
        new("pausing no study", "POST /api/v1/studies/999999/pause", 404, "study 999999"),
        new("resuming no study", "POST /api/v1/studies/999999/resume", 404, "study 999999"),
        new("priority of no job", "POST /api/v1/jobs/999999/priority", 404, "job 999999", """{"priority": 1}"""),
        new("priority above all", "POST /api/v1/jobs/{job}/priority", 400, "priority", """{"priority": 11}"""),
        new("priority of no number", "POST /api/v1/jobs/{job}/priority", 400, "priority", """{"priority": "high"}"""),
        new("priority missing", "POST /api/v1/studies/{study}/priority", 400, "priority", "{}"),

        // Webhooks: where a server may be made to send
        new("webhook to a host that is not listed", Webhooks, 400, "evil.example", """{"url": "https://evil.example/hook"}"""),
        new("webhook without https", Webhooks, 400, "https", """{"url": "http://hooks.example.org/x"}"""),
        new("webhook to loopback", Webhooks, 400, "url", """{"url": "http://127.0.0.1:5080/api/v1/jobs"}"""),
        new("webhook to loopback by name", Webhooks, 400, "url", """{"url": "https://localhost/x"}"""),
        new("webhook to loopback in IPv6", Webhooks, 400, "url", """{"url": "http://[::1]/x"}"""),
        new("webhook to loopback by a number", Webhooks, 400, "url", """{"url": "http://2130706433/x"}"""),
        new("webhook to the cloud's metadata", Webhooks, 400, "url", """{"url": "http://169.254.169.254/latest/meta-data"}"""),
        new("webhook to a private network", Webhooks, 400, "url", """{"url": "https://10.0.0.1/x"}"""),
        new("webhook to a name below a listed one's twin", Webhooks, 400, "url", """{"url": "https://hooks.example.org.evil.example/x"}"""),
        new("webhook with a user name", Webhooks, 400, "user", """{"url": "https://hooks.example.org@evil.example/x"}"""),
        new("webhook to a file", Webhooks, 400, "url", """{"url": "file:///etc/passwd"}"""),
        new("webhook by gopher", Webhooks, 400, "url", """{"url": "gopher://hooks.example.org/x"}"""),
        new("webhook to nowhere", Webhooks, 400, "url", """{"url": "not an address"}"""),
        new("webhook with a secret of one's own", Webhooks, 400, "secret", """{"url": "https://hooks.example.org/x", "secret": "s"}"""),
        new("webhook of great length", Webhooks, 400, "2000", $$"""{"url": "https://hooks.example.org/{{new string('x', 3000)}}"}"""),
        new("deleting no webhook", "DELETE /api/v1/webhooks/999999", 404, "webhook 999999"),
        new("deliveries of no webhook", "GET /api/v1/webhooks/999999/deliveries", 404, "webhook 999999"),

        // Tokens
        new("token of an unknown scope", Tokens, 400, "admin", """{"name": "x", "scope": "root"}"""),
        new("token of all scopes", Tokens, 400, "scope", """{"name": "x", "scope": "read,admin"}"""),
        new("token without name", Tokens, 400, "name", """{"name": " ", "scope": "read"}"""),
        new("token that has expired", Tokens, 400, "expiresAt", """{"name": "x", "scope": "read", "expiresAt": "2001-01-01T00:00:00Z"}"""),
        new("token that expires on no day", Tokens, 400, "expiresAt", """{"name": "x", "scope": "read", "expiresAt": "2031-02-31"}"""),
        new("token with its hash", Tokens, 400, "hash", """{"name": "x", "scope": "read", "hash": "00"}"""),
        new("revoking no token", "DELETE /api/v1/tokens/999999", 404, "token 999999"),

        // Checkpoints
        new("no such checkpoint", "GET /api/v1/checkpoints/999999", 404, "checkpoint 999999"),
        new("file of no checkpoint", "GET /api/v1/checkpoints/999999/files/config.json", 404, "checkpoint 999999"),
        new("file outside a checkpoint", "GET /api/v1/checkpoints/{checkpoint}/files/..%2f..%2f..%2fapi-token", 404, "checkpoint"),
        new("file outside a checkpoint, encoded twice", "GET /api/v1/checkpoints/{checkpoint}/files/%252e%252e%252fapi-token", 404, "checkpoint"),
        new("file outside a checkpoint, by a root", "GET /api/v1/checkpoints/{checkpoint}/files/%2fetc%2fpasswd", 404, "checkpoint"),
        new("class statistics of no analysis", "GET /api/v1/analyses/999999/class-statistics", 404, "analysis 999999"),
        new("checkpoint from a folder of the system", Checkpoints, 400, "CheckpointDirectories", """{"study": "ci", "name": "x", "dataset": "taken", "path": "/etc"}"""),
        new("checkpoint by traversal", Checkpoints, 400, "CheckpointDirectories", """{"study": "ci", "name": "x", "dataset": "taken", "path": "../../.."}"""),
        new("checkpoint from a URL", Checkpoints, 400, "CheckpointDirectories", """{"study": "ci", "name": "x", "dataset": "taken", "path": "http://169.254.169.254/"}"""),
        new("checkpoint without path", Checkpoints, 400, "path", """{"study": "ci", "name": "x", "dataset": "taken"}"""),
        new("checkpoint on no dataset", Checkpoints, 400, "nowhere", """{"study": "ci", "name": "x", "dataset": "nowhere", "path": "a"}"""),
        new("checkpoint into a study of another kind", Checkpoints, 409, "taken", """{"study": "taken", "name": "x", "dataset": "taken", "path": "a"}"""),
        new("checkpoint with too long a tag", Checkpoints, 400, "MaximumTagLength", $$"""{"study": "ci", "name": "x", "dataset": "taken", "path": "a", "tags": ["{{new string('t', 50)}}"]}"""),
        new("checkpoint of no chunks", Checkpoints, 400, "analysisChunks", """{"study": "ci", "name": "x", "dataset": "taken", "path": "a", "analysisChunks": 0}"""),
        new("upload of JSON", Upload, 415, "/swagger", "{}"),
        new("upload without boundary", Upload, 400, "boundary", "x", "multipart/form-data"),
        new("upload of nothing", Upload, 400, "config.json", "--b--\r\n", Form),
        new("upload cut short", Upload, 400, "", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"config.json\"\r\n\r\n{\"a\"", Form),
        new("upload of a pickle", Upload, 400, "filename", Part("pytorch_model.bin", "x"), Form),
        new("upload to another folder", Upload, 400, "filename", Part("../config.json", "{}"), Form),
        new("upload to a root", Upload, 400, "filename", Part("/etc/cron.d/x", "{}"), Form),
        new("upload without a name", Upload, 400, "filename", "--b\r\nContent-Disposition: form-data; name=\"config.json\"\r\n\r\n{}\r\n--b--\r\n", Form),
        new("upload without weights", Upload, 400, "model.safetensors", Part("config.json", "{}"), Form),
        new("upload of no configuration", Upload, 400, "config.json", Parts(("config.json", "no JSON"), ("model.safetensors", "x")), Form),
        new("upload of another architecture", Upload, 400, "gpt_neo", Parts(("config.json", """{"model_type": "llama"}"""), ("model.safetensors", "x")), Form),
        new("upload of a file twice", Upload, 400, "twice", Parts(("config.json", "{}"), ("config.json", "{}")), Form),
        new("upload without a dataset", "POST /api/v1/checkpoints/upload?study=ci&name=x", 400, "dataset", Part("config.json", "{}"), Form),
        new("upload into a name with a control character", "POST /api/v1/checkpoints/upload?study=ci&name=a%07b&dataset=taken", 400, "name", Part("config.json", "{}"), Form),
        new("upload with an unknown parameter", Upload + "&force=true", 400, "force", Part("config.json", "{}"), Form),

        // Imports
        new("import with a key too long", "POST /api/v1/imports?studyName=i", 400, "Idempotency-Key", "model,val_loss\na,1\n", "text/csv", Key: new string('k', 201)),
        new("import of nothing", "POST /api/v1/imports?studyName=i", 400, "", "", "text/csv"),
        new("import of JSON", "POST /api/v1/imports?studyName=i", 415, "/swagger", "{}"),
        new("import without the columns", "POST /api/v1/imports?studyName=i", 400, "model", "a,b\n1,2\n", "text/csv"),
        new("import without rows", "POST /api/v1/imports?studyName=i", 400, "rows", "model,val_loss\n", "text/csv"),
        new("import with a name twice", "POST /api/v1/imports?studyName=i", 400, "twice", "model,val_loss\na,1\na,2\n", "text/csv"),
        new("import without a loss", "POST /api/v1/imports?studyName=i", 400, "loss", "model,val_loss\na,\n", "text/csv"),
        new("import with a quote left open", "POST /api/v1/imports?studyName=i", 400, "", "model,val_loss\n\"a,1\n", "text/csv"),
        new("import with a NUL", "POST /api/v1/imports?studyName=i", 400, "NUL", "model,val_loss\na\0,1\n", "text/csv"),
        new("import under a taken name", "POST /api/v1/imports?studyName=taken", 409, "taken", "model,val_loss\na,1\n", "text/csv"),
        new("import under a name with a line break", "POST /api/v1/imports?studyName=a%0Ab", 400, "studyName", "model,val_loss\na,1\n", "text/csv"),
        new("import of 17 MiB", "POST /api/v1/imports?studyName=i", 413, "ImportBytes", "model,val_loss\n" + new string('a', 17 << 20), "text/csv"),
    ];

    private static string Part(string name, string content) => Parts((name, content));

    private static string Parts(params ReadOnlySpan<(string Name, string Content)> files)
    {
        var text = new StringBuilder();
        foreach (var (name, content) in files) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n");
        return text.Append("--b--\r\n").ToString();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_bad_input_gets_a_problem_that_names_it_and_changes_nothing(BadInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var request = await RequestAsync(input);
        await using var watcher = new SqliteConnection($"Data Source={Path.Combine(server.DataDirectory, "ncservice.db")};Pooling=False");
        await watcher.OpenAsync();
        var before = await DataVersionAsync(watcher);

        using var response = await server.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();

        Assert.True(input.Status == (int)response.StatusCode, $"{(int)response.StatusCode} {text[..Math.Min(text.Length, 500)]}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(input.Says, text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"System\.|NcService\.(Web|Core|Platform)", text);
        Assert.Equal(before, await DataVersionAsync(watcher));
    }

    private async Task<HttpRequestMessage> RequestAsync(BadInput input)
    {
        var parts = (await server.FillAsync(input.Request)).Split(' ', 2);
        var request = new HttpRequestMessage(new HttpMethod(parts[0]), new Uri(server.Client.BaseAddress + parts[1][1..], new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (input.Body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(input.Body));
            request.Content.Headers.ContentType = input.Type is null ? null : MediaTypeHeaderValue.Parse(input.Type);
        }
        else if (parts[0] == "POST" && input.Type is not null)
        {
            request.Content = new ByteArrayContent([]) { Headers = { ContentType = new MediaTypeHeaderValue(input.Type) } };
        }
        // The server answers before it has read a body that is too large; who sends it must listen first.
        request.Headers.ExpectContinue = input.Body?.Length > 1 << 20;
        if (input.Key is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", input.Key);
        return request;
    }

    /// <summary>A number that SQLite changes whenever another connection has written.</summary>
    private static async Task<long> DataVersionAsync(SqliteConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA data_version";
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
