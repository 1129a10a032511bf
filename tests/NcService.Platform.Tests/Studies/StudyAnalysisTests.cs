using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NcService.Core.Collapse;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using NcService.Platform.Tests.Jobs;

namespace NcService.Platform.Tests.Studies;

/// <summary>The analyses of a study, in real child processes.</summary>
[Collection(PostgreSqlTests.Name)]
public sealed class StudyAnalysisTests(PostgreSqlServer server)
{
    private static Task<Dictionary<string, double?>>? undisturbedMeasurements;

    [Theory, EachStore]
    public async Task An_analysis_whose_process_is_killed_goes_on_at_its_last_finished_shard(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var definition = TinyStudy.On(platform) with
        {
            Grids = [new StudyGrid { Widths = [16], Depths = [1] }],
            MaximumSteps = 20,
            BatchSize = 1,
            AnalysisChunks = 300,
            ShardChunks = 1,
            Permutations = 0,
        };
        var study = await platform.Get<StudyService>().CreateAsync(definition, null, null, default);
        var running = platform.Get<StudyRunner>().RunAsync(study.Id, 1, null, default);
        var analysis = study.Runs[0].Analyses[0];
        var folder = platform.Get<ArtifactStore>().Resolve($"analyses/{analysis.Id}");
        await ShardsAsync(folder, shards => shards.Count >= 3);
        ChildRunnerTests.KillChild(platform, analysis.JobId!.Value);
        await PermutationJobs.WaitAsync(platform, analysis.JobId, job => job.ProcessDeaths == 1);

        // The second attempt takes shards in their order: once it writes another, it has passed by those that were there, and left them as they were.
        var finished = await ShardsAsync(folder, shards => shards.Count > 0);
        var later = await ShardsAsync(folder, shards => shards.Keys.Except(finished.Keys).Any() && !finished.Keys.Except(shards.Keys).Any());
        Assert.All(finished, shard => Assert.Equal(shard.Value, later[shard.Key]));
        Assert.InRange(finished.Count, 3, 299);
        var status = await running;
        var job = status.Jobs.Single(job => job.Id == analysis.JobId);
        Assert.Equal((JobState.Succeeded, 2, 1), (job.State, job.Attempt, job.ProcessDeaths));

        var expected = await (undisturbedMeasurements ??= UndisturbedAsync(platform, definition));
        Assert.NotNull(expected["cdnv"]);
        Assert.Equal(expected, await MeasurementsAsync(platform, analysis.Id));
    }

    /// <summary>What an analysis measures that nobody disturbs; on whichever database comes first, for both.</summary>
    private static async Task<Dictionary<string, double?>> UndisturbedAsync(TestPlatform platform, StudyDefinition definition)
    {
        var study = await platform.Get<StudyService>().CreateAsync(definition with { Name = "undisturbed" }, null, null, default);
        await platform.Get<StudyRunner>().RunAsync(study.Id, 1, null, default);
        return await MeasurementsAsync(platform, study.Runs[0].Analyses[0].Id);
    }

    [Theory, EachStore]
    public async Task A_study_says_what_of_the_blocks_is_measured_and_how_often_while_training(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var definition = TinyStudy.On(platform) with
        {
            Grids = [new StudyGrid { Widths = [8], Depths = [2] }],
            Permutations = 0,
            AnalyseLayers = true,
            LayerEmbedding = LayerEmbedding.Residual,
            ShardChunks = 7,
            ProbeInterval = 15,
        };
        var study = await platform.Get<StudyService>().CreateAsync(definition, null, null, default);
        var status = await platform.Get<StudyRunner>().RunAsync(study.Id, 1, null, default);
        Assert.Equal(status.Jobs.Count, status.Count(JobState.Succeeded));

        await using var store = platform.OpenStore();
        var analysis = await store.Analyses.Include(analysis => analysis.Run).SingleAsync();
        using var options = JsonDocument.Parse(analysis.Options!);
        Assert.Equal(("Residual", 7), (options.RootElement.GetProperty("layerEmbedding").GetString(), options.RootElement.GetProperty("shardChunks").GetInt32()));

        // Through the final LayerNorm the last block would give the model's own embeddings.
        var artifacts = platform.Get<ArtifactStore>();
        var details = CollapseDetails.Load(artifacts.Resolve($"{analysis.ArtifactPath}/details.json"));
        var last = details.Layers[^1].Measurements.Single(measurement => measurement.Name == "norms_mean").Value;
        Assert.Equal(2, details.Layers.Count);
        Assert.NotEqual((await MeasurementsAsync(platform, analysis.Id))["norms_mean"], last);

        var points = CollapseProbe.Read(artifacts.Resolve($"{analysis.Run!.ArtifactPath}/{CollapseProbe.FileName}"));
        Assert.Equal([0, 15, 30], points.Select(point => point.Step));
        Assert.All(points, point => Assert.NotEqual(point.Measurements["norms_mean"], point.Layers![^1]["norms_mean"]));
    }

    /// <summary>Waits until an analysis's finished shards are as wanted: names, and when each was written.</summary>
    private static async Task<Dictionary<string, DateTime>> ShardsAsync(string folder, Func<Dictionary<string, DateTime>, bool> wanted)
    {
        var deadline = DateTime.UtcNow.AddSeconds(180);
        while (true)
        {
            var shards = Shards(folder);
            if (wanted(shards)) return shards;
            Assert.True(DateTime.UtcNow < deadline, $"{shards.Count} shards lie under {folder}");
            await Task.Delay(5);
        }
    }

    private static Dictionary<string, DateTime> Shards(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                ? new DirectoryInfo(folder).GetFiles("train-*.safetensors", SearchOption.AllDirectories).ToDictionary(file => file.Name, file => file.LastWriteTimeUtc)
                : [];
        }
        catch (DirectoryNotFoundException)
        {
            // The next attempt takes the folder over by renaming it.
            return [];
        }
    }

    private static async Task<Dictionary<string, double?>> MeasurementsAsync(TestPlatform platform, long analysisId)
    {
        await using var store = platform.OpenStore();
        return await store.Analyses.Where(analysis => analysis.Id == analysisId).SelectMany(analysis => analysis.Measurements)
            .ToDictionaryAsync(row => row.Name, row => row.Value);
    }
}
