using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Text;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Platform.Tests.Studies;

[Collection(PostgreSqlTests.Name)]
public sealed class StudyServiceTests(PostgreSqlServer server)
{
    private static readonly StudyDefinition Definition = new()
    {
        Name = "small",
        Tokenizer = new TokenizerSpecification { Kind = TokenizerKind.Trained, VocabularySize = 300 },
        ContextLength = 32,
        Grids = [new StudyGrid { Widths = [8, 16], Depths = [1] }, new StudyGrid { Widths = [16], Depths = [1], Seeds = [0, 1, 2] }],
    };

    [Theory, EachStore]
    public async Task A_study_has_its_dataset_runs_analyses_tests_and_jobs_in_order(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var created = await platform.Get<StudyService>().CreateAsync(Definition, "me", null, default);

        await using var store = platform.OpenStore();
        var study = await store.Studies.Include(study => study.Runs).ThenInclude(run => run.Analyses).Include(study => study.Dataset).Include(study => study.PermutationTests).SingleAsync();
        Assert.Equal(created.Id, study.Id);
        // The configuration that both grids have is trained once.
        Assert.Equal(["01x0008_01d00", "01x0016_01d00", "01x0016_01d01", "01x0016_01d02"], study.Runs.Select(run => run.Name).Order());
        // By hand for d = 8: embeddings (300 + 32)·8, one block 12·64 + (8 + 8 + 32) biases + 4·8, final norm 16.
        Assert.Equal((332 * 8) + (12 * 64) + 48 + 32 + 16, study.Runs.Single(run => run.Width == 8).ParameterCount);
        var test = Assert.Single(study.PermutationTests);
        Assert.Equal("3 runs that differ in nothing but the seed: 1 layer, d = 16, 1 epoch, weight decay 0.0005", test.Description);

        var jobs = await store.Jobs.Include(job => job.DependsOn).OrderBy(job => job.Id).ToListAsync();
        Assert.Equal(
            [JobKind.PrepareDataset, .. Enumerable.Repeat(new[] { JobKind.TrainRun, JobKind.AnalyseCheckpoint }, 4).SelectMany(pair => pair), JobKind.PermutationTest],
            jobs.Select(job => job.Kind));
        Assert.All(jobs.Where(job => job.Kind == JobKind.TrainRun), job => Assert.Equal([jobs[0].Id], job.DependsOn.Select(edge => edge.DependsOnJobId)));
        Assert.All(study.Runs, run => Assert.Equal([run.JobId!.Value], jobs.Single(job => job.Id == run.Analyses[0].JobId).DependsOn.Select(edge => edge.DependsOnJobId)));
        Assert.Equal(3, jobs[^1].DependsOn.Count);
        Assert.All(jobs, job => Assert.Equal((study.Id, "me"), (job.StudyId, job.RequestedBy)));
    }

    [Theory, EachStore]
    public async Task Two_studies_on_the_same_text_share_its_preparation(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        await platform.Get<StudyService>().CreateAsync(Definition, null, null, default);
        await platform.Get<StudyService>().CreateAsync(Definition with { Name = "again" }, null, null, default);
        await platform.Get<StudyService>().CreateAsync(Definition with { Name = "by name", Dataset = "small" }, null, null, default);
        await using var store = platform.OpenStore();
        Assert.Equal(1, await store.Datasets.CountAsync());
        Assert.Equal(1, await store.Jobs.CountAsync(job => job.Kind == JobKind.PrepareDataset));
    }

    [Theory, EachStore]
    public async Task What_cannot_be_created_leaves_nothing_behind(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var service = platform.Get<StudyService>();
        await Assert.ThrowsAsync<InputException>(() => service.CreateAsync(Definition with { BatchSize = 0 }, null, null, default));
        await Assert.ThrowsAsync<InputException>(() => service.CreateAsync(Definition with { Dataset = "nowhere" }, null, null, default));
        await using var store = platform.OpenStore();
        Assert.Equal((0, 0), (await store.Studies.CountAsync(), await store.Jobs.CountAsync()));
    }

    [Theory, EachStore]
    public async Task A_name_is_used_once_and_a_key_makes_one_study(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var service = platform.Get<StudyService>();
        var first = await service.CreateAsync(Definition, null, "key", default);
        Assert.Equal(first.Id, (await service.CreateAsync(Definition, null, "key", default)).Id);
        await Assert.ThrowsAsync<InputException>(() => service.CreateAsync(Definition with { Name = "other" }, null, "key", default));
        var exception = await Assert.ThrowsAsync<InputException>(() => service.CreateAsync(Definition, null, null, default));
        Assert.Contains("'small'", exception.Message, StringComparison.Ordinal);
    }

    [Theory, EachStore]
    public async Task Cancelling_a_study_ends_what_is_queued_and_asks_what_runs_to_stop(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var study = await platform.Get<StudyService>().CreateAsync(Definition, null, null, default);
        await using var store = platform.OpenStore();
        var preparation = await store.Jobs.AsNoTracking().FirstAsync();
        await platform.Get<JobTransitions>().TryTakeAsync(preparation.Id, "node", default);
        await platform.Get<StudyService>().CancelAsync(study.Id, default);
        var jobs = await store.Jobs.AsNoTracking().ToListAsync();
        Assert.Equal(9, jobs.Count(job => job.State == JobState.Cancelled));
        Assert.True(jobs.Single(job => job.State == JobState.Running).CancelRequested);
    }
}
