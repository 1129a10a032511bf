using NcService.Platform.Store;

namespace NcService.EndToEnd.Tests.Faults;

/// <summary>Each fault once, all of them on one training; by <c>make soak</c>, before each strikes every kind of work by itself.</summary>
public sealed class FaultTests(ServiceCluster cluster) : IClassFixture<ServiceCluster>
{
    [SoakFact]
    public async Task A_training_that_everything_happens_to_ends_once_with_the_losses_of_one_that_nobody_disturbed()
    {
        var works = new FaultWork(cluster, trainingSteps: 2_000);
        await works.PrepareAsync(WorkKind.Training);
        var work = await works.AskAsync(WorkKind.Training);
        await StrikeAsync(Fault.WebKilled, work, 0.1);
        await StrikeAsync(Fault.DatabaseStopped(2), work, 0.15);
        await StrikeAsync(Fault.NodeKilled, work, 0.2);
        await StrikeAsync(Fault.NodeSuspended, work, 0.3);
        await StrikeAsync(Fault.NodeTerminated, work, 0.4);
        if (cluster.CanFillDisk) await StrikeAsync(Fault.DiskFull, work, 0.5);
        await works.CheckAsync(work);
        Assert.InRange((await cluster.JobAsync(work.JobId)).Attempt, 4, 8);
    }

    private async Task StrikeAsync(Fault fault, Work work, double progress)
    {
        await cluster.WaitAsync(work.JobId, job => job.State == JobState.Running && job.Progress > progress);
        await fault.StrikeAsync(cluster, work);
    }
}
