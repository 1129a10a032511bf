using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Store;

namespace NcService.EndToEnd.Tests.Faults;

/// <summary>The kinds of work that a fault may strike.</summary>
internal enum WorkKind
{
    Training,
    Collection,
    Permutation,
    Import,
}

/// <summary>A piece of work that was asked for: the job that is struck, and the study that all of it belongs to.</summary>
internal sealed record Work(WorkKind Kind, long JobId, long? StudyId, string Name);

/// <summary>Asks for work over HTTP, and reads what came of it as text that is equal exactly where the results are.</summary>
internal sealed class FaultWork(ServiceCluster cluster, int trainingSteps = 1_000)
{
    // Long enough to be struck in the middle: some seconds each, at one thread.
    private const int CollectedChunks = 2_500;
    private const long Permutations = 150_000_000;
    private const int ImportedRows = 12_000;
    private const int SeedRuns = 16;
    private readonly Dictionary<WorkKind, string> expected = [];
    private long? seedStudy;
    private int count;

    /// <summary>A text with ends that can be learnt.</summary>
    public static string Corpus(int paragraphs = 6_000)
    {
        var random = new Random(11);
        string[] words = ["the", "house", "river", "stone", "light", "walks", "sings", "under", "old", "green", "bird", "and"];
        var text = new StringBuilder();
        for (var i = 0; i < paragraphs; i++)
        {
            for (var j = 0; j < 30; j++) text.Append(words[(int)(words.Length * Math.Pow(random.NextDouble(), 2))]).Append(' ');
            text.Append(CultureInfo.InvariantCulture, $"ends {i % 10}.\n\n");
        }
        return text.ToString();
    }

    /// <summary>Makes what the works need, and does each of them once with nobody disturbing it: what a disturbed one has to equal.</summary>
    public async Task PrepareAsync(params IReadOnlyList<WorkKind> kinds)
    {
        if (seedStudy is null)
        {
            var dataset = await cluster.PostAsync("/api/v1/datasets", new
            {
                name = "text",
                specification = new { corpus = new { kind = "textFile", path = "corpus.txt" }, tokenizer = new { kind = "trained", vocabularySize = 300 }, contextLength = 32 },
            });
            await cluster.WaitAsync(dataset.GetProperty("jobId").GetInt64(), job => job.State == JobState.Succeeded);
            var seeds = await cluster.PostAsync("/api/v1/imports?studyName=seeds", Csv(SeedRuns));
            seedStudy = seeds.GetProperty("study").GetProperty("id").GetInt64();
        }
        foreach (var kind in kinds.Where(kind => !expected.ContainsKey(kind)))
        {
            var work = await AskAsync(kind);
            await SucceededAsync(work);
            expected[kind] = await ResultAsync(work);
        }
    }

    public async Task<Work> AskAsync(WorkKind kind)
    {
        var name = $"{kind} {++count}";
        switch (kind)
        {
            case WorkKind.Permutation:
                var test = await cluster.PostAsync($"/api/v1/studies/{seedStudy}/permutation-tests", new { measurements = new[] { "cdnv" }, permutations = Permutations, seed = 3 });
                return new Work(kind, test.GetProperty("jobId").GetInt64(), null, name);
            case WorkKind.Import:
                var import = await cluster.PostAsync($"/api/v1/imports?studyName={Uri.EscapeDataString(name)}", Csv(ImportedRows), key: name, asynchronous: true);
                return new Work(kind, import.GetProperty("id").GetInt64(), null, name);
            default:
                var study = (await cluster.PostAsync("/api/v1/studies", new
                {
                    name,
                    dataset = "text",
                    heads = 2,
                    batchSize = 4,
                    learningRate = 1e-2,
                    maximumSteps = kind == WorkKind.Training ? trainingSteps : 20,
                    analysisChunks = kind == WorkKind.Collection ? CollectedChunks : 8,
                    permutations = 0,
                    grids = new[] { new { widths = new[] { 16 }, depths = new[] { 1 } } },
                })).GetProperty("study").GetProperty("id").GetInt64();
                var struck = kind == WorkKind.Training ? JobKind.TrainRun : JobKind.AnalyseCheckpoint;
                await using (var store = cluster.OpenStore())
                    return new Work(kind, await store.Jobs.Where(job => job.StudyId == study && job.Kind == struck).Select(job => job.Id).SingleAsync(), study, name);
        }
    }

    /// <summary>Waits until the job is in the middle of its work.</summary>
    public async Task InTheMiddleAsync(Work work)
    {
        if (work.Kind == WorkKind.Import) await WritingAsync();
        else await cluster.WaitAsync(work.JobId, job => job.State == JobState.Running && work.Kind switch
        {
            // Past the first saved state, so that there is something to go on from.
            WorkKind.Training => job.Progress is > 0.3 and < 0.9,
            WorkKind.Collection => job.Progress > 0.1,
            _ => job.Progress > 0.05,
        });
    }

