using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Artifacts;
using NcService.Platform.Jobs;
using NcService.Platform.Store;

namespace NcService.Platform.Tests.Jobs;

/// <summary>Real child processes.</summary>
[Collection(PostgreSqlTests.Name)]
public sealed class ChildRunnerTests(PostgreSqlServer server)
{
    [Theory, EachStore]
    public async Task A_job_runs_in_a_child_process_and_its_results_are_there(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var report = await PermutationJobs.RequestAsync(platform);
        Assert.True(await platform.Get<ChildRunner>().RunAsync(report.JobId!.Value, 1, default));

        var job = await PermutationJobs.JobAsync(platform, report.JobId);
        Assert.Equal((JobState.Succeeded, 1, 1.0, (string?)null), (job.State, job.Attempt, job.Progress, job.Error));
        Assert.NotNull(job.FinishedAt);
        await using var store = platform.OpenStore();
        var row = await store.Set<PermutationTestRow>().SingleAsync();
        Assert.Equal((16, 10_000, false), (row.Count, row.Permutations, row.Exact));
        Assert.InRange(row.PTwoSided!.Value, 1e-4, 1);
        Assert.Equal(row.PTwoSided, row.PAdjusted);
        var log = await File.ReadAllTextAsync(platform.Get<ArtifactStore>().Resolve($"jobs/{job.Id}/log.txt"));
        Assert.Contains("attempt 1", log, StringComparison.Ordinal);
        Assert.Contains("Succeeded", log, StringComparison.Ordinal);
    }

    [Theory, EachStore]
    public async Task A_job_whose_process_is_killed_runs_again_and_succeeds(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var report = await PermutationJobs.RequestAsync(platform, PermutationJobs.Endless);
        await KillAsync(platform, report);
        await PermutationJobs.ShortenAsync(platform, report);
        Assert.Equal((JobState.Queued, 1), (await PermutationJobs.JobAsync(platform, report.JobId)) is var queued ? (queued.State, queued.ProcessDeaths) : default);

        Assert.True(await platform.Get<ChildRunner>().RunAsync(report.JobId!.Value, 1, default));
        var job = await PermutationJobs.JobAsync(platform, report.JobId);
        Assert.Equal((JobState.Succeeded, 2), (job.State, job.Attempt));
    }

    [Theory, EachStore]
    public async Task A_job_whose_process_is_killed_twice_fails_and_says_so(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var report = await PermutationJobs.RequestAsync(platform, PermutationJobs.Endless);
        await KillAsync(platform, report);
        await KillAsync(platform, report);
        var job = await PermutationJobs.JobAsync(platform, report.JobId);
        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("died 2 times", job.Error, StringComparison.Ordinal);
        Assert.Contains("signal 9", job.Error, StringComparison.Ordinal);
    }

