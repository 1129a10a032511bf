using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Core.Collapse;
using NcService.Platform.Artifacts;
using NcService.Platform.Results;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using NcService.Platform.Tests.Jobs;

namespace NcService.Platform.Tests.Studies;

/// <summary>Whole studies of tiny models: text to tested correlation, in real child processes.</summary>
[Collection(PostgreSqlTests.Name)]
public sealed class StudyRunTests(PostgreSqlServer server)
{
    private static Task<List<(int Step, double? Loss)>>? undisturbedLosses;

    [Theory, EachStore]
    public async Task A_study_runs_from_text_to_a_permutation_test(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var definition = TinyStudy.On(platform) with { Grids = [new StudyGrid { Widths = [8], Depths = [1], Seeds = [0, 1, 2] }] };
        var study = await platform.Get<StudyService>().CreateAsync(definition, null, null, default);
        var seen = new List<StudyProgress>();
        var status = await platform.Get<StudyRunner>().RunAsync(study.Id, 2, new Collector(seen), default);

        Assert.True(status.Count(JobState.Succeeded) == 8, string.Join('\n', status.Jobs.Select(job => $"{job.Kind} {job.State} {job.Error}")));
        Assert.All(status.Jobs, job => Assert.Equal((1, 0), (job.Attempt, job.ProcessDeaths)));
        Assert.Contains(seen, progress => progress.Count(JobState.Running) == 2);

        var table = await platform.Get<StudyResults>().LoadAsync(study.Id, default);
        foreach (var row in table.Rows)
        {
            Assert.InRange(row.Value("val_loss")!.Value, 0.1, Math.Log(300) + 0.5);
            Assert.True(row.Value("cdnv") is not null || row.UndefinedReasons.ContainsKey("cdnv"), "cdnv has neither value nor reason");
            Assert.InRange(row.Value("ncc_agreement")!.Value, 0, 1);
        }
        Assert.Equal(MeasurementCatalog.All.Count(definition => definition.Property != "generalisation"), table.Measurements.Count);
        Assert.Single(StudyResults.SeedGroups(table));

        await using var store = platform.OpenStore();
        var run = await store.Runs.Include(run => run.Checkpoints).FirstAsync();
        Assert.True(run.ValidationLoss < run.InitialValidationLoss, $"{run.InitialValidationLoss} → {run.ValidationLoss}");
        var artifacts = platform.Get<ArtifactStore>();
        Assert.True(File.Exists(artifacts.Resolve($"{Assert.Single(run.Checkpoints).ArtifactPath}/model.safetensors")));
        var tested = await store.Set<PermutationTestRow>().ToListAsync();
        Assert.Equal(table.Measurements.Order(), tested.Select(row => row.Measurement).Order());
        Assert.All(tested.Where(row => row.R is not null), row => Assert.Equal((3, true, 6), (row.Count, row.Exact, row.Permutations)));
        Assert.Empty(await store.Workers.ToListAsync());
    }

    [Theory, EachStore]
    public async Task A_training_whose_process_is_killed_goes_on_and_ends_with_the_same_losses(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var definition = TinyStudy.On(platform) with { Grids = [new StudyGrid { Widths = [32], Depths = [2], Seeds = [0] }], MaximumSteps = 450, Permutations = 0 };
        var disturbed = await platform.Get<StudyService>().CreateAsync(definition, null, null, default);
        var running = platform.Get<StudyRunner>().RunAsync(disturbed.Id, 1, null, default);
        var runId = disturbed.Runs[0].Id;
        var jobId = disturbed.Runs[0].JobId;
        // Past the first saved state, so that the second attempt has something to go on from.
        await PermutationJobs.WaitAsync(platform, jobId, job => job.Progress > 0.5 && job.State == JobState.Running);
        ChildRunnerTests.KillChild(platform, jobId!.Value);
        var status = await running;

        var job = status.Jobs.Single(job => job.Id == jobId);
        Assert.Equal((JobState.Succeeded, 2, 1), (job.State, job.Attempt, job.ProcessDeaths));
        Assert.Equal(3, status.Count(JobState.Succeeded));
        Assert.Equal(await (undisturbedLosses ??= UndisturbedAsync(platform, definition)), Losses(platform, runId));
    }

    /// <summary>Every logged loss, and last the validation's, of a training that nobody disturbs; on whichever database comes first, for both.</summary>
    private static async Task<List<(int Step, double? Loss)>> UndisturbedAsync(TestPlatform platform, StudyDefinition definition)
    {
        var study = await platform.Get<StudyService>().CreateAsync(definition with { Name = "undisturbed" }, null, null, default);
        await platform.Get<StudyRunner>().RunAsync(study.Id, 1, null, default);
        return Losses(platform, study.Runs[0].Id);
    }

    private static List<(int Step, double? Loss)> Losses(TestPlatform platform, long runId)
    {
        using var store = platform.OpenStore();
        var run = store.Runs.Single(run => run.Id == runId);
        return [.. File.ReadAllLines(platform.Get<ArtifactStore>().Resolve($"{run.ArtifactPath}/metrics.jsonl")).Select(line =>
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return (root.GetProperty("step").GetInt32(), root.TryGetProperty("loss", out var loss) && loss.ValueKind == JsonValueKind.Number ? loss.GetDouble() : (double?)null);
        }), (-1, run.ValidationLoss)];
    }

    private sealed class Collector(List<StudyProgress> seen) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value) => seen.Add(value);
    }
}