    /// <summary>An import is one transaction, of which nothing is to be seen before its end but what the database itself tells.</summary>
    private async Task WritingAsync()
    {
        for (var deadline = DateTime.UtcNow.AddMinutes(2); ; await Task.Delay(10))
        {
            await using var store = cluster.OpenStore();
            var writing = await store.Database.SqlQuery<int>($"""SELECT count(*)::int AS "Value" FROM pg_stat_activity WHERE query ~ '^INSERT INTO "(Runs|Analyses|Measurements)"' AND state <> 'idle'""").SingleAsync();
            if (writing > 0) return;
            Assert.True(DateTime.UtcNow < deadline, "No import began to write.");
        }
    }

    /// <summary>Waits until all of the work has succeeded.</summary>
    public async Task SucceededAsync(Work work)
    {
        await cluster.WaitAsync(work.JobId, job => job.State == JobState.Succeeded);
        if (work.StudyId is not { } study) return;
        await using var store = cluster.OpenStore();
        foreach (var id in await store.Jobs.Where(job => job.StudyId == study).Select(job => job.Id).ToListAsync()) await cluster.WaitAsync(id, job => job.State == JobState.Succeeded);
    }

    /// <summary>The work ended once, with the result of one that nobody disturbed, and left no other file.</summary>
    public async Task CheckAsync(Work work)
    {
        await SucceededAsync(work);
        Assert.Equal(expected[work.Kind], await ResultAsync(work));
        var strays = Directory.GetFileSystemEntries(cluster.Artifacts.Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .Where(path => Path.GetFileName(path) is ['.', ..] || path.Contains(".tmp", StringComparison.Ordinal) || path.Contains(".partial", StringComparison.Ordinal) || path.Contains("/uploads/", StringComparison.Ordinal));
        Assert.Empty(strays);
        foreach (var folder in new[] { "runs", "analyses", "datasets" }.Select(name => Path.Combine(cluster.Artifacts.Root, name)).Where(Directory.Exists).SelectMany(Directory.GetDirectories))
            Assert.Single(Directory.GetFileSystemEntries(folder));
    }

    private async Task<string> ResultAsync(Work work)
    {
        await using var store = cluster.OpenStore();
        switch (work.Kind)
        {
            case WorkKind.Permutation:
                var report = await store.PermutationTests.Include(test => test.Rows).SingleAsync(test => test.JobId == work.JobId);
                var row = Assert.Single(report.Rows);
                return string.Create(CultureInfo.InvariantCulture, $"{row.Count} {row.R:R} {row.PTwoSided:R} {row.POneSided:R} {row.Permutations} {row.Histogram}");
            case WorkKind.Import:
                var imported = await store.Runs.Where(run => run.Study!.Name == work.Name).OrderBy(run => run.Name).Select(run => new { run.Name, run.ValidationLoss, Measured = run.Analyses.Count }).ToListAsync();
                Assert.Equal(ImportedRows, imported.Count);
                return string.Join('\n', imported);
            default:
                var run = await store.Runs.Include(run => run.Checkpoints).Include(run => run.Analyses).ThenInclude(analysis => analysis.Measurements).SingleAsync(run => run.StudyId == work.StudyId);
                Assert.Single(run.Checkpoints);
                var analysis = Assert.Single(run.Analyses);
                var losses = File.ReadLines(cluster.Artifacts.Resolve($"{run.ArtifactPath}/metrics.jsonl")).Select(LossOf);
                var measured = analysis.Measurements.OrderBy(value => value.Name, StringComparer.Ordinal).Select(value => string.Create(CultureInfo.InvariantCulture, $"{value.Name} {value.Value:R}"));
                return string.Create(CultureInfo.InvariantCulture, $"{run.ValidationLoss:R} {run.TrainLoss:R} {run.TokensSeen} {analysis.SampleCount}\n{Files(run.ArtifactPath!)}\n{Files(analysis.ArtifactPath!)}\n")
                    + string.Join('\n', losses.Concat(measured));
        }
    }

    private string Files(string folder)
    {
        var root = cluster.Artifacts.Resolve(folder);
        return string.Join(' ', Directory.GetFiles(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal));
    }

    /// <summary>What a line of the log says that does not depend on the clock.</summary>
    private static string LossOf(string line)
    {
        var members = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(line)!;
        return string.Join(' ', members.Where(member => member.Key != "seconds").Select(member => member.Value.GetRawText()));
    }

    private static StringContent Csv(int rows)
    {
        var random = new Random(5);
        var lines = Enumerable.Range(0, rows).Select(i => string.Create(CultureInfo.InvariantCulture, $"02x0064_01d{i:00},{random.NextDouble()},{random.NextDouble()}"));
        return new StringContent("model,val_loss,cdnv\n" + string.Join('\n', lines) + "\n", Encoding.UTF8, "text/csv");
    }
}
