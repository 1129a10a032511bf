using System.Globalization;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Results;
using NcService.Platform.Store;

namespace NcService.Platform.Tests.Jobs;

/// <summary>Permutation tests as jobs of a chosen length: real work, without a tensor engine.</summary>
internal static class PermutationJobs
{
    private const int RunCount = 16;

    /// <summary>So many runs are shuffled one by one, at about a microsecond each time.</summary>
    private const int RunCountOfEndless = 250;

    /// <summary>More than can end within a test.</summary>
    public const long Endless = 1_000_000_000;

    public static async Task<PermutationTestReport> RequestAsync(TestPlatform platform, long permutations = 10_000)
    {
        var random = new Random(5);
        var lines = Enumerable.Range(0, permutations == Endless ? RunCountOfEndless : RunCount).Select(i => string.Create(CultureInfo.InvariantCulture, $"02x0064_01d{i:00},{random.NextDouble()},{random.NextDouble()}"));
        using var csv = new StringReader("model,val_loss,cdnv\n" + string.Join('\n', lines) + "\n");
        var study = await platform.Get<ResultImport>().ImportAsync(csv, "seeds.csv", $"seeds {Guid.NewGuid()}", default);
        return await platform.Get<PermutationTestService>().RequestAsync(study.Id, [.. study.Runs.Select(run => run.Id)], ["cdnv"], "val_loss", permutations, 1, default);
    }

    /// <summary>Makes a queued test short, so that its next attempt ends.</summary>
    public static async Task ShortenAsync(TestPlatform platform, PermutationTestReport report)
    {
        await using var store = platform.OpenStore();
        await store.PermutationTests.Where(row => row.Id == report.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.Permutations, 10_000));
    }

    public static async Task<Job> JobAsync(TestPlatform platform, long? jobId)
    {
        await using var store = platform.OpenStore();
        return await store.Jobs.SingleAsync(job => job.Id == jobId);
    }

    /// <summary>Waits until a job is as wanted; fails after a deadline with what it was last.</summary>
    public static async Task<Job> WaitAsync(TestPlatform platform, long? jobId, Func<Job, bool> wanted)
    {
        var deadline = DateTime.UtcNow.AddSeconds(180);
        while (true)
        {
            var job = await JobAsync(platform, jobId);
            if (wanted(job)) return job;
            Assert.True(DateTime.UtcNow < deadline, $"Job {jobId} is {job.State}, attempt {job.Attempt}, '{job.ProgressText}', {job.Error}");
            await Task.Delay(20);
        }
    }
}
