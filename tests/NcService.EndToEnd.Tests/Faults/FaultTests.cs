using System.Diagnostics;
using System.Globalization;
using NcService.Platform.Store;
using Xunit.Abstractions;

namespace NcService.EndToEnd.Tests.Faults;

/// <summary>Each fault once, all of them on one training; <c>make soak</c> does each by itself on every kind of work.</summary>
[Collection(Collection)]
public sealed class FaultTests(ServiceCluster cluster, ITestOutputHelper output) : IClassFixture<ServiceCluster>
{
    /// <summary>Clusters are tried one after the other: each is as many processes as there are.</summary>
    public const string Collection = "faults";

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private double reached;

    [ClusterFact]
    public async Task A_training_that_everything_happens_to_ends_once_with_the_losses_of_one_that_nobody_disturbed()
    {
        var works = new FaultWork(cluster, trainingSteps: 2_000);
        await works.PrepareAsync(WorkKind.Training);
        var work = await works.AskAsync(WorkKind.Training);
        await StrikeAsync(Fault.WebKilled, work);
        await StrikeAsync(Fault.DatabaseStopped(1), work);
        await StrikeAsync(Fault.NodeKilled, work);
        await StrikeAsync(Fault.NodeSuspended, work);
        await StrikeAsync(Fault.NodeTerminated, work);
        if (cluster.CanFillDisk) await StrikeAsync(Fault.DiskFull, work);
        await works.CheckAsync(work);
        Assert.InRange((await cluster.JobAsync(work.JobId)).Attempt, 4, 8);
    }

    /// <summary>Strikes as soon as the training has gone on since the last fault.</summary>
    private async Task StrikeAsync(Fault fault, Work work)
    {
        var struck = await cluster.WaitAsync(work.JobId, job => job.State == JobState.Running && job.Progress > reached);
        reached = struck.Progress;
        var begin = clock.Elapsed;
        var outcome = await fault.StrikeAsync(cluster, work);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{begin.TotalSeconds:F1} s, attempt {struck.Attempt} at {struck.Progress:P0}: {fault.Name}: {outcome}, {clock.Elapsed.TotalSeconds:F1} s"));
    }
}