    [Theory, EachStore]
    public async Task A_running_job_that_is_cancelled_stops_by_itself(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind, options => options.StopGraceSeconds = 300);
        var report = await PermutationJobs.RequestAsync(platform, PermutationJobs.Endless);
        var run = platform.Get<ChildRunner>().RunAsync(report.JobId!.Value, 1, default);
        await WorkingAsync(platform, report);
        await platform.Get<JobQueue>().CancelAsync(report.JobId.Value, default);
        var watch = Stopwatch.StartNew();
        await run;
        // Long before it would be killed.
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 60);
        var job = await PermutationJobs.JobAsync(platform, report.JobId);
        Assert.Equal((JobState.Cancelled, 0), (job.State, job.ProcessDeaths));
    }

    [Theory, EachStore]
    public async Task A_running_job_that_is_paused_waits_and_goes_on_when_it_is_resumed(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind, options => options.StopGraceSeconds = 300);
        var report = await PermutationJobs.RequestAsync(platform, PermutationJobs.Endless);
        var (id, queue, runner) = (report.JobId!.Value, platform.Get<JobQueue>(), platform.Get<ChildRunner>());
        var run = runner.RunAsync(id, 1, default);
        await WorkingAsync(platform, report);
        await queue.PauseAsync(job => job.Id == id, default);
        await run;
        var paused = await PermutationJobs.JobAsync(platform, id);
        Assert.Equal((JobState.Queued, true, 0, "paused"), (paused.State, paused.Paused, paused.ProcessDeaths, paused.ProgressText));
        Assert.InRange(paused.RunSeconds, 0.1, 180);
        Assert.False(await runner.RunAsync(id, 1, default));

        await PermutationJobs.ShortenAsync(platform, report);
        await queue.ResumeAsync(job => job.Id == id, default);
        Assert.True(await runner.RunAsync(id, 1, default));
        Assert.Equal((JobState.Succeeded, 2), (await PermutationJobs.JobAsync(platform, id)) is var done ? (done.State, done.Attempt) : default);
    }

    [Theory, EachStore]
    public async Task A_job_whose_node_stops_is_handed_back(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var report = await PermutationJobs.RequestAsync(platform, PermutationJobs.Endless);
        using var stop = new CancellationTokenSource();
        var run = platform.Get<ChildRunner>().RunAsync(report.JobId!.Value, 1, stop.Token);
        await WorkingAsync(platform, report);
        await stop.CancelAsync();
        await run;
        var job = await PermutationJobs.JobAsync(platform, report.JobId);
        Assert.Equal((JobState.Queued, 0), (job.State, job.ProcessDeaths));
    }

    [Theory, EachStore]
    public async Task A_child_that_does_not_stop_in_time_is_killed_and_its_job_cancelled(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind, options => options.StopGraceSeconds = 1);
        var report = await PermutationJobs.RequestAsync(platform, PermutationJobs.Endless);
        var run = platform.Get<ChildRunner>().RunAsync(report.JobId!.Value, 1, default);
        await WorkingAsync(platform, report);
        using (var pause = Process.Start("kill", ["-STOP", ChildId(platform, report.JobId.Value).ToString()])) await pause.WaitForExitAsync();
        await platform.Get<JobQueue>().CancelAsync(report.JobId.Value, default);
        await run;
        Assert.Equal(JobState.Cancelled, (await PermutationJobs.JobAsync(platform, report.JobId)).State);
    }

    [Theory, EachStore]
    public async Task A_process_that_lost_its_job_stops_and_writes_nothing(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var report = await PermutationJobs.RequestAsync(platform, PermutationJobs.Endless);
        var run = platform.Get<ChildRunner>().RunAsync(report.JobId!.Value, 1, default);
        await WorkingAsync(platform, report);
        var transitions = platform.Get<JobTransitions>();
        await transitions.HandBackAsync(report.JobId.Value, 1, "its lease ended", default);
        Assert.Equal(2, await transitions.TryTakeAsync(report.JobId.Value, "other", default));
        await run;
        var job = await PermutationJobs.JobAsync(platform, report.JobId);
        Assert.Equal((JobState.Running, 2, "other", 0), (job.State, job.Attempt, job.WorkerName, job.ProcessDeaths));
    }

    [Theory, EachStore]
    public async Task A_job_that_cannot_be_done_fails_with_one_clear_message(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var job = await platform.Get<JobQueue>().EnqueueAsync(new JobRequest(JobKind.PermutationTest, new JobParameters { PermutationTestId = 77 }), default);
        await platform.Get<ChildRunner>().RunAsync(job.Id, 1, default);
        Assert.Equal("There is no permutation test 77.", (await PermutationJobs.JobAsync(platform, job.Id)).Error);
    }

    [Theory, EachStore]
    public async Task A_worker_program_that_is_missing_is_named(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind, options => options.WorkerPath = "/nowhere/NcService.Worker.dll");
        var report = await PermutationJobs.RequestAsync(platform);
        await platform.Get<ChildRunner>().RunAsync(report.JobId!.Value, 1, default);
        var job = await PermutationJobs.JobAsync(platform, report.JobId);
        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("/nowhere/NcService.Worker.dll", job.Error, StringComparison.Ordinal);
    }

    /// <summary>SIGKILL to the process that executes a job.</summary>
    internal static void KillChild(TestPlatform platform, long jobId)
    {
        using var child = Process.GetProcessById(ChildId(platform, jobId));
        child.Kill();
    }

    private static async Task KillAsync(TestPlatform platform, PermutationTestReport report)
    {
        var run = platform.Get<ChildRunner>().RunAsync(report.JobId!.Value, 1, default);
        await WorkingAsync(platform, report);
        KillChild(platform, report.JobId.Value);
        await run;
    }

    private static Task<Job> WorkingAsync(TestPlatform platform, PermutationTestReport report) =>
        PermutationJobs.WaitAsync(platform, report.JobId, job => job.State == JobState.Running && job.ProgressText?.Contains("permutations", StringComparison.Ordinal) == true);

    /// <summary>The child says its process id in the first line of its log.</summary>
    private static int ChildId(TestPlatform platform, long jobId)
    {
        using var log = new FileStream(platform.Get<ArtifactStore>().Resolve($"jobs/{jobId}/log.txt"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(log);
        var text = reader.ReadToEnd();
        var last = text.LastIndexOf("process ", StringComparison.Ordinal) + "process ".Length;
        return int.Parse(text.AsSpan(last, text.AsSpan(last).IndexOfAnyExceptInRange('0', '9')));
    }
}
