using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using NcService.Platform.Artifacts;
using NcService.Platform.Deleting;
using NcService.Platform.Jobs;
using NcService.Platform.Store;
using NcService.Platform.Tests.Jobs;

namespace NcService.Platform.Tests.Deleting;

/// <summary>Files of what was deleted, and processes that still know it.</summary>
[Collection(PostgreSqlTests.Name)]
public sealed class DeletedArtifactsTests(PostgreSqlServer server)
{
    private readonly TestClock clock = new();

    [Theory, EachStore]
    public async Task A_crash_after_the_commit_leaves_files_that_the_sweep_takes_away_and_nothing_else(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind, time: clock);
        var (sweep, artifacts) = (platform.Get<DeletedArtifacts>(), platform.Get<ArtifactStore>());
        await using (var store = platform.OpenStore())
        {
            store.Add(new DeletedArtifact { Path = "runs/7", DeletedAt = clock.Now });
            await store.SaveChangesAsync();
        }
        await WriteAsync("runs/7/1/checkpoint/model.safetensors");
        await WriteAsync("runs/8/1/checkpoint/model.safetensors");
        Assert.Equal(1, await sweep.SweepAsync(default));
        Assert.Equal(["8"], Directory.GetDirectories(artifacts.Resolve("runs")).Select(Path.GetFileName));

        // Whoever was suspended in the middle of the work writes once more, within a day.
        clock.MoveTo(clock.Now.AddHours(23));
        await WriteAsync("runs/7/1/metrics.jsonl");
        Assert.Equal((1, 0), (await sweep.SweepAsync(default), await sweep.SweepAsync(default)));
        clock.MoveTo(clock.Now.AddHours(2));
        await sweep.SweepAsync(default);
        await using var again = platform.OpenStore();
        Assert.False(await again.DeletedArtifacts.AnyAsync());
        Assert.Equal(["8"], Directory.GetDirectories(artifacts.Resolve("runs")).Select(Path.GetFileName));

        Task WriteAsync(string path) => artifacts.WriteFileAsync(path, (_, _) => Task.CompletedTask, default);
    }

    [Theory, EachStore]
    public async Task An_attempt_that_lost_its_job_ends_quietly_where_the_job_has_been_deleted(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var report = await PermutationJobs.RequestAsync(platform);
        var (jobId, transitions) = (report.JobId!.Value, platform.Get<JobTransitions>());
        await transitions.TryTakeAsync(jobId, "sleeper", default);
        var sleeper = new JobRunner(
            platform.Get<IDbContextFactory<NcServiceContext>>(), transitions, [new Sleeps(DeleteMeanwhileAsync)], platform.Get<ArtifactStore>(), platform.Get<Uploads>(), TimeProvider.System, NullLogger<JobRunner>.Instance);
        Assert.Null(await sleeper.ExecuteAsync(jobId, 1, default));

        async Task DeleteMeanwhileAsync()
        {
            await transitions.HandBackAsync(jobId, 1, "its lease ended", default);
            await transitions.TryTakeAsync(jobId, "other", default);
            await transitions.FailAsync(jobId, 2, "it could not be done", default);
            Assert.True(await platform.Get<Deletion>().DeletePermutationTestAsync(report.Id, default));
        }
    }

    private sealed class Sleeps(Func<Task> meanwhile) : IJobExecutor
    {
        public JobKind Kind => JobKind.PermutationTest;

        public async Task<ResultWriter> ExecuteAsync(Job job, IJobProgress progress, CancellationToken cancellationToken)
        {
            await meanwhile();
            return (_, _) => Task.CompletedTask;
        }
    }
}
